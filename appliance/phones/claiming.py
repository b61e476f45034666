"""A phone gets its number: by a code that was dialled on it, or by an admin's click.

Owns the claim codes. The number goes into the settings as a revision of its own (config.store keeps
its writers one at a time), the window opens, and the phone is told to fetch. Where the number's old
phone is dead, the new one takes its place with its keys and its label.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from appliance.apps import claim as app
from appliance.clock import Clock
from appliance.config.model import Document, Phone, Snapshot
from appliance.config.store import change
from appliance.errors import DozvonError, UserError
from appliance.phones.claims import Claims, Outcome
from appliance.phones.devices import Devices
from appliance.phones.resync import Resync
from appliance.routing.claim import KEY_CODE
from appliance.store.phones import ClaimCode, PhoneStore
from appliance.unbroken import Unbroken

log = logging.getLogger(__name__)
_LATER = "claim_later"
_SAID = {Outcome.WRONG: app.WRONG, Outcome.GUESSED: app.WRONG, Outcome.RESTING: _LATER}


@dataclass(frozen=True, slots=True)
class ClaimingTools:
    """config: config.db; waits_for_key: whether the key of a phone opens its window;
    is_registered: whether a phone of this hardware address can be called."""

    config: Path
    clock: Clock
    snapshot: Callable[[], Snapshot]
    reload: Callable[[int | None], Awaitable[int]]
    devices: Devices
    claims: Claims
    waits_for_key: Callable[[str], bool]
    resync: Resync
    store: PhoneStore
    is_registered: Callable[[Phone], bool]
    raise_alert: Callable[[str, str], None]


class Claiming:
    """``dialled`` for the claim menu, ``give`` for people, ``code_of`` for who hands codes out."""

    def __init__(self, tools: ClaimingTools) -> None:
        self._tools = tools
        self._unbroken = Unbroken()

    async def dialled(self, guest_number: str, code: str) -> str:
        """Take a code from the phone with this hidden account; the prompt that says what came. Who
        hangs up early has the number all the same."""
        return await self._unbroken.run(self._dialled(guest_number, code))

    async def _dialled(self, guest_number: str, code: str) -> str:
        tools = self._tools
        device = tools.devices.of_guest(guest_number)
        if device is None:
            return app.WRONG
        if code == KEY_CODE:
            return self._by_key(device.mac)
        outcome, taken = tools.claims.take(device.mac, code, tools.clock.wall(), tools.clock.now())
        if taken is None:
            if outcome is not Outcome.WRONG:
                tools.raise_alert("phone_claims_guessed", f"{device.host} {device.mac}")
            if outcome is Outcome.GUESSED:
                self._revoke()
            return _SAID[outcome]
        return await self._redeem(device.mac, taken)

    def _by_key(self, mac: str) -> str:
        """The key of a phone that has a number and no passwords was pressed.

        Who presses it has the hidden account, which only the neighbour of this hardware address was
        told; and through the window only he is told more (provisioning/disclosure.py).
        """
        tools = self._tools
        if not tools.waits_for_key(mac):
            return app.WRONG
        tools.devices.windows.open(mac, tools.clock.now())
        tools.resync.ask(mac)
        log.info("the window of phone %s was opened (its key)", mac)
        return app.CLAIMED

    async def _redeem(self, mac: str, code: ClaimCode) -> str:
        """Give what a code stands for; it is used up only when that is saved."""
        tools = self._tools
        is_given = False
        try:
            await self.give(mac, code.extension, "claim code")
            is_given = True
        except DozvonError as error:
            log.error("extension %s was not given to %s: %s", code.extension, mac, error)
            return _LATER
        finally:
            if not is_given:
                tools.claims.give_back(code)
        tools.store.drop_code(code.extension)
        return app.CLAIMED

    def _revoke(self) -> None:
        revoked = self._tools.claims.revoke()
        for extension in revoked:
            self._tools.store.drop_code(extension)
        log.warning("claim codes are guessed: the %d that there were serve no more", len(revoked))

    async def give(self, mac: str, extension: str, by: str) -> int:
        """Give an extension to a phone and let it fetch its passwords; the revision in force.

        Raises UserError ``phone.no_such_extension``, and what saving raises.
        """
        tools = self._tools
        if extension not in tools.snapshot().document.extension_by_number:
            raise UserError("phone.no_such_extension", extension=extension)
        device = tools.devices.introduce({"mac": mac}, is_configured=True)
        dead = self._dead_phone(extension, mac)
        note = f"{extension} → {mac}"
        phone = Phone(mac=mac, brand=device.brand)
        edit = partial(with_claim, new=phone, extension=extension, dead=dead)
        revision = await asyncio.to_thread(change, tools.config, edit, "claim", note)
        tools.devices.windows.open(mac, tools.clock.now())
        applied = await tools.reload(revision)
        tools.resync.ask(mac)
        log.info("extension %s was given to phone %s (%s)", extension, mac, by)
        return applied

    def code_of(self, extension: str) -> ClaimCode:
        """The code of an extension, a new one if it has none; UserError."""
        tools = self._tools
        snapshot = tools.snapshot()
        if extension not in snapshot.document.extension_by_number:
            raise UserError("phone.no_such_extension", extension=extension)
        now = tools.clock.wall()
        code = tools.claims.code_of(extension, now)
        if code is None:
            code = tools.claims.issue(extension, _emergency(snapshot), now)
            tools.store.put_code(code)
        return code

    def _dead_phone(self, extension: str, mac: str) -> str:
        """The phone whose place a new one takes: the number's main one that cannot be called."""
        for phone in self._tools.snapshot().document.phones:
            is_main = phone.extensions[:1] == (extension,)
            if is_main and phone.mac != mac and not self._tools.is_registered(phone):
                return phone.mac
        return ""


def with_claim(document: Document, new: Phone, extension: str, dead: str) -> Document:
    """The settings in which this phone has the extension; ``dead`` gives its place up to it, unless
    it has numbers of its own, which it keeps."""
    known = document.phone_by_mac.get(new.mac)
    has_number = known is not None and bool(known.extensions)
    old = document.phone_by_mac.get(dead) if dead and not has_number else None
    if old is not None:
        phone = replace(old, mac=new.mac, brand=new.brand, model="")
    elif known is not None:
        numbers = dict.fromkeys((extension, *known.extensions))
        phone = replace(known, extensions=tuple(numbers), is_enabled=True)
    else:
        phone = replace(new, extensions=(extension,))
    phones = []
    for each in document.phones:
        if each.mac == (old.mac if old else new.mac):
            phones.append(phone)
        elif each.mac != new.mac:
            phones.append(each)
    if phone not in phones:
        phones.append(phone)
    return replace(document, phones=tuple(phones))


def _emergency(snapshot: Snapshot) -> set[str]:
    """What no code may begin with: emergency numbers, bare and behind the outside prefix."""
    prefix = snapshot.document.dialling.outside_prefix
    numbers = snapshot.numbering.emergency
    return {*numbers, *(prefix + number for number in numbers)}
