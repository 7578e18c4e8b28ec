"""The few callbacks: one opens a page with its first figures, one redraws all of them after a change of filters.

Callbacks are readers: they change nothing, and take nothing from their bodies but a path and a query string.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, ctx, dcc, html, no_update
from flask import request

from dashboard import pages, shell, text
from dashboard.figures import empty
from dashboard.mounted import inside, under
from dashboard.pages import At, Panel, Seen
from dashboard.text import gettext
from dashboard.warehouse import Warehouse


def graph(panel: Panel, figure: dict[str, Any]) -> dcc.Graph:
    """The one place that makes a dcc.Graph: no mode bar (eleven tab stops, and a button that sends data elsewhere)."""
    return dcc.Graph(
        id={"type": "figure", "panel": panel.id},
        figure=figure,
        # assets/figures.js gives every figure its size: Dash's own watching would fight with it.
        responsive=False,
        config={
            "displayModeBar": False,
            "displaylogo": False,
            "showSendToCloud": False,
            "plotlyServerURL": "",
            # Of maps: plotly's own default is another company's server.
            "topojsonURL": request.script_root + shell.outlines(),
            "doubleClick": False,
            "showTips": False,
        },
    )


def layout() -> html.Div:
    """What Dash starts from, the same for every page; the first callback fills it."""
    return html.Div([*(dcc.Store(id=name) for name in ("page", "selection", "opened", "drawn")), html.Div(id="panels")])


def _lead(panel: Panel) -> str:
    return request.script_root + panel.lead if panel.lead else ""


def _section(panel: Panel, drawn: shell.Drawn | None) -> html.Section:
    """A panel's frame. Words and table are put into the empty places by assets/panels.js, from drawn HTML."""
    return html.Section(
        id=f"panel-{panel.id}",
        className="panel" if panel.figure is not None else "panel shows-table",
        # Not in this view, yet perhaps after a change of filters: assets/panels.js shows it then.
        hidden=drawn is None,
        **{
            "aria-labelledby": f"title-{panel.id}",
            "data-panel": panel.id,
            "data-drill": panel.drill or "",
            "data-lead": _lead(panel),
        },
        children=[
            html.Div(className="panel-words"),
            *([_figure(panel, drawn)] if panel.figure is not None else []),
            html.Div(className="panel-below"),
        ],
    )


def _figure(panel: Panel, drawn: shell.Drawn | None) -> html.Figure:
    figure, said = (drawn.figure or {}, drawn.alternative) if drawn else (empty(""), "")
    plot = html.Div(graph(panel, figure), role="img", className="plot", **{"aria-label": said})
    return html.Figure(plot, className="panel-figure")


def _asked(body: Any) -> tuple[At, str]:
    """Page and query string of a callback's input, whatever it holds."""
    body = body if isinstance(body, dict) else {}
    path, search = body.get("path"), body.get("search")
    path = inside(path, request.script_root) if isinstance(path, str) else "/"
    at = pages.find(path) or At(pages.OVERVIEW)
    return at, search if isinstance(search, str) else ""


def _tables(body: Any) -> frozenset[str]:
    """The panels that show their tables, as a callback's input names them."""
    named = body.get("tables") if isinstance(body, dict) else None
    return frozenset(name for name in named if isinstance(name, str)) if isinstance(named, list) else frozenset()


def _drawn(view: shell.View, seen: Seen, tables: frozenset[str]) -> dict[str, shell.Drawn]:
    page = view.at.page
    return {panel.id: shell.draw(view, panel, panel.id in tables) for panel in page.shown(page.panels, seen)}


def _number(body: Any) -> int | None:
    """The number a browser gave to its question, to tell the answer by."""
    turn = body.get("turn") if isinstance(body, dict) else None
    return turn if isinstance(turn, int) else None


def _placed(value: Any, root: str) -> Any:
    """What holds pieces of HTML, with the addresses in them."""
    if isinstance(value, dict):
        return {name: _placed(part, root) for name, part in value.items()}
    return under(value, root) if isinstance(value, str) else value


def _written(view: shell.View, drawn: dict[str, shell.Drawn], search: str, body: Any) -> dict[str, Any]:
    """What assets/panels.js puts in place: HTML drawn by the templates, and nothing to draw from.

    It says what it answers (`asked`, `turn`), and what the page has to follow where it shows another release.
    """
    had = body.get("of") if isinstance(body, dict) else None
    block = shell.head(view)
    page, seen = view.at.page, view.seen
    root = request.script_root
    leads = {panel.id: (panel.drill or "", _lead(panel)) for panel in page.shown(page.panels, seen)}
    return {
        "asked": search,
        "turn": _number(body),
        "release": view.release.name,
        "published": view.release.published.isoformat(),
        "frame": _placed(shell.of_release(view), root) if had != view.release.name else None,
        "query": view.query(),
        "title": gettext("%(headline)s – Gender parity in the United Nations system", headline=block["headline"]),
        "headline": under(shell.render("headline.html", **block), root),
        "said": block["said"],
        "panels": {
            name: {
                "words": under(panel.words, root),
                "below": under(panel.below, root),
                "alternative": panel.alternative,
                "drill": leads[name][0],
                "lead": leads[name][1],
            }
            for name, panel in drawn.items()
        },
    }


def register(app: Dash, warehouse: Warehouse) -> None:
    """Give the app its layout and its callbacks."""
    app.layout = layout

    app.clientside_callback(ClientsideFunction("parity", "here"), Output("page", "data"), Input("panels", "id"))
    app.clientside_callback(ClientsideFunction("parity", "opened"), Input("opened", "data"))
    app.clientside_callback(ClientsideFunction("parity", "drawn"), Input("drawn", "data"))

    @app.callback(
        Output("panels", "children"),
        Output("opened", "data"),
        Input("page", "data"),
        prevent_initial_call=True,
    )
    @text.one_locale()
    def open_page(body: Any) -> tuple[Any, Any]:
        """The panels of a page with their first figures, in one response."""
        at, search = _asked(body)
        view = shell.view(warehouse, search, at)
        seen, page = view.seen, at.page
        drawn = _drawn(view, seen, _tables(body))

        def sections(panels: Sequence[Panel]) -> html.Div:
            # As this view wants them; and hidden those that another view of this page may have.
            as_wanted = {panel.id: panel for panel in page.shown(panels, seen)}
            return html.Div(
                [_section(as_wanted.get(panel.id, panel), drawn.get(panel.id)) for panel in panels], className="column"
            )

        columns = html.Div([sections(column) for column in page.columns], className="columns")
        bands = [
            *([sections(page.wide)] if page.wide else []),
            columns,
            *([sections(page.after)] if page.after else []),
        ]
        return html.Div(bands, className="bands"), _written(view, drawn, search, body)

    @app.callback(
        Output({"type": "figure", "panel": ALL}, "figure"),
        Output("drawn", "data"),
        Input("selection", "data"),
        prevent_initial_call=True,
    )
    @text.one_locale()
    def redraw(body: Any) -> tuple[list[Any], Any]:
        """Every panel anew after a change of filters, in one response; each fails alone."""
        at, search = _asked(body)
        wanted = [output["id"]["panel"] for output in ctx.outputs_list[0]]
        view = shell.view(warehouse, search, at)
        drawn = _drawn(view, view.seen, _tables(body))
        figures = [drawn[name].figure if name in drawn else no_update for name in wanted]
        return figures, _written(view, drawn, search, body)
