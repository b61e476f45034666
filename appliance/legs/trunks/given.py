"""A trunk as plain data, checked as if it were about to be saved.

Owns nothing. For the trial of a trunk (legs/trunks/trial.py): only what is wrong with the trunk
itself counts, not what else the document has.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from appliance.config.checking import problems_of
from appliance.config.codec import decode, item_path
from appliance.config.model import Document, Trunk
from appliance.config.validate import refusals
from appliance.errors import ConfigErrors


def trunk_to_try(data: Any, document: Document) -> Trunk:
    """The Trunk of plain data (as in YAML), in the place of its namesake in the document.

    Raises ConfigErrors with every problem of it, by the paths that saving would name.
    """
    decoded = decode({"trunks": [data]})
    if decoded.problems or not decoded.document.trunks:
        raise ConfigErrors(decoded.problems)
    trunk = decoded.document.trunks[0]
    others = tuple(t for t in document.trunks if t.name != trunk.name)
    path = item_path("trunks", Trunk, trunk, len(others))
    found = refusals(problems_of(replace(document, trunks=(*others, trunk))))
    problems = tuple(p for p in found if p.path.startswith(path))
    if problems:
        raise ConfigErrors(problems)
    return trunk
