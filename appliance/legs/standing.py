"""Calls that stand or ring are kept on disk, and whom the last run left in one is told that it is
over.

Owns which dialogs the disk knows of. Each SOON_S new legs are looked at: what was not answered by
then is kept, and looked at again until it is answered, and its dialog is kept in its place; what
was answered is kept when it has stood for SETTLED_S, so that what is over by then costs nothing. A
round a second keeps what changed and forgets what is gone. After a kill telephones that
rang are sent CANCEL and their callers are refused (unfinished_invite.py); everybody else kept is
sent BYE (RFC 3261 §15) with a Reason (RFC 3326). Who does not answer, for the network may come up
later than we, is told again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from appliance.call.leg import Cause
from appliance.clock import Alarm, Clock
from appliance.config.model import Snapshot, Trunk
from appliance.legs.causes import reason_header
from appliance.legs.requests import Requests
from appliance.legs.sip_leg import SipLeg
from appliance.legs.trunks.identity import trunk_credentials
from appliance.legs.trunks.trunk import TrunkLeg
from appliance.sip.endpoint import Endpoint
from appliance.sip.events import Credentials, FailureCause, Hop, ResponseReceived
from appliance.store.dialog_codec import Kept, KeptDialog, KeptInvite

log = logging.getLogger(__name__)
ROUND_S = 1.0
SOON_S = 0.1  # with the writer's 0.1: what rings longer than both is known after a kill
SETTLED_S = 0.3
_TRIES = 4
_AGAIN_S = 10.0
_AT_ONCE = 50  # farewells in one go: a thousand datagrams at once would be lost in some buffer
_PAUSE_S = 0.1


class DialogKeeper(Protocol):
    """Where dialogs are kept (store/dialogs.py)."""

    def apply(self, kept: Sequence[Kept], gone: Sequence[str]) -> object: ...


@dataclass(frozen=True, slots=True)
class StandingParts:
    """Tools. legs: every SIP leg that has a session; trunks_at: whose provider an address is."""

    store: DialogKeeper
    endpoint: Endpoint
    clock: Clock
    requests: Requests
    legs: Callable[[], Iterable[SipLeg]]
    snapshot: Callable[[], Snapshot]
    trunks_at: Callable[[str], list[Trunk]]


class StandingDialogs:
    """Keeps them, and says farewell to those of an earlier run."""

    def __init__(self, parts: StandingParts) -> None:
        self._parts = parts
        self._kept: dict[int, tuple[str, tuple[str, Hop]]] = {}  # session -> key, way
        self._fresh: list[SipLeg] = []  # legs that nobody looked at, or that rang then
        self._withdrawn: dict[int, tuple[KeptInvite, int]] = {}  # session -> and tries left
        self._alarm: Alarm | None = None
        self._soon: Alarm | None = None
        self._is_closed = False

    def start(self) -> None:
        self._alarm = self._parts.clock.call_later(ROUND_S, self._round)

    def close(self) -> None:
        """A last look: what ended meanwhile needs no farewell."""
        self._is_closed = True
        for alarm in (self._alarm, self._soon):
            if alarm is not None:
                alarm.cancel()
        self._look()

    # ---- keeping

    def begins(self, leg: object) -> None:
        """A leg begins: it is looked at soon, if it has a SIP session."""
        if isinstance(leg, SipLeg):
            self._fresh.append(leg)
            if self._soon is None:
                self._soon = self._parts.clock.call_later(SOON_S, self._look_at_fresh)

    def _look_at_fresh(self) -> None:
        live = {leg.session for leg in self._parts.legs()}  # not those that no port was left for
        fresh = [leg for leg in self._fresh if leg.session in live and not leg.is_over]
        answered_at_once = [leg for leg in fresh if self._stands(leg) and not self._is_kept(leg)]
        self._keep([leg for leg in fresh if not leg.is_answered or self._is_kept(leg)])
        if answered_at_once:
            self._parts.clock.call_later(SETTLED_S, partial(self._keep, answered_at_once))
        self._fresh = [leg for leg in fresh if not self._stands(leg)]
        self._soon = None
        if self._fresh:
            self._soon = self._parts.clock.call_later(SOON_S, self._look_at_fresh)

    def _keep(self, legs: Iterable[SipLeg]) -> None:
        """Have the disk know those that are not over."""
        news: list[Kept] = []
        for leg in legs:
            if not leg.is_over:
                news += self._news(leg) if leg.is_answered else self._ringing(leg)
        if news and not self._is_closed:
            self._parts.store.apply(news, ())

    def _round(self) -> None:
        self._alarm = self._parts.clock.call_later(ROUND_S, self._round)
        self._look()

    def _look(self) -> None:
        """Have the disk follow what it knows of."""
        news: list[Kept] = []
        gone = set(self._kept)
        for leg in self._parts.legs():
            if not leg.is_over and self._is_kept(leg):
                gone.discard(leg.session)
                news += self._news(leg) if leg.is_answered else self._ringing(leg)
        keys = [self._kept.pop(session)[0] for session in gone]
        if news or keys:
            self._parts.store.apply(news, keys)

    def _stands(self, leg: SipLeg) -> bool:
        """Answered; not when the 200 waits for a PRACK (RFC 3262 §3)."""
        return leg.is_answered and self._parts.endpoint.dialog_of(leg.session) is not None

    def _is_kept(self, leg: SipLeg) -> bool:
        return leg.session in self._kept

    def _news(self, leg: SipLeg) -> list[KeptDialog]:
        """The leg's dialog, unless the disk has it with the same way to the far end."""
        dialog = self._parts.endpoint.dialog_of(leg.session)
        if dialog is None:
            return []
        key = _key(dialog.call_id, dialog.local_tag)
        if not self._is_new(leg.session, key, (dialog.remote_target, dialog.hop)):
            return []
        trunk = leg.line.trunk.name if isinstance(leg, TrunkLeg) else ""
        return [KeptDialog(key, dialog, leg.party, trunk)]

    def _ringing(self, leg: SipLeg) -> list[KeptInvite]:
        """The leg's INVITE, which may be sent anew after a challenge or a redirection."""
        invite = self._parts.endpoint.unfinished_of(leg.session)
        if invite is None:
            return []
        key = _key(invite.request.call_id, invite.local_tag)
        way = (invite.request.via.branch, invite.hop)
        return [KeptInvite(key, invite, leg.party)] if self._is_new(leg.session, key, way) else []

    def _is_new(self, session: int, key: str, way: tuple[str, Hop]) -> bool:
        """Note what the disk is about to know; False when it knows that."""
        if self._kept.get(session) == (key, way):
            return False
        self._kept[session] = (key, way)
        return True

    # ---- the farewell

    def part(self, left: Sequence[Kept]) -> None:
        """Tell the parties of calls that were cut that they are over; whoever rings first."""
        for number, kept in enumerate(sorted(left, key=lambda kept: isinstance(kept, KeptDialog))):
            delay_s = number // _AT_ONCE * _PAUSE_S
            if isinstance(kept, KeptDialog):
                self._later(delay_s, kept, _TRIES)
            else:
                self._parts.clock.call_later(delay_s, partial(self._stop_ringing, kept, _TRIES))

    def _stop_ringing(self, kept: KeptInvite, tries: int) -> None:
        """The transaction repeats it for 32 s (RFC 3261 §17.1.2.2), unless there is no way."""
        if self._is_closed:
            return
        what = "CANCEL to" if kept.invite.is_ours else "503 to"
        log.info("a call was cut: %s %s at %s", what, kept.party, kept.invite.hop.host)
        session = self._parts.requests.end_unfinished(kept.invite, reason_header(Cause.RESTART))
        if session:
            self._withdrawn[session] = (kept, tries - 1)
        self._parts.store.apply((), (kept.key,))

    def nobody_heard(self, session: int) -> bool:
        """A CANCEL of ours stayed without any answer: it is sent again later, for the telephone may
        ring on. False for what is none of them."""
        kept, tries = self._withdrawn.pop(session, (None, 0))
        if kept is not None and tries > 0:
            self._parts.clock.call_later(_AGAIN_S, partial(self._stop_ringing, kept, tries))
        return kept is not None

    def _later(self, delay_s: float, kept: KeptDialog, tries: int) -> None:
        self._parts.clock.call_later(delay_s, lambda: self._say_bye(kept, tries))

    def _say_bye(self, kept: KeptDialog, tries: int) -> None:
        if not self._is_closed:
            log.info("a call was cut: BYE to %s at %s", kept.party, kept.dialog.hop.host)
            answer = partial(self._on_answer, kept, tries)
            reason = reason_header(Cause.RESTART)
            self._parts.requests.farewell(kept.dialog, reason, self._credentials(kept), answer)

    def _credentials(self, kept: KeptDialog) -> Credentials | None:
        """The trunk's, unless the called party led the dialog to a host of its own."""
        trunk = self._parts.snapshot().document.trunk_by_name.get(kept.trunk)
        host = kept.dialog.hop.host
        if trunk is None or (host != trunk.host and trunk not in self._parts.trunks_at(host)):
            return None
        return trunk_credentials(trunk)

    def _on_answer(
        self,
        kept: KeptDialog,
        tries: int,
        response: ResponseReceived | None,
        cause: FailureCause | None,
    ) -> None:
        """Any final response will do: 481 says that the far end knows already."""
        if response is None and tries > 1:
            has_other_way = cause is FailureCause.TRANSPORT and kept.dialog.lose_stream()
            self._later(0.0 if has_other_way else _AGAIN_S, kept, tries - 1)
        else:
            self._parts.store.apply((), (kept.key,))


def _key(call_id: str, local_tag: str) -> str:
    """By which the disk knows it; octets that are no text on the wire are none here either."""
    return f"{call_id};{local_tag}".encode("ascii", "backslashreplace").decode()
