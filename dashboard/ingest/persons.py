"""What tells a person apart: headings in the six UN languages, and addresses. Whatever has it is never stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Words of column headings that mean a person is told apart. A heading is split into words; one of these, or one of the
# phrases, is enough. Refused before anything is stored.
_WORDS = frozenset(
    word
    for line in (
        "name names fullname firstname lastname surname surnames forename initials index indexno email emails mail",
        "dob birth birthdate birthday phone telephone mobile passport matricule emplid pernr username login address",
        "nom noms prenom prenoms courriel naissance telephone passeport adresse",
        "nombre nombres apellido apellidos correo nacimiento telefono movil pasaporte direccion cedula dni",
        "vorname nachname personalnummer geburtsdatum cognome sobrenome",
        "имя фамилия отчество фио почта паспорт рождения телефон адрес табельный",
        "اسم الاسم الأسماء اسماء لقب اللقب بريد البريد الهاتف هاتف جواز الجواز الميلاد ميلاد العنوان الموظف",
    )
    for word in line.split(" ")
)
#: Chinese has no spaces: these are looked for within a heading.
_CHINESE = (
    "姓名",
    "名字",
    "姓氏",
    "工号",
    "员工号",
    "职工号",
    "员工编号",
    "邮箱",
    "电子邮件",
    "护照",
    "出生",
    "电话",
    "手机",
    "身份证",
)
_PHRASES = (
    "staff id",
    "staff no",
    "staff number",
    "staff member",
    "employee id",
    "employee no",
    "employee number",
    "employee",
    "personnel number",
    "personnel no",
    "personnel id",
    "national id",
    "id number",
    "laissez passer",
    "numero d agent",
    "numero de funcionario",
    "numero de empleado",
    "staffid",
    "employeeid",
)
#: "department name" and "name of entity" tell of a thing, not of a person.
_THINGS = frozenset(
    word
    for line in (
        "department duty station entity grade country unit office section division post city organization organisation",
        "agency location level region sheet file codelist code column field file category appointment contract group",
        "entite organisation pays bureau departement lieu classe categorie ville",
        "entidad organizacion pais oficina departamento lugar ciudad grado",
        "организации подразделения страны города",
        "الكيان المنظمة البلد الإدارة",
    )
    for word in line.split(" ")
)
_NAMES = frozenset(("name", "names", "nom", "noms", "nombre", "nombres", "имя", "اسم", "الاسم"))
#: Who is counted, in French: "nombre de femmes" is a number. In Spanish "nombre" is a name.
_COUNTED = frozenset(
    [
        "femmes",
        "hommes",
        "personnes",
        "fonctionnaires",
        "agents",
        "effectif",
        "effectifs",
        "total",
        "personnel",
        "postes",
        "employes",
    ]
)

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
#: More of a heading than this is not looked at: no heading is that long, and a hostile one could be 4 MB.
_LOOKED_AT = 300


def _split(text: str) -> list[str]:
    """The words of a heading, without accents, FirstName and first_name alike."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:_LOOKED_AT])
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(letter)
    )
    return re.sub(r"[\W_]+", " ", plain).split()


#: The words above, split as headings are: an accent or a mark on a letter does not matter.
_PLAIN = frozenset(part for word in _WORDS for part in _split(word))
_PLAIN_NAMES = frozenset(part for word in _NAMES for part in _split(word))
_PLAIN_THINGS = frozenset(part for word in _THINGS for part in _split(word))


def is_personal(text: str) -> bool:
    """True if a column heading reads like an identifier of a person."""
    words = _split(text)
    if not words:
        return False
    if any(mark in text[:_LOOKED_AT] for mark in _CHINESE):
        return True
    if hit := _PLAIN & set(words):
        if hit <= _PLAIN_NAMES and _names_a_thing(words):
            return False
        return not (words[0] == "nombre" and _COUNTED & set(words))
    joined = f" {' '.join(words)} "
    return "e mail" in joined or any(f" {phrase} " in joined for phrase in _PHRASES)


def _names_a_thing(words: list[str]) -> bool:
    """True of "department name" and "name of entity", not of "name and grade"."""
    last = words[-1] in _PLAIN_NAMES
    of = words[0] in _PLAIN_NAMES and len(words) > 2 and words[1] in ("of", "de", "del", "du", "des", "the")
    return (last or of) and bool(_PLAIN_THINGS & set(words)) and not {"and", "or", "et", "y", "und", "и"} & set(words)


def is_count_or_person(text: str) -> bool:
    """True of headings that mean heads to some and persons to others: `Nombre`, `Staff members`, `Employees`.

    What stands below decides: whole numbers are heads.
    """
    words = _split(text)
    return bool(words) and (
        words[0] in ("nombre", "employee", "employees") or words[:2] in (["staff", "member"], ["staff", "members"])
    )


def are_heads(values: Iterable[str]) -> bool:
    """True if these values are numbers that heads could be; a personnel number has more digits."""
    filled = [value.strip() for value in values if value.strip()]
    return bool(filled) and all(re.fullmatch(r"\d{1,5}(?:[.,]0+)?", value) for value in filled)


def address_in(text: str) -> bool:
    """True if something like an e-mail address stands in a text."""
    return "@" in text and EMAIL.search(text) is not None
