"""What a phone is told, for people: its files with secrets masked, and the sheet of values.

Owns nothing. The files are made anew from the settings in force, as the phone would be given them
now, but for what stands in for secrets. The sheet is for telephones that no brand's table knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from appliance.config.model import Phone, Snapshot
from appliance.errors import UserError
from appliance.legs.parts import Addresses
from appliance.phones.box_host import host_for_phones
from appliance.phones.device import Device
from appliance.phones.devices import Devices
from appliance.sip.events import Hop, Transport

if TYPE_CHECKING:  # loaded when somebody wants to see what a phone is told
    from provisioning.api import NeutralSettings
    from provisioning.brand_book import BrandBook

_SHOWN_SECRET = "…"
_ANY_PHONE = "000000000000"


@dataclass(frozen=True, slots=True)
class ShownTools:
    """addresses: what we are called towards a host; ports: where provisioning listens, by kind."""

    snapshot: Callable[[], Snapshot]
    devices: Devices
    brands: Callable[[], BrandBook]
    addresses: Addresses
    ports: Callable[[], dict[str, int]]
    sip_port: Callable[[], int]


class Shown:
    """``files(mac)`` and ``sheet(extension)``: plain data for pages and the command line."""

    def __init__(self, tools: ShownTools) -> None:
        self._tools = tools

    def files(self, mac: str) -> list[dict[str, str]]:
        """Each file of the phone as ``path`` and ``text``; UserError when nobody knows it."""
        from provisioning.api import Identity

        snapshot, device = self._tools.snapshot(), self._tools.devices.get(mac)
        phone = snapshot.document.phone_by_mac.get(mac)
        if device is None or phone is None or not device.brand:
            raise UserError("phone.unknown", mac=mac)
        told = Identity(
            brand=device.brand, model=device.model, firmware=device.firmware, mac=device.mac
        )
        settings = self._settings(snapshot, phone, device)
        shown = self._tools.brands().shown(told, settings, device.paths)
        return [{"path": path, "text": text} for path, text in shown.items()]

    def sheet(self, extension: str, asked_by: str = "") -> list[dict[str, Any]]:
        """Rows ``key value account is_secret`` of an extension; secrets are masked.

        asked_by: the host by which a browser found us, or empty.
        """
        from provisioning import sheet

        snapshot = self._tools.snapshot()
        if extension not in snapshot.document.extension_by_number:
            raise UserError("phone.no_such_extension", extension=extension)
        phone = Phone(mac=_ANY_PHONE, extensions=(extension,))
        settings = self._settings(snapshot, phone, Device(mac=_ANY_PHONE), asked_by)
        return [
            asdict(row) | ({"value": _SHOWN_SECRET} if row.is_secret else {})
            for row in sheet.rows(settings)
        ]

    def _settings(
        self, snapshot: Snapshot, phone: Phone, device: Device, asked_by: str = ""
    ) -> NeutralSettings:
        from provisioning.settings import DeviceFacts, settings_of

        own = host_for_phones(asked_by, self._towards(device))
        port = self._tools.ports().get("http", 0)
        facts = DeviceFacts(
            mac=device.mac,
            brand=device.brand,
            box_host=own,
            base_url=f"http://{own}:{port}/",
            sip_port=self._tools.sip_port(),
            secret=device.secret,
            admin_password=device.admin_password,
        )
        return settings_of(snapshot, phone, facts)

    def _towards(self, device: Device) -> str:
        """Our address as that device sees it; of one that was never seen, as the office does."""
        addresses = self._tools.addresses
        if not device.host:
            return addresses.own_host()
        return addresses.sip_address(Hop(Transport.UDP, device.host, 5060))[0]
