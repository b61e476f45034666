"""Keys of phones that could do nothing: without a value, or with a number that the phone lacks.

PURE. Fields by themselves are checked in fields.py, references in references.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.config.codec import item_path
from appliance.config.model import Document, Phone
from appliance.config.phone_model import KEYS_WITH_VALUE, PhoneKey
from appliance.errors import Problem


def check_phones(document: Document) -> Iterator[Problem]:
    """Problems of every phone's keys, in order."""
    for index, phone in enumerate(document.phones):
        path = item_path("phones", Phone, phone, index)
        for place, key in enumerate(phone.keys):
            yield from _check_key(phone, key, f"{path}.keys[#{place + 1}]")


def _check_key(phone: Phone, key: PhoneKey, path: str) -> Iterator[Problem]:
    if key.kind in KEYS_WITH_VALUE and not key.value:
        yield Problem("phone.key.empty", f"{path}.value", {"kind": key.kind})
    if key.kind != "none" and key.account > max(1, len(phone.extensions)):
        params = {"value": str(key.account), "count": str(len(phone.extensions))}
        yield Problem("phone.key.no_account", f"{path}.account", params)
