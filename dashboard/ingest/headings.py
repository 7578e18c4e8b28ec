"""Headings of columns: what they are called in the contract, and what people call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from dashboard.ingest import contract
from dashboard.ingest.spellings import alike, folded

#: No heading is longer, and a hostile one could be 4 MB.
LONGEST = 200
#: Columns that count one sex each, in place of `sex` and a count.
WOMEN, MEN, OTHER = "women", "men", "other"
PIVOTED = {WOMEN: "F", MEN: "M", OTHER: "X"}
#: A column of numbers that may be the sum of women and men, or the head-count itself.
TOTAL = "total"

_SPELLINGS = {
    "quarter": "quarter|reporting quarter|quarter year|reporting period|period|trimestre|periode|periodo|квартал|"
    "отчетный квартал|الربع|ربع السنة|الفصل|季度",
    "entity": "entity|entity code|organization|organisation|agency|un entity|name of entity|"
    "entity name|name of the entity|name of organization|organization name|"
    "entite|organisme|nom de l entite|entidad|organismo|"
    "nombre de la entidad|организация|учреждение|структура|الكيان|المنظمة|实体|机构|组织",
    "department": "department|department code|department name|name of department|dept|dept name|department office|"
    "departement|departamento|департамент|подразделение|الإدارة|القسم|部门|部",
    "duty_station": "duty station|duty station code|duty station name|name of duty station|dutystation|location|"
    "duty station location|lieu d affectation|lieu affectation|lugar de destino|место службы|مركز العمل|工作地点",
    "grade": "grade|grade code|grade name|level|grade level|staff grade|classe|grado|categoria y grado|класс|"
    "разряд|уровень|الرتبة|الدرجة|职等|级别|职级",
    "sex": "sex|gender|sex gender|gender sex|sexe|genre|sexo|genero|пол|الجنس|النوع|性别",
    "age_group": "age group|agegroup|age|age range|age bracket|age band|groupe d age|tranche d age|classe d age|"
    "grupo de edad|grupo etario|rango de edad|возраст|возрастная группа|الفئة العمرية|العمر|年龄组|年龄",
    "nationality": "nationality|nationality code|country of nationality|citizenship|nationalite|nacionalidad|"
    "гражданство|национальность|الجنسية|国籍",
    "appointment": "appointment|appointment type|type of appointment|contract|contract type|type of contract|"
    "type d engagement|engagement|type de contrat|nombramiento|tipo de nombramiento|tipo de contrato|"
    "тип контракта|вид контракта|контракт|نوع التعيين|نوع العقد|任用类型|合同类型",
    "rc": "rc|resident coordinator|is rc|resident coordinators|coordonnateur resident|coordinador residente",
    "headcount": "headcount|head count|heads|number|number of staff|no of staff|nr of staff|num of staff|"
    "staff count|count of staff|staff|staff number of|staff members|number of staff members|total staff|"
    "staff total|hc|count|persons|people|"
    "number of persons|number of people|number of employees|no of employees|employees|nombre|effectif|effectifs|"
    "nombre total|nombre de fonctionnaires|nombre d agents|nombre de personnes|nombre d employes|numero|"
    "numero de funcionarios|numero de personas|cantidad|efectivos|dotacion|численность|количество|"
    "число сотрудников|количество сотрудников|العدد|عدد الموظفين|人数|员工人数|职员人数",
    "kind": "kind|movement|movement type|type of movement|kind of movement|type de mouvement|tipo de movimiento",
    "reason": "reason|reason for revision|motif|raison|motivo|причина|السبب|原因",
    WOMEN: "women|woman|female|females|f|number of women|women count|no of women|female staff|femmes|femme|"
    "nombre de femmes|mujeres|mujer|numero de mujeres|femenino|feminin|женщины|жен|женщин|"
    "نساء|النساء|إناث|الإناث|女|女性|妇女",
    MEN: "men|man|male|males|m|number of men|men count|no of men|male staff|hommes|homme|nombre d hommes|hombres|"
    "hombre|numero de hombres|masculino|masculin|мужчины|муж|мужчин|رجال|الرجال|ذكور|الذكور|男|男性",
    OTHER: "x|other|others|other or not disclosed|non binary|nonbinary|autre|autres|otro|otros|другое|其他",
    TOTAL: "total|totals|sum|all|all staff|grand total|totales|somme|ensemble|suma|всего|итого|المجموع|合计|总计",
}


def _key(text: str) -> str:
    return " ".join(re.sub(r"\W+", " ", folded(text[:LONGEST])).split())


_BY_KEY = {_key(text): name for name, texts in _SPELLINGS.items() for text in texts.split("|")}


def meaning(text: str) -> str | None:
    """The column a heading names, `women`, `men`, `other` or `total`, or None. `count` depends on the table."""
    if not text.strip() or len(text) > LONGEST:
        return None
    return _meaning(text)


@lru_cache(maxsize=8192)
def _meaning(text: str) -> str | None:
    # Any cell of the first rows could be a heading, under each of the separators, and most hold the same few codes.
    key = _key(text)
    return _BY_KEY.get(key) or _BY_KEY.get(_key(alike(text)))


def recognised(row: Sequence[str]) -> int:
    """How many different headings stand in a row, if it can be a row of headings at all; else 0.

    At least three, and half of what stands there; or exactly those of the table of revisions.
    """
    filled = [text for text in row if text.strip()]
    if len(filled) < 2:
        return 0
    names = {name for text in filled if (name := meaning(text)) is not None}
    if names == {"quarter", "reason"} and len(filled) == len(names):
        return 2
    return len(names) if len(names) >= 3 and 2 * len(names) >= len(filled) else 0


def rows_with_headings(rows: Iterable[Sequence[str]]) -> int:
    """The most headings that stand in one of these rows."""
    return max((recognised(row) for row in rows), default=0)


def is_as_written(text: str, name: str) -> bool:
    """True if a heading is spelled as in the contract, but for case, spaces and dashes: nothing to say about it."""
    return contract.heading(text) == name
