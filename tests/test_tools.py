"""The small programs behind `make check` find what they are there to find."""

from pathlib import Path

import pytest

from tools import capture, check_links, lint_sql

GOOD = "-- question: How many?\n-- grain: one row\nselect count(*) as staff\nfrom selected($selection)\n"


def test_a_good_question_has_no_problems():
    assert lint_sql.problems(GOOD, question=True) == []
    assert lint_sql.header(GOOD) == {"question": "How many?", "grain": "one row"}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("-- grain: one row\n", "", "no `-- grain"),
        ("-- question: How many?", "-- question:", "no `-- question"),
        ("select count", "SELECT count", "SELECT is not in lower case"),
        ("as staff", "as Staff", "Staff is not in lower case"),
        ("$selection)\n", "$selection); select 1\n", "2 statements"),
        ("from selected", "from from selected", "DuckDB cannot read it"),
        ("select count", "\tselect count", "a tab"),
        ("staff\n", "staff \n", "blanks at the end"),
        ("$selection)\n", "$selection)", "exactly one line end"),
        ("as staff", "as staff, '" + "x" * lint_sql.LINE_LENGTH + "' as long", "longer than"),
    ],
)
def test_each_fault_in_a_question_is_found(old, new, found):
    assert GOOD.count(old) == 1
    problems = lint_sql.problems(GOOD.replace(old, new), question=True)
    assert any(found in problem for problem in problems), problems


def test_capitals_in_names_with_quotation_marks_texts_and_remarks_are_left_alone():
    sql = GOOD.replace("count(*) as staff", "count(*) as \"Staff\", 'UNDP É' as é -- Not THIS")
    assert lint_sql.problems(sql, question=True) == []


def test_repairing_keeps_what_is_not_a_capital():
    assert lint_sql.quietened("SELECT 'É' AS Écart, \"Keep\"  \nFROM t") == "select 'É' as Écart, \"Keep\"\nfrom t\n"


def test_what_only_prepares_may_hold_more_and_needs_no_question():
    assert lint_sql.problems("set threads = 1;\nset TimeZone = 'UTC';\n".lower(), question=False) == []


def test_broken_links_are_found(tmp_path: Path):
    page = tmp_path / "docs" / "page.md"
    other = tmp_path / "other.md"
    page.parent.mkdir()
    other.write_text("# The `title`, twice\n\n# The `title`, twice\n\n<a id='here'></a>\n", encoding="utf-8")
    page.write_text(
        "[a](../other.md#the-title-twice) [b](../other.md#the-title-twice-1) [c](../other.md#here)\n"
        "[d](https://example.org) `[not](a-link.md)`\n"
        "[no](../other.md#nowhere) ![no](gone.png) [no](../../out.md)\n"
        "\n"
        "<img src='lost.png'>\n",
        encoding="utf-8",
    )
    found = list(check_links.problems(page, {page, other}, tmp_path))
    assert [line for line, _ in found] == [1, 1, 1, 5]
    assert [problem.split()[0].rstrip(":") for _, problem in found] == [
        "../other.md#nowhere",
        "gone.png",
        "../../out.md",
        "lost.png",
    ]


def test_what_differs_between_two_captures_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    said = {"before": {"/": b"<p>a</p><p>b</p>", "/gone": b"x"}, "after": {"/": b"<p>a</p><p>c</p>", "/new": b"x"}}
    for name, answers in said.items():
        folder = capture.Folder(tmp_path / name)
        for address, content in answers.items():
            folder.add(address, 200, content)
        folder.finish()
    assert capture.compare(tmp_path / "before", tmp_path / "before") == 0
    capsys.readouterr()
    assert capture.compare(tmp_path / "before", tmp_path / "after") == 3
    printed = capsys.readouterr().out
    assert "== / (200, 200)" in printed
    assert "-<p>b</p>\n+<p>c</p>" in printed
    assert "<p>a</p>\n" not in printed.replace("-<p>b</p>", "")


@pytest.mark.slow
@pytest.mark.prove(only=True)
def test_a_release_says_the_same_twice(small_dir: Path, tmp_path: Path):
    for name in ("first", "second"):
        capture.capture(small_dir, tmp_path / name, 5)
    assert capture.compare(tmp_path / "first", tmp_path / "second") == 0
