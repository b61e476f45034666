"""``spec``: a dataclass field with its check, the one way in which entities declare their fields.

PURE. model.py tells what entities are made of it, checks/fields.py what each kind means.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any


def spec(kind: str = "text", *, default: Any = ..., **limits: Any) -> Any:
    """A dataclass field with its check.

    kind: ``text number did host port seconds count choice flag secret name cidr prefix timezone
    status replacement mac url phone_key target``; limits: ``low high`` for figures, ``longest`` for
    text, ``refers`` = the collections that it must name one of, ``choices``, ``at_least`` items,
    ``digits_only`` for a prefix without ``*`` and ``#``, ``port_allowed`` for ``host:port``,
    ``forbids`` characters, ``may_repeat`` in a list, ``may_be_empty`` where the default is not,
    ``in_path`` for a name that addresses of pages hold.
    ``default=...`` means the field must be given.
    """
    metadata = {"kind": kind, **limits}
    if default is ...:
        return field(metadata=metadata)
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)
