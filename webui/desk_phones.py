"""Desk phones in words: how each stands, why it is not registered, what it asked for.

PURE. Words of states and reasons are those of the command line, so that a state has one name in the
house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.commands.phone_sheet_words import HINTS
from appliance.commands.phone_words import PHONE_STATES, PHONE_WHYS, VERDICTS
from appliance.commands.words import phone_why, word
from webui.words import N_

#: Reasons whose command line words would send the reader of a page to a terminal; to be translated.
_PAGE_WHYS: Mapping[str, str] = {
    "never_seen": N_(
        "It has never asked for its settings: check the cable, and how phones find the box."
    ),
    "needs_window": N_("It has no passwords: give them to it below, then restart the phone."),
    "banned": N_("Its address is shut out for wrong passwords: let it in on the page Shut out."),
}
#: Likewise for hints.
_PAGE_HINTS: Mapping[str, str] = {
    "identify.unknown_brand": N_(
        "The box does not know this phone: type in what stands on the page of its extension, under "
        "“All values”."
    ),
    "identify.only_by_hand": N_(
        "This brand is set up by hand: type in what stands on the page of its extension, under "
        "“All values”."
    ),
    "identify.only_by_link": N_(
        "A program gets its extension by a link: the page of the extension, “Connect a softphone”."
    ),
}
_PILLS = {"registered": "ok", "unreachable": "bad", "unregistered": "bad", "unclaimed": "busy"}
#: Answers after which a phone has what it needs; the rest is a miss.
_SERVED = frozenset({"full", "plain", "guest", "public", "link", "link_shown"})


@dataclass(frozen=True, slots=True)
class DeskPhone:
    """One phone. title: its label, or what it is; why: what stands in the way (``_`` is asked for
    it, since some of these are still to be translated), or empty; marks:
    texts of what does not fit together; is_emulated: a program of the demo, no device;
    window_left_s: 0 = its passwords stay here; key_places: of its model, None: nobody knows;
    own_keys: how many of them are on the phone itself, the others on expansion modules;
    keys_beyond: keys that have no place on it; lamps: how many numbers it watches."""

    mac: str
    title: str
    device: str
    firmware: str
    host: str
    is_emulated: bool
    extensions: tuple[str, ...]
    state: str
    pill: str
    text: str
    why: str
    window_left_s: int
    has_own_login: bool
    is_waiting: bool
    lamps: int
    last_seen_at: float | None
    key_places: int | None
    own_keys: int | None
    keys_beyond: int
    hint: str
    marks: tuple[str, ...]

    @property
    def shown_mac(self) -> str:
        """With colons, as labels have it."""
        return ":".join(self.mac[i : i + 2] for i in range(0, 12, 2)).upper()


def phones_of(answer: Any, language: str) -> list[DeskPhone]:
    """answer: of the operation ``phones``, or None."""
    return [_phone(row, language) for row in (answer or {}).get("phones", ())]


def _phone(row: Mapping[str, Any], language: str) -> DeskPhone:
    why = str(row["why"])
    device = _device(row)
    return DeskPhone(
        mac=str(row["mac"]),
        title=str(row["label"]) or " ".join(row["extensions"]) or device or str(row["mac"]),
        device=device,
        firmware=str(row["firmware"]),
        host=str(row["host"]),
        is_emulated=bool(row["is_emulated"]),
        extensions=tuple(row["extensions"]),
        state=str(row["state"]),
        pill=_PILLS.get(row["state"], "idle"),
        text=word(PHONE_STATES, row["state"], language),
        why=_said(why, language),
        window_left_s=int(row["window_left_s"]),
        has_own_login=bool(row["has_own_login"]),
        is_waiting=bool(row["is_waiting"]),
        lamps=int(row["lamps"]),
        last_seen_at=row["last_seen_at"],
        key_places=row["key_places"],
        own_keys=row.get("own_keys", row["key_places"]),
        keys_beyond=int(row["keys_beyond"]),
        hint=_hint(row["hint"], language),
        marks=tuple(word(HINTS, alarm, language) for alarm in row["alarms"]),
    )


def _device(row: Mapping[str, Any]) -> str:
    """Maker and model, as far as they are known."""
    return f"{row.get('brand_title') or row['brand']} {row['model']}".strip()


def _said(why: str, language: str) -> str:
    if not why or why in _PAGE_WHYS:
        return _PAGE_WHYS.get(why, "")
    return word(PHONE_WHYS, why, language) if why in PHONE_WHYS else phone_why(why, language)


def _hint(key: Any, language: str) -> str:
    """In words; some of them are still to be translated."""
    return _PAGE_HINTS.get(key) or word(HINTS, key, language) if key else ""


def requests_of(answer: Any, language: str) -> list[dict[str, Any]]:
    """What phones asked for; answer: of the operation ``phone_requests``, or None."""
    return [
        {
            **row,
            "text": word(VERDICTS, row["verdict"], language),
            "pill": "ok" if row["verdict"] in _SERVED else "warn",
            "who": row["user_agent"] or _device(row),
            "hint_text": _hint(row.get("hint"), language),
        }
        for row in (answer or {}).get("requests", ())
    ]
