"""Keys of phones that could do nothing, and texts that a phone's file could not carry.

PURE. Fields by themselves are checked in fields.py, references in references.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.config.codec import item_path
from appliance.config.model import Document, Extension, Phone
from appliance.config.phone_model import KEYS_WITH_VALUE, PhoneKey
from appliance.config.phone_values import forbidden_by, refusal
from appliance.errors import Problem


def check_phones(document: Document) -> Iterator[Problem]:
    """Problems of every phone's keys, in order."""
    for index, phone in enumerate(document.phones):
        path = item_path("phones", Phone, phone, index)
        for place, key in enumerate(phone.keys):
            yield from _check_key(phone, key, f"{path}.keys[#{place + 1}]")
    yield from _check_told(document)


def _check_told(document: Document) -> Iterator[Problem]:
    """Names and passwords of the extensions that phones have: what some phone cannot be told."""
    forbidden: dict[str, str] = {}
    for phone in document.phones:
        for number in phone.extensions:
            letters = forbidden.get(number, "") + forbidden_by(phone.brand)
            forbidden[number] = letters
    for index, extension in enumerate(document.extensions):
        if extension.number in forbidden:
            path = item_path("extensions", Extension, extension, index)
            for name in ("name", "secret"):
                text, letters = getattr(extension, name), forbidden[extension.number]
                yield from _check_text(text, f"{path}.{name}", letters)


def _check_text(text: str, path: str, forbids: str) -> Iterator[Problem]:
    found = refusal(text, path, forbids=forbids)
    if found is not None:
        yield Problem(found.key, found.path, found.params)


def _check_key(phone: Phone, key: PhoneKey, path: str) -> Iterator[Problem]:
    if key.kind in KEYS_WITH_VALUE and not key.value:
        yield Problem("phone.key.empty", f"{path}.value", {"kind": key.kind})
    if key.kind != "none" and key.account > max(1, len(phone.extensions)):
        params = {"value": str(key.account), "count": str(len(phone.extensions))}
        yield Problem("phone.key.no_account", f"{path}.account", params)
    for name in ("value", "label"):
        yield from _check_text(getattr(key, name), f"{path}.{name}", forbidden_by(phone.brand))
