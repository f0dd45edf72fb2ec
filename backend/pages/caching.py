"""How long browsers keep a built file; ServeStatic asks for each at start (`SERVESTATIC_ADD_HEADERS_FUNCTION`)."""

import re
from collections.abc import MutableMapping

NAME_WITH_HASH = re.compile(r"^/static/app/assets/.+-[\w-]{8}\.\w+$")
FOR_EVER = "max-age=31536000, public, immutable"


def add_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:  # noqa: ARG001 - ServeStatic's signature
    """Have browsers keep files whose names change with their content; ServeStatic itself does not know Vite's names."""
    if NAME_WITH_HASH.match(url):
        headers["Cache-Control"] = FOR_EVER
