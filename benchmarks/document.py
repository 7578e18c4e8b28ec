"""Writes docs/performance.md from one run, so that no figure in it is typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.report import Aim, Part, Table, aims_table, markdown

TARGET = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

HEAD = """\
# What it costs

Written by `python -m benchmarks --write-docs` from one run of every part; no figure below is typed. To measure again:

```
make bench                                   # every part, about fifteen minutes
.venv/bin/python -m benchmarks questions     # one part: questions, facets, views, pages, browser, scale
.venv/bin/python -m benchmarks --json FILE   # the same, with every figure in a file
```

It measures the release in service in `PARITY_DATA_DIR`; `make bench` builds the demonstration first where there is
none. Close everything else before: on a busy machine times say little, and each part says how much of the processors
others used meanwhile. Compare ratios within one run rather than times of two. Selections are drawn from a fixed seed,
so two runs ask the same. Differences under 15 per cent are none.
"""

MEANING = {
    "questions": """\
Each question is asked in this process by one thread, warm, as a page asks it (`ask`): understanding the selection,
planning and running the SQL, building the `Answer`; what an open release remembers is cleared before each. Beside it
stands numpy: the same filters as masks and the same grouping with `bincount`, over the same rows loaded into memory
beforehand. That is a floor, not a rival: nothing is read, decompressed or planned in it, and it answers only what was
loaded. It has to give the same women and men, or the run stops. A cell reads "median / what the aim allows"; the aim
allows 1 ms and twice the time of numpy.""",
    "facets": """\
One facet is one breakdown with the facet's own filter taken off, with every option of the code list named
(`answering.facets`). What an open release remembers is cleared before each. A page asks for the facets that are open,
never for all; "all" is every facet of the panel at once.""",
    "views": """\
What a browser posts when a filter changes, sent to gunicorn with `gunicorn.conf.py` over a kept-open connection of
this machine: from sending the request until the response with all figures, words and tables is read. No selection
comes twice, so no view is answered from what an open release remembers. Under load every client asks again as soon as
it is answered; clients and server share the cores. Responses are compressed and read as a browser's; an error is any
status but 200, a missing figure, or a panel that could not be drawn. Memory is that of the larger worker, after all of
it.""",
    "pages": """\
Every page of the product's own list, for both audiences. Of a page with figures: what a browser posts when a filter
changes, as in the part `views`, and a click in Chromium, as in the part `browser`. Of a plain page: the page itself,
under changing selections where it takes them along.""",
    "browser": """\
Chromium on the same machine, without a network between. A click is counted from the event itself until the last change
in the content of the page after every figure has been drawn again, with one facet open, as it is for a person who
clicks. A first visit has an empty cache and a server that has been asked before; bytes are counted on the wire,
compressed, with headers.""",
    "scale": """\
The same release with every cell ten times (`benchmarks/tenfold.py`), made for the run and deleted after it. Ratios set
its medians beside those of the same run above.""",
}

#: From this share of the processors used by others on, times are those of a machine with other things to do.
BUSY = 0.1

#: Said under an aim that was missed: why, and what would help.
WHY = {
    "questions": """\
Planning a statement costs DuckDB the better part of a millisecond whatever it reads (the question of who has reported
reads 40 rows, and shows it), so where numpy takes a fifth of a millisecond nothing is left for reading; and every row
of an answer is an object with its shares and status, which shows in answers of many hundred rows. Prepared statements
do not help (values are planned anew), nor do smaller row groups. What would help is counting over arrays of the current
quarter held in memory; that would be a second reader of a release beside the SQL, which this design does without.""",
    "facet": "As for questions: planning is the larger part of it, and every option of the code list is named.",
    "facets": "Each facet is a statement of its own. A page asks only for those that are open.",
    "view p50": "The table of steps shows where the time goes.",
    "view p95": "Under filters on nationality, age or appointment a trend reads all changes of all quarters.",
    "rate": "Two workers share the cores with eight clients; the table of steps shows what a view costs them.",
    "pages server": "Pages with rows for every cell of two dimensions make thousands of them for an answer.",
    "pages within": "The table names the pages and what they take.",
    "pages click": "What is above the server's time is plotly.js drawing the figures of the page, one after the other.",
    "pages clicks": "The table names the pages and what they take.",
    "memory": "DuckDB keeps what it has read; PARITY_MEMORY_LIMIT bounds it.",
    "click": "What is above the server's time is plotly.js drawing six figures, one after the other.",
    "load": "Most of it is the browser reading plotly.js and Dash, then drawing six figures.",
    "weight": "plotly.js is the largest part.",
    "scale questions": "A question over everything reads ten times the rows of its quarter.",
    "scale slowest": "Ten times the rows are read, and planning no longer hides it.",
    "scale facets": "A facet without other filters reads all rows of its quarter.",
    "scale views": "Views without narrow filters read ten times the rows.",
    "scale rate": "Views without narrow filters read ten times the rows.",
}


def _missed(aims: list[Aim]) -> Iterator[str]:
    for aim in aims:
        if not aim.met and aim.key in WHY:
            yield f"- **Missed: {aim.text}.** {' '.join(WHY[aim.key].split())}"


def _section(part: Part) -> Iterator[str]:
    yield f"## {part.name.capitalize()}"
    yield MEANING[part.name]
    for table in part.tables:
        if table.in_document:
            yield f"**{table.title}**"
            yield "\n".join(markdown(table))
    yield from part.notes
    missed = "\n".join(_missed(part.aims))
    if missed:
        yield missed


def write(parts: Mapping[str, Part], machine: Mapping[str, str], release: str, target: Path = TARGET) -> None:
    """The document of a run of every part."""
    aims = [aim for part in parts.values() for aim in part.aims]
    met = sum(aim.met for aim in aims)
    busy = [part for part in parts.values() if (part.others or 0) > BUSY]
    warning = (
        "**The machine was busy with other things during this run** "
        f"({', '.join(f'{part.name} {part.others:.0%}' for part in busy)} of the processors): absolute times of these "
        "parts say little; measure again."
    )
    blocks = [
        HEAD.rstrip(),
        "## Aims and what was obtained",
        f"{met} of {len(aims)} aims met, on {release}.",
        *([warning] if busy else []),
        "\n".join(markdown(aims_table(aims))),
        "Measured on:",
        "\n".join(markdown(Table("", ("", "value"), list(machine.items())))),
        *(block for part in parts.values() for block in _section(part)),
    ]
    target.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
