"""One desk phone as the box knows it, beyond what its owner set: what it said, and its secrets.

A value, replaced as a whole. ``state.db`` keeps it as a JSON object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

MOST_PATHS = 8
_MAC = re.compile(r"[0-9a-f]{12}", re.ASCII)
_GUESTS = 10**8
#: What may be kept for a field, by the kind of its usual value.
_KINDS: Mapping[type, type | tuple[type, ...]] = {
    str: str,
    bool: bool,
    int: int,
    float: (int, float),
    tuple: (list, tuple),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A phone that has asked for its settings, or stands in them.

    host: where it was last seen; is_neighbour: its own hardware address was seen there, so that no
    router stands between; secret: for its URL and its HTTP credentials; is_delivered: that
    secret and its own web password have left; paths: files that it was given; guest_password: of
    its hidden account; guest_number: of that account; times are epoch seconds.
    """

    mac: str
    brand: str = ""
    model: str = ""
    firmware: str = ""
    host: str = ""
    is_neighbour: bool = False
    user_agent: str = ""
    secret: str = field(default="", repr=False)
    admin_password: str = field(default="", repr=False)
    guest_password: str = field(default="", repr=False)
    guest_number: str = ""
    is_delivered: bool = False
    has_spoken_http: bool = False
    first_seen: float = 0.0
    last_seen: float = 0.0
    last_verdict: str = ""
    last_hint: str = ""
    alarms: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    revision: int = 0  # of the settings that it was given last

    @property
    def details(self) -> dict[str, Any]:
        """What is kept."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name != "mac"}


def device_of(mac: str, details: Mapping[str, Any]) -> Device:
    """What was kept, read; what is missing or unknown is left out. ValueError for an odd one."""
    if not _MAC.fullmatch(mac):
        raise ValueError("no hardware address")
    usual = {f.name: f.default for f in fields(Device) if f.name != "mac"}
    values = {name: value for name, value in details.items() if name in usual}
    for name, value in values.items():
        if not isinstance(value, _KINDS[type(usual[name])]):
            raise ValueError(f"{name} is odd")
    for name in ("alarms", "paths"):
        values[name] = tuple(map(str, values.get(name, ())))
    return Device(mac=mac, **values)


def guest_number_of(mac: str, step: int = 0) -> str:
    """A number for the hidden account: eleven digits, so that it is no extension's. step: how many
    before it belong to others."""
    return f"999{(int(mac[6:], 16) + step) % _GUESTS:08d}"


def with_path(device: Device, path: str) -> tuple[str, ...]:
    """The files that it was given, this one the newest."""
    return (path, *(known for known in device.paths if known != path))[:MOST_PATHS]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
