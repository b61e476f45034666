"""Phones without a number: hidden accounts that reach the claim menu and emergency numbers.

Owns where such phones are (contact and hop of their last REGISTER), so that they can be told to
fetch their settings once they are claimed. They have no binding, are in no list of extensions, and
cannot be called. Their accounts exist while the settings give guests and the phone has no number,
or while a phone with a number waits for its key to be pressed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.clock import Clock
from appliance.config.model import Extension, Phone, Snapshot
from appliance.phones.devices import Devices
from appliance.routing.claim import UNCLAIMED_CLASS
from appliance.sip.events import Hop, RequestReceived

EXPIRES_S = 120
_LATE_S = 30.0


@dataclass(frozen=True, slots=True)
class GuestContact:
    """Where a phone without a number can be reached; until: monotonic seconds."""

    contact_uri: str
    hop: Hop
    until: float


class GuestPhones:
    """Known by the number of the hidden account."""

    def __init__(self, devices: Devices, clock: Clock, snapshot: Callable[[], Snapshot]) -> None:
        self._devices = devices
        self._clock = clock
        self._snapshot = snapshot
        self._contacts: dict[str, GuestContact] = {}  # by hardware address
        #: Whether a phone of the settings can be called; set when there are registrations.
        self.is_registered: Callable[[Phone], bool] = lambda phone: False

    def extension(self, number: str) -> Extension | None:
        """The account of this number, as an extension that may do next to nothing."""
        device = self._devices.of_guest(number)
        if device is None or not device.guest_password or not self.is_guest(device.mac):
            return None
        return Extension(
            number=number,
            name=f"{device.brand} {device.model} {device.mac[-4:]}".strip(),
            secret=device.guest_password,
            class_of_service=UNCLAIMED_CLASS,
            max_calls=1,
        )

    def is_guest(self, mac: str) -> bool:
        """Whether this phone is without a number, or without its passwords, and may be a guest."""
        document = self._snapshot().document
        phone = document.phone_by_mac.get(mac)
        has_number = phone is not None and (bool(phone.extensions) or not phone.is_enabled)
        if has_number:
            return self.waits_for_key(mac)
        return document.provisioning.gives_guests

    def waits_for_key(self, mac: str) -> bool:
        """Whether a phone of the settings takes its passwords when its key is pressed: one that was
        never told any, and works by none that somebody typed in."""
        document = self._snapshot().document
        phone, device = document.phone_by_mac.get(mac), self._devices.get(mac)
        if phone is None or device is None or not document.provisioning.opens_by_key:
            return False
        is_new = bool(phone.extensions) and phone.is_enabled and not device.is_delivered
        return is_new and not self.is_registered(phone)

    def registered(self, number: str, event: RequestReceived) -> int:
        """Note where the phone is; the seconds that it is granted."""
        device = self._devices.of_guest(number)
        contacts = event.request.contacts
        if device is not None and contacts:
            until = self._clock.now() + EXPIRES_S + _LATE_S
            self._contacts[device.mac] = GuestContact(contacts[0].uri, event.source, until)
        return EXPIRES_S

    def contact(self, mac: str) -> GuestContact | None:
        """Where the phone is now, or None."""
        contact = self._contacts.get(mac)
        if contact is not None and contact.until < self._clock.now():
            del self._contacts[mac]
            return None
        return contact
