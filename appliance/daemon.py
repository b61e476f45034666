"""The composition root: builds every part of the daemon, in order, once. Nothing else does.

Owns the parts and the order in which they begin and end. Reads like the list of what the box is
made of: configuration, databases, media, SIP, registrations, trunks, calls, control socket.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance import __version__
from appliance.alerts import Alerts
from appliance.apps.catalogue import APPS
from appliance.call.leg import Cause
from appliance.clock import LoopClock
from appliance.config.model import Snapshot, Trunk
from appliance.config.store import ConfigStore
from appliance.configuration import Configuration, prepare_store
from appliance.control_desk import ControlDesk, DeskParts
from appliance.legs.factory import LegFactory
from appliance.legs.front_desk import Desk, FrontDesk
from appliance.legs.identity import Doorkeeper
from appliance.legs.messages import MessageRelay
from appliance.legs.parts import Addresses, LegParts
from appliance.legs.registrations import Registrations
from appliance.legs.requests import Requests
from appliance.legs.trunk_keeper import TrunkKeeper
from appliance.legs.trunk_line import KeeperParts
from appliance.legs.trunk_state import TrunkState, TrunkStatus
from appliance.live_calls import LiveCalls, LiveParts
from appliance.media.ports import PortRange
from appliance.media.session import NativeMediaPlane
from appliance.media.sounds import Sounds
from appliance.net.control import ControlServer
from appliance.net.own_address import OwnAddresses
from appliance.net.resolver import Resolver
from appliance.net.sip_driver import SipDriver
from appliance.options import RunOptions
from appliance.routing.caller import present_caller
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, Decision, LiveState
from appliance.sip import events as sip
from appliance.sip.digest_server import DigestServer
from appliance.sip.endpoint import Endpoint, EndpointConfig
from appliance.sip.locate import Target
from appliance.sip.registrar import Registrar
from appliance.store.journal import Journal
from appliance.store.registrations import RegistrationStore
from appliance.store.writer import StateWriter
from appliance.supervise import Supervisor
from appliance.switchboard import Switchboard

log = logging.getLogger(__name__)
_FAREWELL_S = 3.0  # for BYEs and CANCELs to be answered at the end


class SecretIds:
    """Unguessable tokens (sip.ids.Ids)."""

    def token(self, bits: int) -> str:
        return secrets.token_hex((bits + 7) // 8)


class Daemon:
    """The box, built and not yet started."""

    def __init__(self, options: RunOptions, loop: asyncio.AbstractEventLoop) -> None:
        self._options = options
        self._loop = loop
        self.clock = LoopClock(loop)
        self.supervisor = Supervisor()
        self.alerts = Alerts(self.clock.wall)
        self.ids = SecretIds()
        self._build_configuration()
        self._build_sip()
        self._build_desks()

    def _build_configuration(self) -> None:
        store = ConfigStore(self._options.data / "config.db")
        prepare_store(store, self._options.config)
        self.configuration = Configuration(store)
        self.configuration.follow(self._on_snapshot)
        self.state = StateWriter(self._options.data / "state.db")
        self.journal = Journal(self.state)
        self.binding_store = RegistrationStore(self.state)

    def _build_sip(self) -> None:
        site = self.configuration.snapshot.document.site
        low, high = self._options.rtp_ports
        self.media = NativeMediaPlane(PortRange(low, high))
        own = OwnAddresses(self.clock.now)
        self.addresses = Addresses(site, own.towards)
        config = EndpointConfig(
            user_agent=f"Dozvon/{__version__}",
            local_address=self.addresses.sip_address,
            session_expires_s=site.session_expires_s,
        )
        self.endpoint = Endpoint(config, self.ids)
        self.driver = SipDriver(self.endpoint, self._on_sip_event, self.clock, own)
        self.driver.on_closed = lambda hop: self.registrations.connection_lost(hop.connection)
        self.requests = Requests(self.endpoint, self.clock, self.driver.wake)
        self.parts = LegParts(
            endpoint=self.endpoint,
            media=self.media,
            clock=self.clock,
            ids=self.ids,
            addresses=self.addresses,
            snapshot=self.configuration.current,
            tell=lambda event: self.switchboard.on_leg_event(event),
            wake=self.driver.wake,
        )

    def _build_desks(self) -> None:
        site = self.configuration.snapshot.document.site
        self.registrar = Registrar(site.registration_min_s, site.registration_max_s)
        self.registrations = Registrations(
            self.registrar, self.binding_store, self.parts, self.requests
        )
        self.trunks = TrunkKeeper(self._keeper_parts())
        self.sounds = Sounds(site.language, site.country)
        factory = LegFactory(self.parts, self.registrations, self.trunks, APPS, self.sounds)
        self.live = LiveCalls(self._live_parts())
        self.switchboard = Switchboard(factory, self.live, self.alerts.raise_)
        self.front_desk = FrontDesk(
            Desk(
                parts=self.parts,
                doorkeeper=self._doorkeeper(),
                registrations=self.registrations,
                messages=MessageRelay(self.parts, self.registrations, self.requests),
                leg_number=self.live.leg_number,
                adopt=self.switchboard.adopt,
                present_caller=lambda n: present_caller(n, self.configuration.snapshot),
            )
        )
        self.control = ControlServer(
            self._options.data / "control.sock", ControlDesk(self._desk_parts()).handle
        )

    def _keeper_parts(self) -> KeeperParts:
        self._resolver = Resolver(self.clock.now)
        return KeeperParts(
            clock=self.clock,
            ids=self.ids,
            requests=self.requests,
            addresses=self.addresses,
            resolve=self._resolve,
            spawn=self.supervisor.passing,
            changed=self._on_trunk_changed,
            jitter=random.random,
        )

    def _live_parts(self) -> LiveParts:
        return LiveParts(
            clock=self.clock,
            journal=self.journal,
            snapshot=self.configuration.current,
            new_ref=lambda: self.ids.token(48),
            decide=self._decide,
            bindings=self.registrations.reachable,
            down=self.trunks.down,
        )

    def _doorkeeper(self) -> Doorkeeper:
        site = self.configuration.snapshot.document.site
        digest = DigestServer(site.sip_realm, secrets.token_bytes(32))
        return Doorkeeper(
            digest, self.configuration.current, self.addresses, self.trunks.trunk_of_host
        )

    def _desk_parts(self) -> DeskParts:
        return DeskParts(
            options=self._options,
            clock=self.clock,
            started_at=self.clock.wall(),
            snapshot=self.configuration.current,
            reload=self.configuration.reload,
            live=self.live,
            switchboard=self.switchboard,
            registrations=self.registrations,
            trunks=self.trunks,
            alerts=self.alerts,
            listeners=lambda: self._listeners,
        )

    # ---- life

    async def start(self) -> None:
        """Open everything, in the order in which it is needed; raises UserError."""
        await self.control.start()
        await self._recover()
        self._listeners: list[tuple[str, str, int]] = []
        for host in self._options.bind:
            port = await self.driver.open(host, self._options.sip_port)
            self._listeners += [("udp", host, port), ("tcp", host, port)]
        self._loop.add_reader(self.media.fileno(), self._on_media)
        self.registrations.start()
        self.trunks.configure(self.configuration.snapshot.document.trunks)
        self.switchboard.start()
        log.info("ready: configuration revision %d", self.configuration.snapshot.revision)

    async def stop(self) -> None:
        """End calls with BYE, take registrations back, save all."""
        self.switchboard.hang_up_all(Cause.SHUTDOWN)
        self.trunks.close()
        deadline = self.clock.now() + _FAREWELL_S
        while self.live.by_ref and self.clock.now() < deadline:
            await asyncio.sleep(0.02)
        self.switchboard.close()
        self.registrations.close()
        await self.driver.close()
        await self.control.close()
        self._loop.remove_reader(self.media.fileno())
        self.media.close()
        await self._resolver.close()
        await self.supervisor.cancel_all()
        self.state.close()

    async def _recover(self) -> None:
        if self.state.set_aside is not None:
            self.alerts.raise_("state_damaged", self.state.set_aside.name)
        for problem in self.configuration.alerts:
            self.alerts.raise_(problem.key, problem.path)
        recovered = await self.journal.recover(self.clock.wall())
        if recovered:
            self.alerts.raise_("calls_cut", str(len(recovered)))
        self.registrar.restore(await self.binding_store.load(self.clock.wall()))
        numbers = self.configuration.snapshot.document.extension_by_number
        self.registrations.forget_strangers(numbers)

    # ---- events

    def _on_sip_event(self, event: sip.Event) -> None:
        match event:
            case sip.InviteReceived():
                self.front_desk.on_invite(event)
            case sip.RequestReceived():
                self.front_desk.on_request(event)
            case sip.ResponseReceived():
                self.requests.on_response(event)
            case sip.RequestFailed():
                self.requests.on_failure(event)
            case sip.Dropped():
                log.debug("dropped from %s: %s", event.source.host, event.why)
            case _:
                self.switchboard.on_session_event(event)

    def _on_media(self) -> None:
        for event in self.media.events():
            self.switchboard.on_media_event(event)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        site = snapshot.document.site
        self.registrar.min_expires_s = site.registration_min_s
        self.registrar.max_expires_s = site.registration_max_s
        self.registrations.forget_strangers(snapshot.document.extension_by_number)
        self.trunks.configure(snapshot.document.trunks)
        self.addresses.configure(site)
        self.sounds.configure(site.language, site.country)

    def _on_trunk_changed(self, trunk: Trunk, state: TrunkState) -> None:
        if state.status is TrunkStatus.DOWN:
            self.alerts.raise_("trunk_down", f"{trunk.name}: {state.why}")
        elif state.status is TrunkStatus.UP:
            log.info("trunk %s is up", trunk.name)

    def _decide(self, request: CallRequest, snapshot: Snapshot, state: LiveState) -> Decision:
        zone = ZoneInfo(snapshot.document.site.timezone)
        return decide(request, snapshot, state, datetime.fromtimestamp(self.clock.wall(), zone))

    async def _resolve(self, trunk: Trunk) -> list[sip.Hop]:
        host, _, port = (trunk.outbound_proxy or trunk.host).partition(":")
        transport = sip.Transport.TCP if trunk.transport == "tcp" else sip.Transport.UDP
        given = int(port) if port else (0 if trunk.outbound_proxy else trunk.port)
        return await self._resolver.resolve(Target(host=host, port=given, transport=transport))


def run(options: RunOptions) -> int:
    """Run the box in the foreground until it is told to stop; returns the exit code."""
    options.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return asyncio.run(_main(options))


async def _main(options: RunOptions) -> int:
    daemon = Daemon(options, asyncio.get_running_loop())
    await daemon.start()
    _say_ready(daemon)
    code = await daemon.supervisor.until_stopped()
    await daemon.stop()
    return code


def _say_ready(daemon: Daemon) -> None:
    print("ready", flush=True)
