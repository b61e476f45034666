"""All desk phones that the box knows: what provisioning is told of one, what it tells of one.

Owns the table of devices and the windows; ``state.db`` keeps the devices. A device is remembered
when it has proved its hardware address (the neighbour who asked was itself) or stands in the
settings; whoever makes names up leaves nothing here. What is known of a device follows only those
requests that were its own beyond doubt: a source address can be forged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol

from appliance.clock import Clock
from appliance.config.strong_secret import ALPHABET
from appliance.phones.device import Device, device_of, guest_number_of, with_path
from appliance.phones.windows import Windows
from appliance.sip.ids import Ids

log = logging.getLogger(__name__)
MOST = 2000
_SECRET_BITS = 128
_UPPER, _DIGITS = "ABCDEFGHJKMNPQRSTUVWXYZ", "23456789"
_GIVEN = frozenset({"full", "plain", "guest", "public"})


class Store(Protocol):
    """Where devices outlive the process (store/phones.py)."""

    def put(self, mac: str, detail: Mapping[str, Any]) -> None: ...
    def forget(self, mac: str) -> None: ...
    def note(self, at: float, mac: str, detail: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class DeviceTools:
    """choose: one of the characters, each as likely as the others (``secrets.choice``);
    is_configured: whether a device stands in the settings."""

    clock: Clock
    ids: Ids
    choose: Callable[[str], str]
    store: Store
    is_configured: Callable[[str], bool]


class Devices:
    """By hardware address."""

    def __init__(self, tools: DeviceTools) -> None:
        self._tools = tools
        self._known: dict[str, Device] = {}
        self._by_guest: dict[str, str] = {}
        self._unproved: dict[str, str] = {}  # verdicts over those who did not prove to be a device
        self.windows = Windows()

    def restore(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over what an earlier run knew."""
        for mac, details in kept.items():
            try:
                device = device_of(mac, details)
            except ValueError as error:
                log.warning("what is known of phone %s is left out: %s", mac, error)
                continue
            if not device.guest_number or device.guest_number in self._by_guest:
                device = replace(device, guest_number=self._guest_number(mac))
            self._remember(device)

    def get(self, mac: str) -> Device | None:
        return self._known.get(mac)

    def all(self) -> Iterator[Device]:
        return iter(tuple(self._known.values()))

    @property
    def has_any(self) -> bool:
        return bool(self._known)

    def last_verdict(self, mac: str) -> str:
        """What was answered last to whoever asked in a device's name; empty: nobody did."""
        device = self._known.get(mac)
        return self._unproved.get(mac) or (device.last_verdict if device is not None else "")

    def of_guest(self, number: str) -> Device | None:
        """Whose hidden account this is."""
        return self._known.get(self._by_guest.get(number, ""))

    # ---- what provisioning asks and tells

    def introduce(self, asked: Mapping[str, Any], *, is_configured: bool) -> Device:
        """The device that asks, with secrets of its own; a new one is kept if it is credible."""
        mac = str(asked.get("mac", ""))
        device = self._known.get(mac)
        if device is not None:
            return device
        device = self._new(mac)
        if is_configured or mac == asked.get("seen_mac"):
            self._make_room()
            self.keep(device)
        return device

    def told(self, report: Mapping[str, Any]) -> Device | None:
        """Note an answered request; the device, when it is one that we know and it was itself.

        It was itself where the neighbour who asked has its hardware address, or its secret was
        proved. Of anybody else's request in its name only the verdict is remembered, and until the
        next of its own (``last_verdict``): it tells people why a phone is not served.
        """
        tools = self._tools
        now = tools.clock.wall()
        mac = str(report.get("mac", ""))
        tools.store.note(now, mac, report)
        device = self._known.get(mac)
        if device is None:
            return None
        verdict = str(report.get("verdict", ""))
        if report.get("seen_mac") != mac and verdict != "full":
            self._unproved[mac] = verdict
            return None
        self._unproved.pop(mac, None)
        device = _after(device, report, now)
        if verdict == "full" and report.get("has_secrets"):
            self.windows.used(mac)
            device = replace(device, is_delivered=True)
        self.keep(device)
        return device

    def keep(self, device: Device) -> None:
        """Replace a device by what it has become."""
        self._remember(device)
        self._tools.store.put(device.mac, device.details)

    def renew(self, mac: str) -> Device:
        """New secrets for a device, as if it had never been told any."""
        old = self._known.get(mac)
        new = self._new(mac)
        if old is not None:
            new = replace(
                old,
                secret=new.secret,
                admin_password=new.admin_password,
                guest_password=new.guest_password,
                is_delivered=False,
            )
        self.keep(new)
        return new

    def forget(self, mac: str) -> bool:
        """A device that is gone for good."""
        device = self._known.pop(mac, None)
        if device is None:
            return False
        self._by_guest.pop(device.guest_number, None)
        self._unproved.pop(mac, None)
        self.windows.close(mac)
        self._tools.store.forget(mac)
        return True

    # ---- the table

    def _new(self, mac: str) -> Device:
        tools = self._tools
        choose = tools.choose
        password = choose(_UPPER) + "".join(choose(ALPHABET) for _ in range(10)) + choose(_DIGITS)
        return Device(
            mac=mac,
            secret=tools.ids.token(_SECRET_BITS),
            admin_password=password,
            guest_password=tools.ids.token(_SECRET_BITS),
            guest_number=self._guest_number(mac),
            first_seen=tools.clock.wall(),
        )

    def _guest_number(self, mac: str) -> str:
        """By the lower half of its address; the next free one where another's phone has that."""
        numbers = (guest_number_of(mac, step) for step in count())
        return next(n for n in numbers if self._by_guest.get(n, mac) == mac)

    def _remember(self, device: Device) -> None:
        self._known[device.mac] = device
        self._by_guest[device.guest_number] = device.mac

    def _make_room(self) -> None:
        """The device that was not seen for the longest goes; never one that was told secrets, that
        stands in the settings, or that has a window."""
        if len(self._known) < MOST:
            return
        tools, now = self._tools, self._tools.clock.now()
        free = [
            device
            for device in self._known.values()
            if not device.is_delivered
            and not tools.is_configured(device.mac)
            and not self.windows.is_open(device.mac, now)
        ]
        if free:
            self.forget(min(free, key=_last_seen).mac)


def _last_seen(device: Device) -> float:
    return device.last_seen


def _after(device: Device, report: Mapping[str, Any], now: float) -> Device:
    """What is known of a device after a request of its own."""
    verdict, path = str(report.get("verdict", "")), str(report.get("path", ""))
    return replace(
        device,
        brand=str(report.get("brand") or device.brand),
        model=str(report.get("model") or device.model),
        firmware=str(report.get("firmware") or device.firmware),
        host=str(report.get("host", "")),
        is_neighbour=report.get("seen_mac") == device.mac,
        user_agent=str(report.get("user_agent", "")) or device.user_agent,
        has_spoken_http=device.has_spoken_http or report.get("transport") == "http",
        last_seen=now,
        last_verdict=verdict,
        last_hint=str(report.get("hint", "")),
        alarms=tuple(map(str, report.get("alarms", ()))),
        paths=with_path(device, path) if verdict in _GIVEN and path else device.paths,
    )
