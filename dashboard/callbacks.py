"""The few callbacks: one opens a page with its first figures, one redraws all of them after a change of filters.

Callbacks are readers: they change nothing, and take nothing from their bodies but a path and a query string.
"""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, ctx, dcc, html, no_update

from dashboard import pages, shell, text
from dashboard.pages import Page, Panel
from dashboard.text import gettext
from dashboard.warehouse import NoRelease, Warehouse


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
            "doubleClick": False,
            "showTips": False,
        },
    )


def layout() -> html.Div:
    """What Dash starts from, the same for every page; the first callback fills it."""
    return html.Div([*(dcc.Store(id=name) for name in ("page", "selection", "opened", "drawn")), html.Div(id="panels")])


def _section(panel: Panel, drawn: shell.Drawn) -> html.Section:
    """A panel's frame. Words and table are put into the empty places by assets/panels.js, from drawn HTML."""
    return html.Section(
        id=f"panel-{panel.id}",
        className="panel",
        **{"aria-labelledby": f"title-{panel.id}", "data-panel": panel.id, "data-drill": panel.drill or ""},
        children=[
            html.Div(className="panel-words"),
            html.Figure(
                html.Div(graph(panel, drawn.figure), role="img", className="plot", **{"aria-label": drawn.alternative}),
                className="panel-figure",
            ),
            html.Div(className="panel-below"),
        ],
    )


def _asked(body: Any) -> tuple[Page, str]:
    """Path and query string of a callback's input, whatever it holds."""
    body = body if isinstance(body, dict) else {}
    path, search = body.get("path"), body.get("search")
    page = pages.by_path().get(path if isinstance(path, str) else "/", pages.OVERVIEW)
    return page, search if isinstance(search, str) else ""


def _written(view: shell.View, page: Page, drawn: dict[str, shell.Drawn], search: str) -> dict[str, Any]:
    """What assets/panels.js puts in place: HTML drawn by the templates, and nothing to draw from."""
    block = shell.head(view)
    return {
        "asked": search,
        "path": page.path,
        "query": view.selection.to_query(),
        "title": gettext("%(headline)s – Gender parity in the United Nations system", headline=block["headline"]),
        "headline": shell.render("headline.html", **block),
        "said": block["said"],
        "panels": {
            name: {"words": panel.words, "below": panel.below, "alternative": panel.alternative}
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
        page, search = _asked(body)
        try:
            view = shell.view(warehouse, search)
        except NoRelease:
            return gettext("There is no release to show."), no_update
        drawn = {panel.id: shell.draw(view, page, panel) for panel in page.panels}
        columns = [
            html.Div([_section(panel, drawn[panel.id]) for panel in column], className="column")
            for column in page.columns
        ]
        return html.Div(columns, className="columns"), _written(view, page, drawn, search)

    @app.callback(
        Output({"type": "figure", "panel": ALL}, "figure"),
        Output("drawn", "data"),
        Input("selection", "data"),
        prevent_initial_call=True,
    )
    @text.one_locale()
    def redraw(body: Any) -> tuple[list[Any], Any]:
        """Every panel anew after a change of filters, in one response; each fails alone."""
        page, search = _asked(body)
        wanted = [output["id"]["panel"] for output in ctx.outputs_list[0]]
        by_id = {panel.id: panel for panel in page.panels}
        try:
            view = shell.view(warehouse, search)
        except NoRelease:
            return [no_update] * len(wanted), no_update
        drawn = {name: shell.draw(view, page, by_id[name]) for name in dict.fromkeys(wanted) if name in by_id}
        figures = [drawn[name].figure if name in drawn else no_update for name in wanted]
        return figures, _written(view, page, drawn, search)
