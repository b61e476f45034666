"""One desk phone as the box knows it, beyond what its owner set: what it said, and its secrets.

A value, replaced as a whole. ``state.db`` keeps it as a JSON object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

MOST_PATHS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A phone that has asked for its settings, or stands in them.

    host: where it was last seen; is_neighbour: its own hardware address was seen there, so that no
    router stands between; secret: for its URL and its HTTP credentials; is_delivered: that
    secret and its own web password have left; paths: files that it was given; guest_password: of
    its hidden account; times are epoch seconds.
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
    def guest_number(self) -> str:
        """The hidden account's number: eleven digits, so that it is no extension's."""
        return f"999{int(self.mac[6:], 16):08d}"

    @property
    def details(self) -> dict[str, Any]:
        """What is kept."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name != "mac"}


def device_of(mac: str, details: Mapping[str, Any]) -> Device:
    """What was kept, read; what is missing or unknown is left out."""
    known = {f.name for f in fields(Device)} - {"mac"}
    values = {name: value for name, value in details.items() if name in known}
    for name in ("alarms", "paths"):
        values[name] = tuple(map(str, values.get(name, ())))
    return Device(mac=mac, **values)


def with_path(device: Device, path: str) -> tuple[str, ...]:
    """The files that it was given, this one the newest."""
    return (path, *(known for known in device.paths if known != path))[:MOST_PATHS]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
