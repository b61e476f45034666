"""Documents of configuration for tests: a sensible office in one call.

PURE. Speaks only the documented YAML keys (docs/configuration.md): plain dicts, no entity.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]
OUTSIDE = ["local", "national", "mobile", "toll_free", "international"]


def secret_of(number: str) -> str:
    """The strong secret that ``office`` gives to an extension or a trunk of this name."""
    return "S" + hashlib.sha256(f"office {number}".encode()).hexdigest()[:19]


def extension(number: str | int, **fields: Any) -> Document:
    """One extension that may call everywhere."""
    text = str(number)
    factory = {"name": f"Ext {text}", "secret": secret_of(text), "class_of_service": "everything"}
    return {"number": text, **factory, **fields}


def trunk(name: str, host: str, port: int, **fields: Any) -> Document:
    """A trunk that registers as 74955550000, or is known by its address when told so."""
    if fields.get("authentication") == "address":
        return {"name": name, "host": host, "port": port, "source_addresses": [host], **fields}
    registering = {"username": "74955550000", "secret": secret_of(name)}
    return {"name": name, "host": host, "port": port, **registering, **fields}


def office(
    extensions: Sequence[str | int | Mapping[str, Any]] = (2001, 2002, 2003),
    trunks: Sequence[Mapping[str, Any]] = (),
    rules: Sequence[Mapping[str, Any]] | None = None,
    dids: Sequence[Mapping[str, Any]] = (),
    *,
    dialling: Mapping[str, Any] | None = None,
    site: Mapping[str, Any] | None = None,
    lines: Sequence[Mapping[str, Any]] = (),
    phones: Sequence[Mapping[str, Any]] = (),
) -> Document:
    """A document: Moscow, profile P9, English; rules None = one that sends all outside by the
    trunks in their order."""
    if rules is None:
        ways = [way["name"] for way in trunks]
        rules = [{"name": "outside", "kinds": OUTSIDE, "ways": ways}] if ways else []
    document: Document = {
        "format": 1,
        "site": {"name": "Test office", "language": "en", "country": "RU", **(site or {})},
        "dialling": {"name": "P9", "outside_prefix": "9", "area_code": "495", **(dialling or {})},
        "extensions": [
            dict(item) if isinstance(item, Mapping) else extension(item) for item in extensions
        ],
        "trunks": [dict(way) for way in trunks],
        "lines": [dict(line) for line in lines],
        "phones": [dict(phone) for phone in phones],
        "rules": [dict(rule) for rule in rules],
        "dids": [dict(did) for did in dids],
    }
    return {key: value for key, value in document.items() if value not in ([], {})}


def busy_office(*numbers: int) -> Document:
    """Extensions with calls enough for any test."""
    return office(extensions=[extension(n, max_calls=100) for n in numbers])
