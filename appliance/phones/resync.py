"""Tells phones to read their settings again: those whose files a change has touched, and no others.

Owns who is yet to be told. A saved revision is rendered before and after for every file that a
phone was given; what differs makes a NOTIFY check-sync in the brand's own form, sent at once, or as
soon as the phone has hung up. A challenge is answered with the account's password. A reboot is
asked for only where a brand knows no other form; those phones are not told of words alone. A phone
that fetches by itself meanwhile is not troubled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.clock import Alarm, Clock
from appliance.config.model import Phone, Snapshot
from appliance.legs.parts import Addresses
from appliance.legs.phone import bracket
from appliance.legs.requests import Requests
from appliance.phones.device import Device
from appliance.phones.devices import Devices
from appliance.sip.binding import Binding
from appliance.sip.events import Credentials, FailureCause, Hop, PlainRequest, ResponseReceived

if TYPE_CHECKING:  # a box whose phones were set up by hand need not load these
    from provisioning.api import NeutralSettings
    from provisioning.brand_book import BrandBook

log = logging.getLogger(__name__)
_ROUND_S = 1.0
_TIMEOUT_S = 8.0
_TRIES = 5
_AGAIN_S = 30.0
_REBOOTS = "reboot=true"  # in the form of a brand: the phone starts anew before it reads
_NOBODY = "invalid"  # stands for our address where only differences count


@dataclass(frozen=True, slots=True)
class Account:
    """Where a phone is told, and what it may ask us for."""

    number: str
    secret: str
    contact_uri: str
    hop: Hop
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResyncTools:
    """brands: of the box, loaded when first asked for; accounts: where a phone can be told now, the
    best first; is_talking: whether a number has a call."""

    clock: Clock
    devices: Devices
    brands: Callable[[], BrandBook]
    requests: Requests
    addresses: Addresses
    accounts: Callable[[str], list[Account]]
    is_talking: Callable[[str], bool]


@dataclass(slots=True)
class _Waiting:
    not_before: float
    tries: int = 0
    is_asked: bool = False


class Resync:
    """``changed(before, after)`` follows the settings; ``ask(mac)`` tells one phone."""

    def __init__(self, tools: ResyncTools) -> None:
        self._tools = tools
        self._waiting: dict[str, _Waiting] = {}
        self._alarm: Alarm | None = None
        #: How many were told since the start, for those who count.
        self.sent = 0

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._waiting.clear()

    def is_waiting(self, mac: str) -> bool:
        """Whether this phone is yet to be told."""
        return mac in self._waiting

    async def changed(self, before: Snapshot, after: Snapshot) -> list[str]:
        """Have every phone told whose files differ; their hardware addresses.

        Phone by phone, with turns for calls between: two hundred take more than a second. Who is
        asked meanwhile is asked for the new settings already.
        """
        asked = {mac for mac, waiting in self._waiting.items() if waiting.is_asked}
        macs = []
        for device in self._tools.devices.all():
            if self._may_differ(device, before, after):
                macs.append(device.mac)
                if device.mac in asked or device.mac not in self._waiting:
                    self.ask(device.mac)
            await asyncio.sleep(0)
        return macs

    def ask(self, mac: str) -> None:
        """Have this phone told, as soon as it can be reached and does not talk."""
        self._waiting[mac] = _Waiting(self._tools.clock.now())
        self._arm(0.0)

    def fetched(self, mac: str) -> None:
        """The phone has just read its settings: nothing is left to tell."""
        self._waiting.pop(mac, None)

    # ---- what differs

    def _may_differ(self, device: Device, before: Snapshot, after: Snapshot) -> bool:
        """What one phone's files break on keeps no other from being told; it is told too."""
        try:
            return self._differs(device, before, after)
        except Exception:
            log.exception("the files of phone %s cannot be compared", device.mac)
            return True

    def _differs(self, device: Device, before: Snapshot, after: Snapshot) -> bool:
        phones = [s.document.phone_by_mac.get(device.mac) for s in (before, after)]
        if phones[0] is None and phones[1] is None:
            return False
        if phones[0] is None or phones[1] is None:
            return True  # it gains or loses everything
        pairs = zip((before, after), phones, strict=True)
        told = [_settings(device, phone, snapshot) for snapshot, phone in pairs if phone]
        if told[0] == told[1]:
            return False  # seldom does a change touch many phones, and files take time to make
        if _REBOOTS in self._tools.brands().reread_event(device.brand):
            told = [_without_words(settings) for settings in told]
        return self._files(device, told[0]) != self._files(device, told[1])

    def _files(self, device: Device, settings: NeutralSettings) -> Mapping[str, bytes | None]:
        """Every file that the phone was given, as it is by these settings."""
        from provisioning.api import Identity

        identity = Identity(
            brand=device.brand, model=device.model, firmware=device.firmware, mac=device.mac
        )
        brands = self._tools.brands()
        rendered = {p: brands.render(identity, settings, p) for p in device.paths}
        return {path: file.body if file else None for path, file in rendered.items()}

    # ---- telling

    def _arm(self, delay_s: float) -> None:
        if self._alarm is None:
            self._alarm = self._tools.clock.call_later(delay_s, self._round)

    def _round(self) -> None:
        self._alarm = None
        now = self._tools.clock.now()
        for mac, waiting in tuple(self._waiting.items()):
            if not waiting.is_asked and now >= waiting.not_before:
                self._try(mac, waiting)
        if self._waiting:
            self._arm(_ROUND_S)

    def _try(self, mac: str, waiting: _Waiting) -> None:
        tools = self._tools
        device = tools.devices.get(mac)
        event = tools.brands().reread_event(device.brand) if device else ""
        if device is None or not event:
            del self._waiting[mac]
            return
        accounts = tools.accounts(mac)
        if not accounts or any(tools.is_talking(account.number) for account in accounts):
            return  # it registers, or hangs up
        waiting.is_asked = True
        waiting.tries += 1
        self.sent += 1
        request = self._notify(accounts[0], event)
        tools.requests.send(request, lambda said, cause: self._answered(mac, waiting, said, cause))

    def _notify(self, account: Account, event: str) -> PlainRequest:
        host, port = self._tools.addresses.sip_address(account.hop)
        own = f"{bracket(host)}:{port}"
        return PlainRequest(
            method="NOTIFY",
            uri=account.contact_uri,
            hop=account.hop,
            from_uri=f"sip:{account.number}@{own}",
            to_uri=f"sip:{account.number}@{own}",
            headers=(
                ("Event", event),
                ("Subscription-State", "terminated"),
                ("Contact", f"<sip:{own}>"),
            ),
            route_set=account.path,
            credentials=Credentials(account.number, account.secret),
            timeout_s=_TIMEOUT_S,
        )

    def _answered(
        self,
        mac: str,
        waiting: _Waiting,
        said: ResponseReceived | None,
        cause: FailureCause | None,
    ) -> None:
        if self._waiting.get(mac) is not waiting:
            return
        status = said.response.status if said is not None else 0
        if 200 <= status < 300:
            del self._waiting[mac]
            log.info("phone %s was told to read its settings", mac)
            return
        log.warning("phone %s did not take check-sync: %s", mac, status or cause)
        waiting.is_asked = False
        waiting.not_before = self._tools.clock.now() + _AGAIN_S
        if waiting.tries >= _TRIES:
            del self._waiting[mac]


def _settings(device: Device, phone: Phone, snapshot: Snapshot) -> NeutralSettings:
    """What the phone is told; the revision itself is no difference."""
    from provisioning.settings import DeviceFacts, settings_of

    facts = DeviceFacts(
        mac=device.mac,
        brand=device.brand,
        box_host=_NOBODY,
        base_url=f"http://{_NOBODY}/",
        secret=device.secret,
        admin_password=device.admin_password,
    )
    return replace(settings_of(snapshot, phone, facts), revision=0)


def _without_words(settings: NeutralSettings) -> NeutralSettings:
    """Without what is only shown, labels of keys and the phone book: not worth a reboot."""
    keys = tuple(replace(key, label="") for key in settings.keys)
    return replace(settings, keys=keys, contacts=())


def account_of(binding: Binding, secret: str) -> Account:
    """A registered phone as somebody who can be told."""
    return Account(
        number=binding.address_of_record,
        secret=secret,
        contact_uri=binding.contact_uri,
        hop=binding.hop,
        path=binding.path,
    )


def reachable_first(bindings: Iterable[Binding]) -> list[Binding]:
    return sorted(bindings, key=lambda binding: not binding.is_reachable)
