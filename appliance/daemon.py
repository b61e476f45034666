"""The composition root: builds every part of the daemon, in order, once. Nothing else does.

Owns the parts and the order in which they begin and end. Reads like the list of what the box is
made of: configuration, databases, media, SIP, the exchange, the control socket.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from appliance import __version__
from appliance.alerts import Alerts
from appliance.apps.forward import Change
from appliance.clock import LoopClock
from appliance.config.model import Trunk
from appliance.config.store import ConfigStore
from appliance.configuration import Configuration, prepare_store
from appliance.control_desk import ControlDesk, DeskParts
from appliance.errors import UserError
from appliance.exchange import Exchange, Tools
from appliance.forward_codes import ForwardCodes
from appliance.guard.scanner_list import scanners
from appliance.legs.lines.devices import open_device
from appliance.legs.parts import Addresses
from appliance.legs.trunks.identity import trunk_target
from appliance.legs.trunks.line import find_providers
from appliance.lines.desk import LinesDesk, LinesDeskParts
from appliance.lines.learning import LineLearning
from appliance.listening import Listening, ListeningParts
from appliance.media.ports import PortRange
from appliance.media.session import NativeMediaPlane
from appliance.net.address_watch import AddressWatch
from appliance.net.control import ControlServer
from appliance.net.direct_loop import DirectLoop
from appliance.net.netlink import usable_addresses
from appliance.net.own_address import OwnAddresses, chosen_by_kernel
from appliance.net.own_options import OwnOptions
from appliance.net.resolver import Resolver
from appliance.net.sip_driver import SipDriver
from appliance.net.socket_options import is_wildcard
from appliance.options import RunOptions
from appliance.phones import pnp
from appliance.phones.room import PhoneRoom, RoomTools, sip_port_of
from appliance.recovery import Recovery, RecoveryParts, renew_spare
from appliance.secret_ids import SecretIds
from appliance.selftest_desk import SelfTestDesk
from appliance.service.farewell import say_farewell
from appliance.service.heartbeat import Heart, HeartParts, pulse_of
from appliance.service.memory import keep_small
from appliance.service.sd_notify import find_notifier, watchdog_s
from appliance.service.self_check import SelfCheck, Vitals
from appliance.service.supervise import Supervisor
from appliance.sip import events as sip
from appliance.sip.endpoint import Endpoint, EndpointConfig
from appliance.store.dialogs import DialogStore
from appliance.store.journal import Journal
from appliance.store.messages import Message, MessageStore
from appliance.store.phones import PhoneStore
from appliance.store.registrations import RegistrationStore
from appliance.store.sightings import SightingStore
from appliance.store.voice_messages import VoiceMessageStore
from appliance.store.writer import StateWriter
from appliance.voicemail import Voicemail, VoicemailParts
from provisioning.neighbours import Neighbours, is_loopback

if TYPE_CHECKING:  # loaded with the first line, and the first phone that sets itself up
    from drivers.events import SmsReceived
    from provisioning.brand_book import BrandBook

log = logging.getLogger(__name__)
Listeners = Sequence[tuple[str, str, int]]
OnReady = Callable[[Listeners], None]
_FAR_AWAY = "192.0.2.1"  # RFC 5737: nothing is sent, only our own address on the way is asked


def _nobody_waits(listeners: Listeners) -> None:
    """Nobody asked to be told."""


def _nobody_hears(event: sip.Event) -> None:
    """Until there is an exchange."""


class Daemon:
    """The box, built and not yet started."""

    def __init__(self, options: RunOptions, loop: asyncio.AbstractEventLoop) -> None:
        self._options = options
        self._loop = loop
        self.clock = LoopClock(loop)
        self.supervisor = Supervisor()
        self.alerts = Alerts(self.clock.wall)
        store = ConfigStore(options.data / "config.db")
        prepare_store(store, options.config)
        self.configuration = Configuration(store)
        self.state = StateWriter(options.data / "state.db")
        self.binding_store = RegistrationStore(self.state)
        self.journal = Journal(self.state)
        self.dialog_store = DialogStore(self.state)
        self.messages = MessageStore(self.state)
        self.learning = _line_learning(self, options)
        low, high = options.rtp_ports
        self.media = NativeMediaPlane(PortRange(low, high))
        self.resolver = Resolver(self.clock.now)
        self._build_sip()
        self.phones = PhoneRoom(_phone_tools(self, options))
        self.voicemail = _voicemail(self, options)
        self.exchange = Exchange(self._tools())
        self.voicemail.on_changed = self.exchange.notifier.touched
        self.phones.attach(self.exchange)
        self.own_options = OwnOptions()
        self.driver.traffic.on_event = self.exchange.on_sip_event
        self.driver.traffic.admits = self.exchange.gate.admits
        self.driver.traffic.recognises = self.own_options.recognises
        self.driver.guard_streams(self.exchange.gate)
        self.configuration.follow(self.exchange.configure)
        self.configuration.follow(self.phones.configure)
        self.configuration.follow(self.voicemail.configure)
        self.configuration.follow(lambda snapshot: self.supervisor.passing(self._hear_phones()))
        self.recovery = Recovery(self._recovery_parts())
        self.heart = Heart(self._heart_parts())
        self.control = ControlServer(
            options.data / "control.sock", ControlDesk(self._desk_parts()).handle
        )

    def _build_sip(self) -> None:
        site = self.configuration.snapshot.document.site
        own = OwnAddresses(self.clock.now)
        self.addresses = Addresses(site, own.towards)
        config = EndpointConfig(
            user_agent=f"Dozvon/{__version__}",
            local_address=self.addresses.sip_address,
            session_expires_s=site.session_expires_s,
        )
        self.ids = SecretIds()
        self.endpoint = Endpoint(config, self.ids)
        self.driver = SipDriver(self.endpoint, _nobody_hears, self.clock, own)
        self.driver.traffic.on_closed = self._on_connection_closed
        self.listening = Listening(ListeningParts(self.driver, own, self.alerts))
        self.watch = AddressWatch(self.clock, self._on_network_changed)

    def _tools(self) -> Tools:
        return Tools(
            clock=self.clock,
            ids=self.ids,
            endpoint=self.endpoint,
            media=self.media,
            addresses=self.addresses,
            snapshot=self.configuration.current,
            bindings=self.binding_store,
            journal=self.journal,
            dialogs=self.dialog_store,
            line_plane=self.media,
            open_device=open_device,
            keep_sms=self._keep_sms,
            busy=self.learning,
            alerts=self.alerts,
            own_host=self._own_host,
            wake=self.driver.wake,
            resolve=self._resolve,
            spawn=self.supervisor.passing,
            jitter=random.random,
            digest_secret=secrets.token_bytes(32),
            scanners=scanners(),
            unclaimed=self.phones.guests,
            claim=self.phones.claim,
            forward=self._forwarding(),
            mailboxes=self.voicemail,
        )

    def _forwarding(self) -> Change:
        config = self._options.data / "config.db"
        return ForwardCodes(config, self.clock.now, self.reload).change

    def _desk_parts(self) -> DeskParts:
        exchange = self.exchange
        return DeskParts(
            options=self._options,
            clock=self.clock,
            started=self.clock.now(),
            snapshot=self.configuration.current,
            reload=self.reload,
            live=exchange.live,
            switchboard=exchange.switchboard,
            registrations=exchange.registrations,
            trunks=exchange.trunks,
            trial=exchange.trial,
            selftest=SelfTestDesk(exchange.guests, exchange.live, exchange.switchboard),
            lines=self._lines_desk(),
            alerts=self.alerts,
            gate=exchange.gate,
            forgive=exchange.forgive,
            listeners=self.listening.listeners,
            own_host=self.addresses.own_host,
            alive=self._alive,
            phones=self.phones.operations,
            voicemail=self.voicemail.operations,
        )

    def _own_host(self) -> str:
        """The literal address by which the office finds us, or empty."""
        named = [host for _, host, _ in self.listening.listeners() if not is_wildcard(host)]
        return named[0] if named else chosen_by_kernel(_FAR_AWAY) or ""

    def _lines_desk(self) -> LinesDesk:
        exchange, current = self.exchange, self.configuration.current
        return LinesDesk(LinesDeskParts(current, exchange.lines, exchange.live, self.messages))

    def _recovery_parts(self) -> RecoveryParts:
        return RecoveryParts(
            loop=self._loop,
            clock=self.clock,
            alerts=self.alerts,
            configuration=self.configuration,
            state=self.state,
            journal=self.journal,
            bindings=self.binding_store,
            dialogs=self.dialog_store,
            exchange=self.exchange,
            spawn=self.supervisor.passing,
        )

    def _heart_parts(self) -> HeartParts:
        vitals = Vitals(
            self.state.prove, self.media.poke, self.listening.present, self.own_options.ask
        )
        return HeartParts(
            clock=self.clock,
            notifier=find_notifier(),
            check=SelfCheck(vitals),
            pulse=lambda: pulse_of(self.exchange, self.configuration.snapshot),
            watchdog_s=watchdog_s(os.environ, os.getpid()),
        )

    def _alive(self) -> dict[str, int]:
        """How many things of each kind are held now (docs/control.md, ``alive``)."""
        return {
            **self.exchange.alive(),
            "sessions": self.endpoint.sessions_alive,
            "transactions": self.endpoint.transactions_alive,
            "streams": self.media.streams_alive,
            "tasks": len(asyncio.all_tasks(self._loop)),
        }

    # ---- life

    async def start(self) -> None:
        """Open everything, in the order in which it is needed; raises UserError."""
        await self.control.start()
        left = await self.recovery.begin()
        await self.phones.restore()
        await self.learning.restore()
        await self.voicemail.restore()
        trunks = self.configuration.snapshot.document.trunks
        await find_providers(trunks, self._resolve, self.exchange.trunks.found)
        await self.listening.open(self._options.bind, self._options.sip_port)
        await self._hear_phones()
        self.watch.start()
        self._loop.add_reader(self.media.fileno(), self._on_media)
        self.exchange.start()
        self.exchange.standing.part(left)
        self.supervisor.deadly("state.db", self._until_the_writer_ends())
        if self.heart.is_needed:
            self.supervisor.deadly("heart", self.heart.beat_for_ever())
        self.supervisor.deadly("memory", keep_small())
        self.heart.ready()
        log.info("ready: configuration revision %d", self.configuration.snapshot.revision)

    async def stop(self) -> None:
        """End calls with BYE, subscriptions with NOTIFY, take registrations back, save all."""
        self.heart.stopping()
        self.watch.close()
        await say_farewell(self.exchange, self.endpoint, self.clock)
        self.phones.close()
        self.exchange.close()
        await self.driver.close()
        await self.control.close()
        self._loop.remove_reader(self.media.fileno())
        self.media.close()
        await self.resolver.close()
        await self.voicemail.close()
        await self.supervisor.cancel_all()
        self.state.close()
        renew_spare(self.state.path)

    async def _until_the_writer_ends(self) -> None:
        """Nothing is kept without that thread: whatever ends it ends us."""
        await asyncio.wrap_future(self.state.ended)

    async def reload(self, revision: int | None) -> int:
        """Put settings in force; systemd shows it while it lasts."""
        with self.heart.reloading():
            return await self.configuration.catch_up(revision)

    # ---- events

    def _on_network_changed(self) -> None:
        self.supervisor.passing(self._follow_network())

    async def _follow_network(self) -> None:
        """New addresses are listened at before anybody is told of them."""
        await self.listening.follow()
        await self._hear_phones()
        self.exchange.trunks.network_changed()

    async def _hear_phones(self) -> None:
        """Join the group of SIP PnP on every interface while phones are set up at all; without it
        phones need DHCP or a hand."""
        is_wanted = self.configuration.snapshot.document.provisioning.is_enabled
        for port in _group_ports(self._options, self.listening.listeners()):
            try:
                addresses = usable_addresses() if is_wanted else ()
                interfaces = sorted({a.interface for a in addresses if ":" not in a.host})
                await self.driver.hear_group(pnp.GROUP, port, interfaces)
            except (OSError, UserError) as error:
                log.warning("SIP PnP of phones is not heard at port %d: %s", port, error)

    def _on_media(self) -> None:
        self.exchange.on_media_events(self.media.events())

    def _on_connection_closed(self, hop: sip.Hop) -> None:
        self.exchange.registrations.connection_lost(hop.connection)

    async def _keep_sms(self, line: str, event: SmsReceived) -> bool:
        came = (event.sender, event.text, event.sent_at, self.clock.wall())
        return await self.messages.keep(Message(line, "in", *came))

    async def _resolve(self, trunk: Trunk) -> list[sip.Hop]:
        return await self.resolver.resolve(trunk_target(trunk))


def _group_ports(options: RunOptions, listeners: Listeners) -> list[int]:
    """Where SIP PnP is heard: of this machine's own phones each box on it has some of its own."""
    return sorted({pnp.PORT, sip_port_of(listeners)}) if options.trusts_loopback else [pnp.PORT]


def _line_learning(daemon: Daemon, options: RunOptions) -> LineLearning:
    seen = SightingStore(daemon.state)
    return LineLearning(options.data / "config.db", seen, daemon.reload, daemon.supervisor.passing)


def _voicemail(daemon: Daemon, options: RunOptions) -> Voicemail:
    tools = (daemon.clock, daemon.ids, daemon.configuration.current, daemon.alerts.raise_)
    return Voicemail(VoicemailParts(options.data, VoiceMessageStore(daemon.state), *tools))


def _phone_tools(daemon: Daemon, options: RunOptions) -> RoomTools:
    return RoomTools(
        data=options.data,
        clock=daemon.clock,
        ids=daemon.ids,
        choose=secrets.choice,
        store=PhoneStore(daemon.state),
        brands=cache(lambda: _brands(options.data)),
        snapshot=daemon.configuration.current,
        reload=daemon.reload,
        raise_alert=daemon.alerts.raise_,
        spawn=daemon.supervisor.passing,
        sip_port=lambda: sip_port_of(daemon.listening.listeners()),
        addresses=usable_addresses,
        neighbour=Neighbours().of,
        is_emulated=lambda host: options.trusts_loopback and is_loopback(host),
    )


def _brands(data: Path) -> BrandBook:
    from provisioning.brand_book import BrandBook
    from provisioning.catalogue import with_own

    return BrandBook(lambda: with_own(data / "brands"))


def run(options: RunOptions, on_ready: OnReady = _nobody_waits) -> int:
    """Run the box in the foreground until it is told to stop; returns the exit code.

    on_ready is told once where SIP is listened for: (transport, host, port).
    """
    with asyncio.Runner(loop_factory=DirectLoop) as runner:
        return runner.run(_main(options, on_ready))


async def _main(options: RunOptions, on_ready: OnReady) -> int:
    daemon = Daemon(options, asyncio.get_running_loop())
    await daemon.start()
    on_ready(daemon.listening.listeners())
    code = await daemon.supervisor.until_stopped()
    await daemon.stop()
    return code
