"""The wizard's first step: the office's name, language and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from appliance.config.codec import Decoded, decode, to_data
from appliance.config.model import Document

FIELDS = ("name", "language", "timezone")
#: Path of a problem -> field of the form.
PATHS = {f"site.{name}": name for name in FIELDS}
_NOT_PLACES = ("Etc/", "posix/", "right/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/")
_OFTEN = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Novosibirsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Kamchatka",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)


def values_of(document: Document) -> dict[str, str]:
    """What the form holds at first."""
    return {name: str(getattr(document.site, name)) for name in FIELDS}


def apply(document: Document, values: Mapping[str, str]) -> Decoded:
    """The document with what was typed."""
    data = to_data(document)
    data["site"] |= {name: values.get(name, "").strip() for name in FIELDS}
    return decode(data)


@cache
def timezones() -> tuple[str, ...]:
    """Time zones to choose from, those of our countries first."""
    known = available_timezones()
    others = sorted(z for z in known if "/" in z and not z.startswith(_NOT_PLACES))
    often = [zone for zone in _OFTEN if zone in known or not known]
    return (*often, *(z for z in others if z not in often), "UTC")
