"""The exchange: everything between SIP events and calls, built from tools that are given.

Owns registrations, trunks, legs, calls and the front desk, and hands each event to whom it
concerns. Touches no socket, clock or disk of its own: daemon.py gives real tools, tests give
virtual ones.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from appliance.alerts import Alerts
from appliance.apps.address import address_app
from appliance.apps.catalogue import APPS
from appliance.apps.claim import Attempt, claim_app, nobody_claims
from appliance.apps.forward import Change, forward_app, nobody_forwards
from appliance.apps.voicemail import Mailboxes, leaving_app, listening_app
from appliance.call.leg import LegEvent
from appliance.clock import Clock, SiteTime
from appliance.config.model import Line, Snapshot, Trunk
from appliance.guard.signatures import Signatures
from appliance.legs.event_packages import packages
from appliance.legs.factory import LegFactory
from appliance.legs.front_desk import Desk, FrontDesk
from appliance.legs.guarding import make_gate, welcome
from appliance.legs.guests import Guests, NoUnclaimed, Unclaimed
from appliance.legs.identity import Doorkeeper, trunks_at
from appliance.legs.lines.busy_learning import BusyMemory
from appliance.legs.lines.keeper import LineKeeper
from appliance.legs.lines.parts import LineParts
from appliance.legs.messages import MessageRelay
from appliance.legs.notifier import Notifier, NotifierTools
from appliance.legs.parts import Addresses, LegParts
from appliance.legs.phones import Phones
from appliance.legs.registrations import BindingStore, Registrations
from appliance.legs.requests import Requests
from appliance.legs.standing import DialogKeeper, StandingDialogs, StandingParts
from appliance.legs.trunks.keeper import TrunkKeeper
from appliance.legs.trunks.line import KeeperParts
from appliance.legs.trunks.state import TrunkState, TrunkStatus
from appliance.legs.trunks.trial import TrunkTrial
from appliance.live.calls import JournalStore, LiveCalls, LiveParts
from appliance.live.lamps import Lamps
from appliance.live.making_room import whose_ports
from appliance.live.replacing import Replacing
from appliance.media.api import LinePlane, MediaEvent, MediaPlane
from appliance.media.sounds import Sounds
from appliance.routing.caller import present_caller
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, Decision, LiveState
from appliance.sip import events as sip
from appliance.sip.digest_server import DigestServer
from appliance.sip.endpoint import Endpoint
from appliance.sip.ids import Ids
from appliance.sip.registrar import Registrar
from appliance.sip.replaces import DialogNames
from appliance.store.journal import EARLIEST_TRUE_TIME
from appliance.switchboard import Switchboard

if TYPE_CHECKING:  # a box without lines need not load these
    from drivers.api import Device
    from drivers.events import SmsReceived

log = logging.getLogger(__name__)


_NO_UNCLAIMED = NoUnclaimed()


@dataclass(frozen=True, slots=True)
class Tools:
    """What the exchange is given.

    open_device, keep_sms, busy: see LineParts; own_host: where we are found; wake: have the
    endpoint's output sent; resolve: a trunk's hops in order; spawn: run a passing task; jitter: a
    random number 0..1; digest_secret: octets that nobody else knows; scanners: the marks of those
    who are not answered; unclaimed: phones without a number; claim: takes a code of one of them;
    forward: keeps what a code of forwarding sets; mailboxes: take messages and give them.
    """

    clock: Clock
    ids: Ids
    endpoint: Endpoint
    media: MediaPlane
    addresses: Addresses
    snapshot: Callable[[], Snapshot]
    bindings: BindingStore
    journal: JournalStore
    dialogs: DialogKeeper
    line_plane: LinePlane
    open_device: Callable[[Line, str], Awaitable[Device]]
    keep_sms: Callable[[str, SmsReceived], Awaitable[bool]]
    busy: BusyMemory
    alerts: Alerts
    own_host: Callable[[], str]
    wake: Callable[[], None]
    resolve: Callable[[Trunk], Awaitable[list[sip.Hop]]]
    spawn: Callable[[Awaitable[None]], None]
    jitter: Callable[[], float]
    digest_secret: bytes
    scanners: Signatures
    mailboxes: Mailboxes
    unclaimed: Unclaimed = _NO_UNCLAIMED
    claim: Attempt = nobody_claims
    forward: Change = nobody_forwards


class Exchange:
    """Built, and not yet started."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._site_time = SiteTime(tools.clock)
        site = tools.snapshot().document.site
        self._digest = DigestServer(site.sip_realm, tools.digest_secret)
        self._dialog_names = DialogNames(tools.digest_secret)
        self.requests = Requests(tools.endpoint, tools.clock, tools.wake)
        self.parts = LegParts(
            endpoint=tools.endpoint,
            media=tools.media,
            clock=tools.clock,
            ids=tools.ids,
            addresses=tools.addresses,
            snapshot=tools.snapshot,
            tell=self._on_leg_event,
            wake=tools.wake,
            make_room=lambda: self.switchboard.preempt(whose_ports(self.live)),
        )
        self.registrar = Registrar(site.registration_min_s, site.registration_max_s)
        self.registrations = Registrations(
            self.registrar, tools.bindings, self.parts, self.requests
        )
        self.guests = Guests(tools.clock, tools.ids, tools.snapshot, tools.unclaimed)
        self.registrations.on_clock_stepped = self._on_clock_stepped
        self.trunks = TrunkKeeper(self._keeper_parts())
        self.trial = TrunkTrial(self._keeper_parts(), self.trunks.lines)
        self.gate = make_gate(
            self.parts, self.registrations, self.trunks, tools.scanners, tools.alerts.raise_
        )
        self.sounds = Sounds(site.language, site.country)
        self.lines = LineKeeper(self._line_parts())
        self.live = LiveCalls(self._live_parts())
        self.notifier = Notifier(self._notifier_tools())
        self.live.counts.on_touched = self.notifier.touched
        self.registrations.on_changed = self.notifier.touched
        #: Takes a SUBSCRIBE of SIP PnP and answers it, or says that it is none.
        self.on_subscribe: Callable[[sip.RequestReceived], bool] = lambda event: False
        self.switchboard = Switchboard(self._factory(), self.live, tools.alerts.raise_)
        self.standing = StandingDialogs(self._standing_parts())
        self._front_desk = FrontDesk(self._desk())

    def _factory(self) -> LegFactory:
        tools = self._tools
        own = {
            "address": address_app(tools.own_host),
            "claim": claim_app(tools.claim),
            "forward": forward_app(tools.forward),
            "voicemail": leaving_app(tools.mailboxes),
            "voicemail_menu": listening_app(tools.mailboxes),
        }
        return LegFactory(
            self.parts, self.registrations, self.trunks, self.lines, {**APPS, **own}, self.sounds
        )

    def start(self) -> None:
        """Begin to ask phones and trunks."""
        welcome(self.gate, self.registrar.all(), self._tools.clock.now())
        self.registrations.start()
        document = self._tools.snapshot().document
        self.trunks.configure(document.trunks)
        self.lines.configure(document)
        self.switchboard.start()
        self.standing.start()
        self.notifier.start()

    def close(self) -> None:
        """Stop every timer."""
        self.notifier.close()
        self.standing.close()
        self.switchboard.close()
        self.registrations.close()

    def configure(self, snapshot: Snapshot) -> None:
        """Follow new settings; live calls keep theirs."""
        site = snapshot.document.site
        self._digest.realm = site.sip_realm
        self.registrar.min_expires_s = site.registration_min_s
        self.registrar.max_expires_s = site.registration_max_s
        self.registrations.forget_strangers(snapshot.document.extension_by_number)
        self.trunks.configure(snapshot.document.trunks)
        self.lines.configure(snapshot.document)
        self._tools.addresses.configure(site)
        self.gate.configure()
        self.sounds.configure(site.language, site.country)
        self.notifier.configure(snapshot.document)

    def forgive(self, name: str) -> int:
        """Hold nothing against an address or an account any more; how much was held."""
        is_odd = self._digest.forget(name)
        return self.gate.logins.forgive(name, self._tools.clock.now()) + is_odd

    def on_sip_event(self, event: sip.Event) -> None:
        """Hand an event of the endpoint to whom it concerns."""
        if isinstance(event, sip.InviteReceived):
            self._front_desk.on_invite(event)
        elif isinstance(event, sip.RequestReceived):
            self._front_desk.on_request(event)
        elif isinstance(event, sip.ResponseReceived):
            self.requests.on_response(event)
        elif isinstance(event, sip.RequestFailed):
            self.requests.on_failure(event)
        elif isinstance(event, sip.Dropped):
            log.debug("dropped from %s: %s", event.source.host, event.why)
        elif isinstance(event, sip.SessionFailed) and self.standing.nobody_heard(event.session):
            log.info("nobody answers the CANCEL of a call that was cut")
        else:
            self.switchboard.on_session_event(event)

    def on_media_events(self, events: list[MediaEvent]) -> None:
        for event in events:
            try:
                if not self.lines.on_media_event(event):
                    self.switchboard.on_media_event(event)
            except Exception:  # those that follow are other calls'
                log.exception("our own defect at %s", type(event).__name__)

    def alive(self) -> dict[str, int]:
        """How many legs, sessions with a leg, streams with a leg and open requests there are."""
        return {
            "legs": self.live.legs_alive,
            "sessions_of_legs": self.switchboard.sessions_alive,
            "streams_of_legs": len(self.parts.leg_of_stream),
            "requests": len(self.requests),
            "subscriptions": len(self.notifier),
        }

    # ---- parts

    def _keeper_parts(self) -> KeeperParts:
        tools = self._tools
        return KeeperParts(
            clock=tools.clock,
            ids=tools.ids,
            requests=self.requests,
            addresses=tools.addresses,
            resolve=tools.resolve,
            spawn=tools.spawn,
            changed=self._on_trunk_changed,
            jitter=tools.jitter,
        )

    def _live_parts(self) -> LiveParts:
        tools = self._tools
        return LiveParts(
            clock=tools.clock,
            journal=tools.journal,
            snapshot=self.guests.snapshot_for,
            is_guest=self.guests.has,
            new_ref=lambda: tools.ids.token(48),
            decide=self._decide,
            bindings=self._phones,
            down=lambda: self.trunks.down() | (self.lines.down() if self.lines.posts else {}),
            today=lambda: self._moment(tools.snapshot()).date(),
            begins=lambda leg: self.standing.begins(leg),
        )

    def _phones(self) -> Phones:
        """The phones of every extension, on the network and on our wires."""
        return Phones(self.registrations.reachable(), self.lines)

    def _notifier_tools(self) -> NotifierTools:
        tools = self._tools
        lamps = Lamps(self.live, tools.snapshot, self._phones)
        shown = packages(lamps, tools.mailboxes.counts, self._dialog_names)
        way = self.registrations.way_to
        alert = tools.alerts.raise_
        return NotifierTools(self.parts, self.requests, shown, tools.snapshot, way, alert)

    def _line_parts(self) -> LineParts:
        tools = self._tools
        return LineParts(
            legs=self.parts,
            plane=tools.line_plane,
            open_device=tools.open_device,
            leg_number=lambda: self.live.leg_number(),
            adopt=lambda leg, offered: self.switchboard.adopt_line(leg, offered),
            decide=lambda request: self._decide(request, tools.snapshot(), self.live.state()),
            present_caller=lambda number: present_caller(number, tools.snapshot()),
            keep_sms=tools.keep_sms,
            tell_media=lambda event: self.on_media_events([event]),
            busy=tools.busy,
            phone_changed=lambda extension: self.notifier.touched(extension),
            alert=tools.alerts.raise_,
            message_counts=tools.mailboxes.counts,
        )

    def _standing_parts(self) -> StandingParts:
        tools = self._tools
        return StandingParts(
            store=tools.dialogs,
            endpoint=tools.endpoint,
            clock=tools.clock,
            requests=self.requests,
            legs=lambda: self.switchboard.sip_legs,
            snapshot=tools.snapshot,
            trunks_at=self._trunks_at,
        )

    def _trunks_at(self, host: str) -> list[Trunk]:
        trunks = self._tools.snapshot().document.trunks
        return trunks_at(host, trunks, self.trunks.trunk_of_host)

    def _desk(self) -> Desk:
        tools = self._tools
        keeper = Doorkeeper(
            self._digest, self.guests, tools.addresses, self.trunks.trunk_of_host, self.gate
        )
        return Desk(
            parts=self.parts,
            doorkeeper=keeper,
            registrations=self.registrations,
            messages=MessageRelay(self.parts, self.registrations, self.requests),
            leg_number=self.live.leg_number,
            adopt=self.switchboard.adopt,
            present_caller=lambda number: present_caller(number, tools.snapshot()),
            guests=self.guests,
            notifier=self.notifier,
            subscribe=lambda event: self.on_subscribe(event),
            replacing=Replacing(self.live, self._dialog_names, self._leg_of_dialog),
        )

    def _leg_of_dialog(self, call_id: str, local_tag: str, remote_tag: str) -> int:
        session = self._tools.endpoint.session_of(call_id, local_tag, remote_tag)
        legs = self.switchboard.sip_legs if session else ()
        return next((leg.number for leg in legs if leg.session == session), 0)

    def _on_leg_event(self, event: LegEvent) -> None:
        self.switchboard.on_leg_event(event)

    def _on_clock_stepped(self, by_s: float) -> None:
        """A person, or the first answer of NTP on a box that keeps no time without power."""
        self._tools.alerts.raise_("clock_jumped", f"{by_s:+.0f}")
        if self._tools.clock.wall() - by_s < EARLIEST_TRUE_TIME < self._tools.clock.wall():
            self._tools.journal.clock_was_set(by_s)

    def _on_trunk_changed(self, trunk: Trunk, state: TrunkState) -> None:
        if state.status is TrunkStatus.DOWN:
            self._tools.alerts.raise_("trunk_down", f"{trunk.name}: {state.why}")
        else:
            log.info("trunk %s is %s", trunk.name, state.status.value)

    def _decide(self, request: CallRequest, snapshot: Snapshot, state: LiveState) -> Decision:
        return decide(request, snapshot, state, self._moment(snapshot))

    def _moment(self, snapshot: Snapshot) -> datetime:
        """Now, in the site's zone."""
        return self._site_time.now(snapshot.document.site.timezone)
