"""Requests that come to the box outside any call: REGISTER, OPTIONS, MESSAGE, SUBSCRIBE, and
INVITE's first step.

Owns nothing but the way a request goes: who asks (identity.py), then what is asked. An INVITE that
passed becomes a leg and is offered to the switchboard. RFC 3261 §8.2, §10.3, RFC 3428, RFC 6665.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol

from appliance.call.leg import Offered, Party, Replaced
from appliance.config.model import Extension, Trunk
from appliance.errors import MediaError, RemoteProtocolError
from appliance.legs.guests import LIMIT_S, Guests
from appliance.legs.identity import Challenge, Doorkeeper, Refused
from appliance.legs.messages import MessageRelay
from appliance.legs.notifier import Notifier
from appliance.legs.parts import LegParts
from appliance.legs.phone import offered_by_phone, phone_media
from appliance.legs.registrations import Registrations
from appliance.legs.sip_leg import SipLeg
from appliance.legs.trunks.trunk import caller_of_trunk, offered_by_trunk, trunk_media
from appliance.media.ports import PORTS_EXHAUSTED
from appliance.routing.claim import UNCLAIMED_CLASS
from appliance.routing.decide import is_emergency
from appliance.sip import events as sip
from appliance.sip.replaces import Replaces, read_replaces
from appliance.sip.uri import parse_uri

log = logging.getLogger(__name__)
Headers = tuple[tuple[str, str], ...]
_OPTIONS_HEADERS = (
    ("Accept", "application/sdp"),
    ("Accept-Encoding", "identity"),
    ("Accept-Language", "ru, en"),
)


class PlaceFinder(Protocol):
    """Whose place an INVITE with Replaces means (appliance/live/replacing.py)."""

    def find(self, wanted: Replaces) -> Replaced: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What the front desk works with. leg_number: a fresh leg's number; adopt: leg, Offered;
    subscribe: takes a SUBSCRIBE of SIP PnP, and answers it, or says that it is none; replacing:
    finds the place in a live call that an INVITE asks for."""

    parts: LegParts
    doorkeeper: Doorkeeper
    registrations: Registrations
    messages: MessageRelay
    leg_number: Callable[[], int]
    adopt: Callable[[SipLeg, Offered], None]
    present_caller: Callable[[str], str]
    guests: Guests
    notifier: Notifier
    subscribe: Callable[[sip.RequestReceived], bool]
    replacing: PlaceFinder


class FrontDesk:
    """Receives strangers and phones."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._parts = desk.parts

    # ---- INVITE

    def on_invite(self, event: sip.InviteReceived) -> None:
        """Admit a call or refuse it."""
        try:
            self._admit(event)
        except RemoteProtocolError as error:
            log.warning("INVITE from %s refused: %s", event.source.host, error)
            self._reject(event.session, error.status)
        except MediaError as no_media:
            is_ours = no_media.key == PORTS_EXHAUSTED
            level = logging.ERROR if is_ours else logging.WARNING
            log.log(level, "INVITE from %s refused: %s", event.source.host, no_media.key)
            self._reject(event.session, 503 if is_ours else 488)

    def _admit(self, event: sip.InviteReceived) -> None:
        trunk = self._desk.doorkeeper.trunk(event.request, event.source)
        if trunk is not None and not self._is_phone(event):
            self._admit_trunk(event, trunk)
            return
        now = self._parts.clock.now()
        who = self._desk.doorkeeper.extension(event.request, event.source, now)
        if isinstance(who, Challenge):
            self._reject(event.session, 401, who.headers)
        elif isinstance(who, Refused):
            log.warning("INVITE from %s refused: %s", event.source.host, who.why)
            self._reject(event.session, who.status)
        elif self._is_too_much(event, who):
            log.warning("the guest of the self-test may call the echo test alone")
            self._reject(event.session, 403)
        else:
            wanted = read_replaces(event.request)
            place = self._desk.replacing.find(wanted) if wanted is not None else None
            self._admit_phone(event, who, place)

    def _is_too_much(self, event: sip.InviteReceived, extension: Extension) -> bool:
        guests = self._desk.guests
        dialled = parse_uri(event.request.uri).user
        is_odd = "Replaces" in event.request.headers or not guests.may_dial(dialled)
        return guests.has(extension.number) and is_odd

    def _is_phone(self, event: sip.InviteReceived) -> bool:
        """A phone of ours that shares its address with a provider (both on loopback, say)."""
        if event.request.headers.get("Authorization"):
            return True
        user = parse_uri(event.request.from_.uri).user
        if self._desk.registrations.binding_at(user, event.source) is not None:
            return True
        if self._desk.guests.hidden(user, event.source) is not None:
            return True
        numbers = self._parts.snapshot().document.extension_by_number
        return ip_address(event.source.host).is_loopback and user in numbers

    def _admit_phone(
        self, event: sip.InviteReceived, extension: Extension, place: Replaced | None
    ) -> None:
        self._parts.endpoint.trying(event.session, self._parts.clock.now())
        binding = self._desk.registrations.binding_at(extension.number, event.source)
        is_nat = binding is not None and binding.is_behind_nat
        media = phone_media(event.source, self._parts, is_nat=is_nat)
        number = self._desk.leg_number()
        leg = SipLeg(number, f"extension {extension.number}", self._parts, media)
        party = Party(extension.number, extension.name)
        self._offer(leg, lambda: self._offered_by_phone(leg, event, party, place))

    def _offered_by_phone(
        self, leg: SipLeg, event: sip.InviteReceived, party: Party, place: Replaced | None
    ) -> Offered:
        """What the phone asks for; a call for help may have the ports that are kept for such, or
        those of another call."""
        try:
            return offered_by_phone(leg, event, party, place)
        except MediaError as error:
            if error.key != PORTS_EXHAUSTED or place is not None:
                raise
            if not is_emergency(parse_uri(event.request.uri).user, self._parts.snapshot()):
                raise
        leg.media.make_room = self._parts.make_room
        return offered_by_phone(leg, event, party)

    def _admit_trunk(self, event: sip.InviteReceived, trunk: Trunk) -> None:
        if "Replaces" in event.request.headers:
            raise RemoteProtocolError("a trunk takes nobody's place", status=403)
        self._parts.endpoint.trying(event.session, self._parts.clock.now())
        media = trunk_media(event.source, self._parts)
        leg = SipLeg(self._desk.leg_number(), f"trunk {trunk.name}", self._parts, media)
        said = caller_of_trunk(event.request)
        shown = self._desk.present_caller(said.number)
        caller = Party(shown, said.name, said.is_hidden or not shown)
        self._offer(leg, lambda: offered_by_trunk(leg, event, trunk, caller))

    def _offer(self, leg: SipLeg, make: Callable[[], Offered]) -> None:
        try:
            offered = make()
        except (RemoteProtocolError, MediaError):
            leg.media.close()
            raise
        self._desk.adopt(leg, offered)

    def _reject(self, session: int, status: int, headers: Headers = ()) -> None:
        now = self._parts.clock.now()
        self._parts.endpoint.reject(session, status, headers=headers, now=now)

    # ---- the others

    def on_request(self, event: sip.RequestReceived) -> None:
        """Answer a request outside a call; whatever breaks in it gets its status."""
        method = event.request.method
        try:
            if method == "OPTIONS":
                events = ("Allow-Events", self._desk.notifier.allow_events)
                self._respond(event, 200, (*_OPTIONS_HEADERS, events))
            elif method == "REGISTER":
                self._register(event)
            elif method == "MESSAGE":
                self._message(event)
            elif method == "SUBSCRIBE":
                self._subscribe(event)
            else:
                self._respond(event, 405)
        except RemoteProtocolError as error:
            log.warning("%s from %s: %s", method, event.source.host, error)
            self._respond(event, error.status)

    def _register(self, event: sip.RequestReceived) -> None:
        extension = self._authenticated(event)
        if extension is not None and self._desk.guests.has(extension.number):
            contact = event.request.headers.get("Contact") or ""
            self._respond(event, 200, (("Contact", contact), ("Expires", str(LIMIT_S))))
        elif extension is not None and self._is_unclaimed(extension):
            granted = self._desk.guests.unclaimed.registered(extension.number, event)
            contact = event.request.headers.get("Contact") or ""
            self._respond(event, 200, (("Contact", contact), ("Expires", str(granted))))
        elif extension is not None:
            outcome = self._desk.registrations.register(event, extension)
            self._respond(event, outcome.status, outcome.headers, outcome.reason)

    def _message(self, event: sip.RequestReceived) -> None:
        extension = self._authenticated(event)
        if extension is not None and self._is_hidden(extension):
            self._respond(event, 403)
        elif extension is not None:
            self._desk.messages.relay(
                event.request,
                Party(extension.number, extension.name),
                lambda status: self._respond(event, status),
            )

    def _subscribe(self, event: sip.RequestReceived) -> None:
        """A phone out of its box asks for its settings; others ask what their lamps shall show."""
        if self._desk.subscribe(event):
            return
        if not self._desk.notifier.knows(event.request):
            self._respond(event, 481)  # of an earlier run: it subscribes anew
            return
        extension = self._authenticated(event)
        if extension is not None and self._is_hidden(extension):
            self._respond(event, 403)
        elif extension is not None:
            self._desk.notifier.subscribe(event, extension)

    def _is_unclaimed(self, extension: Extension) -> bool:
        return extension.class_of_service == UNCLAIMED_CLASS

    def _is_hidden(self, extension: Extension) -> bool:
        return self._desk.guests.has(extension.number) or self._is_unclaimed(extension)

    def _authenticated(self, event: sip.RequestReceived) -> Extension | None:
        now = self._parts.clock.now()
        who = self._desk.doorkeeper.extension(event.request, event.source, now)
        if isinstance(who, Challenge):
            self._respond(event, 401, who.headers)
            return None
        if isinstance(who, Refused):
            log.warning("%s from %s: %s", event.request.method, event.source.host, who.why)
            self._respond(event, who.status)
            return None
        return who

    def _respond(
        self, event: sip.RequestReceived, status: int, headers: Headers = (), reason: str = ""
    ) -> None:
        now = self._parts.clock.now()
        self._parts.endpoint.respond(event.transaction, status, reason, headers=headers, now=now)
