"""The daemon's half of phones that set themselves up, built of given tools.

Owns devices, hidden accounts, claims, PnP, check-sync and their control requests, and ties them to
the exchange: who registers closes his window, who subscribes to ua-profile is told our URL, a new
revision is compared with the old one. daemon.py gives real tools, tests give virtual ones.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.clock import Clock
from appliance.config.model import Phone, Snapshot
from appliance.errors import StoreError
from appliance.exchange import Exchange
from appliance.guard.bans import Scope
from appliance.net.netlink import InterfaceAddress
from appliance.phones.claiming import Claiming, ClaimingTools
from appliance.phones.claims import Claims
from appliance.phones.desk import Operation, PhoneDesk, PhoneDeskTools
from appliance.phones.devices import Devices, DeviceTools
from appliance.phones.dhcp_desk import DhcpDesk, DhcpDeskTools
from appliance.phones.guest_phones import GuestPhones
from appliance.phones.key_places import newly_untold
from appliance.phones.pnp import Pnp, PnpTools
from appliance.phones.resync import Account, Resync, ResyncTools, account_of, reachable_first
from appliance.phones.scan import scan
from appliance.phones.shown import Shown, ShownTools
from appliance.phones.softphone_desk import SoftphoneDesk, SoftphoneDeskTools
from appliance.phones.standing import PhoneStandings, StandingTools
from appliance.sip.binding import Binding
from appliance.sip.ids import Ids
from appliance.store.phones import PhoneStore

if TYPE_CHECKING:
    from provisioning.brand_book import BrandBook

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RoomTools:
    """What the room is given before there is an exchange.

    data: the box's folder; choose: ``secrets.choice``; brands: loaded when first asked for;
    sip_port: where phones register; addresses: of this machine; neighbour: the hardware address
    behind an IP address; is_emulated: a source is a phone of this machine itself, which has none
    and is believed (demo, tests).
    """

    data: Path
    clock: Clock
    ids: Ids
    choose: Callable[[str], str]
    store: PhoneStore
    brands: Callable[[], BrandBook]
    snapshot: Callable[[], Snapshot]
    reload: Callable[[int | None], Awaitable[int]]
    raise_alert: Callable[[str, str], None]
    spawn: Callable[[Awaitable[None]], None]
    sip_port: Callable[[], int]
    addresses: Callable[[], Sequence[InterfaceAddress]]
    neighbour: Callable[[str], Awaitable[str]]
    is_emulated: Callable[[str], bool]


def sip_port_of(listeners: Sequence[tuple[str, str, int]]) -> int:
    """The port that phones register at: of the first UDP listener."""
    return next((port for kind, _, port in listeners if kind == "udp"), 5060)


class PhoneRoom:
    """``attach`` it to the exchange; then ``restore`` and ``close``."""

    def __init__(self, tools: RoomTools) -> None:
        self._tools = tools
        self.devices = Devices(self._device_tools())
        self.guests = GuestPhones(self.devices, tools.clock, tools.snapshot)
        self.claims = Claims(tools.choose)
        self._before = tools.snapshot()

    def attach(self, exchange: Exchange) -> None:
        """Build what needs an exchange, and have it call us."""
        self._exchange = exchange
        self.standings = PhoneStandings(self._standing_tools())
        self.guests.is_registered = self._is_registered
        self.resync = Resync(self._resync_tools())
        self.claiming = Claiming(self._claiming_tools())
        self.desk = PhoneDesk(self._desk_tools())
        self.softphones = SoftphoneDesk(self._softphone_tools())
        self.dhcp = DhcpDesk(self._dhcp_tools())
        self.pnp = Pnp(self._pnp_tools())
        exchange.registrations.on_registered = self._registered
        exchange.on_subscribe = self.pnp.take

    @property
    def operations(self) -> Mapping[str, Operation]:
        """What the control desk asks of us."""
        desks = (self.desk.operations, self.softphones.operations, self.dhcp.operations)
        return {name: operation for desk in desks for name, operation in desk.items()}

    async def restore(self) -> None:
        """Take over what an earlier run knew."""
        try:
            phones, codes = await self._tools.store.load(self._tools.clock.wall())
        except StoreError as error:
            log.error("what is known of phones cannot be read: %s", error)
            return
        self.devices.restore(phones)
        self.claims.restore(codes)

    def close(self) -> None:
        self.resync.close()

    def configure(self, snapshot: Snapshot) -> None:
        """Follow new settings: phones whose files differ are told."""
        before, self._before = self._before, snapshot
        self._say_untold(before, snapshot)
        if self.devices.has_any:
            self._tools.spawn(self._follow(before, snapshot))

    def _say_untold(self, before: Snapshot, snapshot: Snapshot) -> None:
        """A key that no phone has a place for is told to nobody: that must not be silent."""
        for untold in newly_untold(before, snapshot, self.devices.get, self._tools.brands):
            log.warning(
                "phone %s (%s) has %d keys: %d of the settings stand behind them and are not told",
                *(untold.mac, untold.model, untold.places, untold.keys),
            )

    async def _follow(self, before: Snapshot, snapshot: Snapshot) -> None:
        macs = await self.resync.changed(before, snapshot)
        if macs:
            log.info("revision %d changes %d phones", snapshot.revision, len(macs))

    async def claim(self, number: str, code: str) -> str:
        """For the claim menu (apps/claim.py)."""
        return await self.claiming.dialled(number, code)

    # ---- what happens

    def _registered(self, binding: Binding) -> None:
        """A window closes with the first registration of its phone."""
        for mac in self.devices.windows.open_ones():
            device = self.devices.get(mac)
            phone = self._tools.snapshot().document.phone_by_mac.get(mac)
            is_here = device is not None and device.host == binding.hop.host
            if is_here and phone is not None and binding.address_of_record in phone.extensions:
                self.devices.windows.registered(mac)

    def _is_registered(self, phone: Phone) -> bool:
        device = self.devices.get(phone.mac)
        return any(b.is_reachable for b in self.standings.bindings(phone, device))

    def _accounts(self, mac: str) -> list[Account]:
        """Where a phone can be told now: by its registrations, or as a phone without a number."""
        document = self._tools.snapshot().document
        phone, device = document.phone_by_mac.get(mac), self.devices.get(mac)
        found: list[Account] = []
        if phone is not None:
            bindings = reachable_first(self.standings.bindings(phone, device))
            for binding in bindings:
                extension = document.extension_by_number.get(binding.address_of_record)
                found.append(account_of(binding, extension.secret if extension else ""))
        contact = self.guests.contact(mac)
        if contact is not None and device is not None:
            number, secret = device.guest_number, device.guest_password
            found.append(Account(number, secret, contact.contact_uri, contact.hop))
        return found

    def _is_talking(self, number: str) -> bool:
        return self._exchange.live.counts.extension_calls.get(number, 0) > 0

    def _is_banned(self, host: str) -> bool:
        logins, now = self._exchange.gate.logins, self._tools.clock.now()
        place = logins.place(host)
        scopes = (Scope.PLACE, Scope.NEW_LOGINS)
        return any(logins.bans.is_in_force(scope, place, "", now) for scope in scopes)

    # ---- parts

    def _device_tools(self) -> DeviceTools:
        tools = self._tools
        return DeviceTools(
            clock=tools.clock,
            ids=tools.ids,
            choose=tools.choose,
            store=tools.store,
            is_configured=lambda mac: mac in tools.snapshot().document.phone_by_mac,
        )

    def _standing_tools(self) -> StandingTools:
        return StandingTools(
            clock=self._tools.clock,
            snapshot=self._tools.snapshot,
            devices=self.devices,
            registrations=self._exchange.registrations,
            brands=self._tools.brands,
            is_banned=self._is_banned,
            waits_for_key=self.guests.waits_for_key,
            is_guest_here=lambda mac: self.guests.contact(mac) is not None,
            is_waiting=lambda mac: self.resync.is_waiting(mac),
            lamps=self._exchange.notifier.count_of,
            is_emulated=self._tools.is_emulated,
        )

    def _resync_tools(self) -> ResyncTools:
        return ResyncTools(
            clock=self._tools.clock,
            devices=self.devices,
            brands=self._tools.brands,
            requests=self._exchange.requests,
            addresses=self._exchange.parts.addresses,
            accounts=self._accounts,
            is_talking=self._is_talking,
        )

    def _claiming_tools(self) -> ClaimingTools:
        tools = self._tools
        return ClaimingTools(
            config=tools.data / "config.db",
            clock=tools.clock,
            snapshot=tools.snapshot,
            reload=tools.reload,
            devices=self.devices,
            claims=self.claims,
            waits_for_key=self.guests.waits_for_key,
            resync=self.resync,
            store=tools.store,
            is_registered=self._is_registered,
            raise_alert=tools.raise_alert,
        )

    def _desk_tools(self) -> PhoneDeskTools:
        tools = self._tools
        return PhoneDeskTools(
            clock=tools.clock,
            snapshot=tools.snapshot,
            devices=self.devices,
            guests=self.guests,
            standings=self.standings,
            claiming=self.claiming,
            resync=self.resync,
            shown=Shown(self._shown_tools()),
            store=tools.store,
            sip_port=tools.sip_port,
            scan=lambda: scan(tools.addresses(), self._maker),
            raise_alert=tools.raise_alert,
            brand_title=lambda name: tools.brands().title(name) if name else "",
        )

    def _maker(self, mac: str) -> str:
        """Who made a device with this hardware address, as he calls himself; or empty."""
        brands = self._tools.brands()
        name = brands.maker(mac)
        return brands.title(name) if name else ""

    def _softphone_tools(self) -> SoftphoneDeskTools:
        tools = self._tools
        return SoftphoneDeskTools(
            clock=tools.clock,
            ids=tools.ids,
            snapshot=tools.snapshot,
            brands=tools.brands,
            ports=self.desk.ports,
            own_host=self._exchange.parts.addresses.own_host,
            sip_port=tools.sip_port,
        )

    def _dhcp_tools(self) -> DhcpDeskTools:
        own_host = self._exchange.parts.addresses.own_host
        return DhcpDeskTools(self._tools.addresses, own_host, self.desk.ports)

    def _shown_tools(self) -> ShownTools:
        return ShownTools(
            snapshot=self._tools.snapshot,
            devices=self.devices,
            brands=self._tools.brands,
            addresses=self._exchange.parts.addresses,
            ports=lambda: dict(self.desk.ports()),
            sip_port=self._tools.sip_port,
        )

    def _pnp_tools(self) -> PnpTools:
        tools = self._tools
        return PnpTools(
            parts=self._exchange.parts,
            requests=self._exchange.requests,
            ports=lambda: dict(self.desk.ports()),
            neighbour=tools.neighbour,
            addresses=tools.addresses,
            spawn=tools.spawn,
            raise_alert=tools.raise_alert,
            is_enabled=lambda: tools.snapshot().document.provisioning.is_enabled,
            trusts=tools.is_emulated,
        )
