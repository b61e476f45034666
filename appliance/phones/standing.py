"""How each desk phone stands, for the Phones page: is it registered, and if not, why (000.9).

Owns nothing: a fold over the settings, the devices and the registrations of this moment. States and
reasons are stable keys; their words are the pages' and the command line's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from appliance.clock import Clock
from appliance.config.model import Phone, Snapshot
from appliance.legs.registrations import Registrations
from appliance.phones.device import Device
from appliance.phones.devices import Devices
from appliance.phones.key_places import Brands, keys_beyond, own_keys_of, places_of
from appliance.sip.binding import NEVER_SEEN, Binding

LINK_DOWN_S = 2 * 86400.0  # a phone asks for its settings at least daily


@dataclass(frozen=True, slots=True)
class StandingTools:
    """is_banned: whether nothing from an address is answered; waits_for_key: whether a key
    pressed on a phone opens its window; is_guest_here: whether a phone
    without a number has registered; brands: for the keys that a model has; is_waiting: whether a
    phone is yet to be told of a change;
    lamps: how many subscriptions a number has from a host; is_emulated: whether an address is that
    of a phone which exists in this machine only."""

    clock: Clock
    snapshot: Callable[[], Snapshot]
    devices: Devices
    registrations: Registrations
    brands: Brands
    is_banned: Callable[[str], bool]
    waits_for_key: Callable[[str], bool]
    is_guest_here: Callable[[str], bool]
    is_waiting: Callable[[str], bool]
    lamps: Callable[[str, str], int]
    is_emulated: Callable[[str], bool]


class PhoneStandings:
    """``rows()`` tells of every phone of the settings, and of those that are in none."""

    def __init__(self, tools: StandingTools) -> None:
        self._tools = tools

    def rows(self) -> list[dict[str, Any]]:
        """Phones of the settings first, in their order; then those that asked, newest first."""
        tools = self._tools
        phones = tools.snapshot().document.phones
        rows = [self._row(phone.mac, phone, tools.devices.get(phone.mac)) for phone in phones]
        known = {phone.mac for phone in phones}
        others = [device for device in tools.devices.all() if device.mac not in known]
        others.sort(key=lambda device: -device.last_seen)
        return rows + [self._row(device.mac, None, device) for device in others]

    def bindings(self, phone: Phone, device: Device | None) -> Iterator[Binding]:
        """The registrations that are this phone's: those from its address.

        Where there are none, and its address is not known or a router may stand between, those of
        numbers that no other phone has: a softphone of the same number may be among them.
        """
        tools = self._tools
        bound = [(n, b) for n in phone.extensions for b in tools.registrations.bindings(n)]
        here = [b for _, b in bound if device is not None and device.host == b.hop.host]
        if here or (device is not None and device.is_neighbour):
            yield from here
            return
        owners = tools.snapshot().document.phones
        for number, binding in bound:
            if sum(number in other.extensions for other in owners) == 1:
                yield binding

    def _row(self, mac: str, phone: Phone | None, device: Device | None) -> dict[str, Any]:
        tools = self._tools
        now = tools.clock.now()
        state, why = self._state(phone, device)
        known = device or Device(mac=mac)
        places = places_of(phone, device, tools.brands)
        brand = known.brand or (phone.brand if phone else "")
        return {
            "mac": mac,
            "label": phone.label if phone else "",
            "extensions": list(phone.extensions) if phone else [],
            "is_configured": phone is not None,
            "brand": brand,
            "brand_title": tools.brands().title(brand) if brand else "",
            "model": known.model or (phone.model if phone else ""),
            "firmware": known.firmware,
            "host": known.host,
            "is_emulated": tools.is_emulated(known.host),
            "user_agent": known.user_agent,
            "state": state,
            "why": why,
            "window_left_s": round(tools.devices.windows.left_s(mac, now)),
            "has_own_login": known.is_delivered,
            "is_waiting": tools.is_waiting(mac),
            "lamps": sum(tools.lamps(number, known.host) for number in phone.extensions)
            if phone and known.host
            else 0,
            "first_seen_at": known.first_seen or None,
            "last_seen_at": known.last_seen or None,
            "last_verdict": tools.devices.last_verdict(mac),
            "hint": known.last_hint,
            "alarms": list(known.alarms),
            "revision": known.revision,
            "key_places": places,
            "own_keys": own_keys_of(phone, device, tools.brands),
            "keys_beyond": keys_beyond(phone, places) if phone else 0,
        }

    def _state(self, phone: Phone | None, device: Device | None) -> tuple[str, str]:
        """(state, why): registered, unreachable, unregistered, unclaimed, disabled."""
        tools = self._tools
        if phone is not None and not phone.is_enabled:
            return "disabled", ""
        if phone is None or not phone.extensions:
            mac = phone.mac if phone else device.mac if device else ""
            return "unclaimed", "" if tools.is_guest_here(mac) else "not_seen_by_sip"
        bindings = list(self.bindings(phone, device))
        if any(binding.is_reachable for binding in bindings):
            return "registered", ""
        if bindings:
            return "unreachable", bindings[0].why
        return "unregistered", self._why_not(phone, device)

    def _why_not(self, phone: Phone, device: Device | None) -> str:
        """The first thing that stands in the way of a registration."""
        tools = self._tools
        verdict = tools.devices.last_verdict(phone.mac)
        if device is None or not (device.last_seen or verdict):
            return "never_seen"
        if device.host and tools.is_banned(device.host):
            return "banned"
        if verdict == "mismatch":
            return "wrong_address"
        if verdict in ("challenge", "wrong_proof"):
            return "needs_window"
        if not device.is_delivered:
            return "waits_for_key" if tools.waits_for_key(phone.mac) else "needs_window"
        if tools.clock.wall() - device.last_seen > LINK_DOWN_S:
            return "link_down"
        absence = tools.registrations.registrar.absence(phone.extensions[0])
        return "not_yet" if absence in ("", NEVER_SEEN) else absence
