"""What the daemon tells of one device, as the counter uses it.

PURE. The shape of the answer to ``phone_facts`` (docs/control.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioning.api import Identity
from provisioning.settings import DeviceFacts, Guest


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """revision: the one in force, None: the newest; is_delivered: its own secret has left."""

    revision: int | None = None
    sip_port: int = 5060
    has_window: bool = False
    is_delivered: bool = False
    has_spoken_http: bool = False
    secret: str = field(default="", repr=False)
    admin_password: str = field(default="", repr=False)
    guest: Guest | None = None

    def facts(self, identity: Identity, box: tuple[str, str]) -> DeviceFacts:
        """For settings.py; box: (our address, our URL) as the device sees us."""
        return DeviceFacts(
            mac=identity.mac,
            brand=identity.brand,
            box_host=box[0],
            base_url=box[1],
            sip_port=self.sip_port,
            secret=self.secret,
            admin_password=self.admin_password,
        )


def device_of(told: Mapping[str, Any]) -> Device:
    """The daemon's answer read; KeyError and TypeError when it is none."""
    guest = told.get("guest")
    return Device(
        revision=told["revision"],
        sip_port=told["sip_port"],
        has_window=bool(told["has_window"]),
        is_delivered=bool(told["is_delivered"]),
        has_spoken_http=bool(told["has_spoken_http"]),
        secret=str(told["secret"]),
        admin_password=str(told["admin_password"]),
        guest=Guest(number=guest["number"], password=guest["password"]) if guest else None,
    )
