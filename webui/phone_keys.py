"""The keys of a desk phone as a form: one row a key, in their order. PURE."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from appliance.config.phone_model import KEY_KINDS, PhoneKey
from webui.words import N_

LEAST_ROWS, SPARE_ROWS, MOST_ROWS = 8, 4, 60
_PATH = re.compile(r"keys\[#(\d+)\](?:\.(\w+))?")  # places are counted from 1
KIND_WORDS: Mapping[str, str] = {
    "none": N_("free"),
    "line": N_("line"),
    "blf": N_("watch and call a colleague"),
    "speed_dial": N_("dial a number"),
    "park": N_("park a call"),
    "dtmf": N_("send keys"),
    "pickup": N_("pick up a call"),
    "voicemail": N_("voicemail"),
    "url": N_("open an address"),
}
assert set(KIND_WORDS) == set(KEY_KINDS)


def rows_of(keys: Sequence[PhoneKey], places: int | None = None) -> int:
    """How many rows the form shows: all keys, and some that are free where the phone has places.

    places: of its model, None: nobody knows.
    """
    rows = max(LEAST_ROWS, len(keys) + SPARE_ROWS)
    return min(MOST_ROWS, rows if places is None else max(len(keys), min(rows, places)))


def values_of(keys: Sequence[PhoneKey]) -> dict[str, str]:
    """What the form holds of the keys."""
    found: dict[str, str] = {}
    for n, key in enumerate(keys):
        found |= {f"kind.{n}": key.kind, f"value.{n}": key.value, f"label.{n}": key.label}
        found[f"account.{n}"] = str(key.account)
    return found


def keys_from(
    values: Mapping[str, str], beyond: Sequence[Mapping[str, Any]] = ()
) -> list[Mapping[str, Any]]:
    """Plain data of the keys that were typed; free places behind the last one are left out.

    beyond: keys behind the rows that a form can show; they stay in their places.
    """
    keys: list[Mapping[str, Any]] = []
    for n in range(MOST_ROWS):
        kind = values.get(f"kind.{n}", "none")
        if kind == "none":
            keys.append({"kind": "none"})
            continue
        keys.append(
            {
                "kind": kind,
                "value": values.get(f"value.{n}", "").strip(),
                "label": values.get(f"label.{n}", "").strip(),
                "account": values.get(f"account.{n}", "").strip() or 1,
            }
        )
    keys += beyond
    while keys and keys[-1] == {"kind": "none"}:
        keys.pop()
    return keys


def left_unsaid(values: Mapping[str, str], keys: Sequence[PhoneKey]) -> list[str]:
    """Fields of kinds that were not chosen though the key got a number or a label.

    keys: what there was; a key that is freed may keep its texts in the form.
    """
    return [
        f"kind.{n}"
        for n in range(MOST_ROWS)
        if values.get(f"kind.{n}", "none") == "none"
        and (n >= len(keys) or keys[n].kind == "none")
        and (values.get(f"value.{n}", "").strip() or values.get(f"label.{n}", "").strip())
    ]


def finder(mac: str) -> Callable[[str], str]:
    """Path of a problem -> field of the form, for the phone of that address."""

    def find(path: str) -> str:
        found = _PATH.search(path)
        if found is None or not path.startswith((f"phones[{mac}]", "phones[#")):
            return ""
        if int(found[1]) > MOST_ROWS:
            return ""
        return f"{found[2] or 'kind'}.{int(found[1]) - 1}"

    return find
