"""The product under a path of a site (`PARITY_URL=https://host/parity`), whether or not a proxy strips it.

Inside, every address begins at `/`. Where an answer leaves, the path is put before the addresses in it, once: in whole
pages by the application, in the pieces of pages that callbacks send by `callbacks`, in JSON where it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: Attributes that hold addresses. No text can look like one: quotes in text are escaped.
_ADDRESS = re.compile(r'(\s(?:href|src|action|data-later|data-search|data-lead)=")/(?!/)')


def under(html: str, root: str) -> str:
    """HTML whose own addresses begin with `root`; as it is where that is empty."""
    return _ADDRESS.sub(rf"\1{root}/", html) if root else html


def inside(path: str, root: str) -> str:
    """A path as the browser has it, without `root`."""
    if root and (path == root or path.startswith(f"{root}/")):
        return path[len(root) :] or "/"
    return path


class Mounted:
    """An application below `root`: requests come with the path of the site, or already without it."""

    def __init__(self, application: Application, root: str):
        self._application, self._root = application, root

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer, with what is before the application's own path in SCRIPT_NAME, whatever came in it."""
        path = environ.get("PATH_INFO", "")
        if path == self._root:
            # The overview has a slash at its end; a browser that is not told would show two addresses for it.
            query = environ.get("QUERY_STRING", "")
            start_response(
                "308 Permanent Redirect",
                [("Location", f"{quote(self._root)}/{'?' if query else ''}{query}"), ("Content-Length", "0")],
            )
            return []
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = self._root, inside(path, self._root)
        return self._application(environ, start_response)
