"""A SIP session as a leg: executes LegCommands on the endpoint, raises LegEvents from its events.

Owns one session and its media. It has no policy: phone.py and trunk.py decide whom to invite and by
which name. Whatever happens, the leg tells exactly one ``Failed`` or ``Ended``, and only once its
session asks nothing more of us. RFC 3261 §13–15, RFC 3264, RFC 4028 stay below, in appliance/sip.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from appliance.call import leg as vocabulary
from appliance.call.leg import Cause, LegCommand
from appliance.errors import MediaError, RemoteProtocolError
from appliance.legs.causes import STATUS, cause_of_status, is_answered_elsewhere, reason_header
from appliance.legs.command_methods import obey
from appliance.legs.digits import digit_of_info, info_of_digit
from appliance.legs.leg_media import LegMedia
from appliance.legs.parts import LegParts
from appliance.media.api import StreamStatistics
from appliance.sdp.media import Direction, Media
from appliance.sdp.negotiate import Described
from appliance.sip import events as sip
from appliance.sip.body import sdp_body

log = logging.getLogger(__name__)

_FAILURES = {
    sip.FailureCause.TIMEOUT: Cause.NO_RESPONSE,
    sip.FailureCause.TRANSPORT: Cause.UNREACHABLE,
    sip.FailureCause.CANCELLED: Cause.CANCELLED,
}
_ENDS = {
    sip.EndCause.BYE: Cause.NORMAL,
    sip.EndCause.SESSION_TIMER: Cause.SESSION_EXPIRED,
    sip.EndCause.NO_ACK: Cause.NO_RESPONSE,
    sip.EndCause.GONE: Cause.NO_RESPONSE,
}


class SipLeg:
    """One party of a call that speaks SIP. number: the leg's; party: for the journal."""

    def __init__(self, number: int, party: str, parts: LegParts, media: LegMedia) -> None:
        self.number = number
        self.party = party
        self.session = 0
        self.media = media
        media.leg = number
        self.is_answered = False
        self.is_over = False
        self.on_new_session: Callable[[int, int], None] = _nobody_asks
        self._is_caller = False  # the far end called us
        self._hung_up: Cause | None = None
        self._pending: Described | None = None  # an offer that waits for the other party
        self._parts = parts

    # ---- the call's side

    def execute(self, command: LegCommand) -> None:
        """Carry out one command; what cannot be done any more is left undone."""
        if self.is_over:
            return
        try:
            obey(self, command)
        except MediaError as error:
            log.warning("leg %d (%s): %s", self.number, self.party, error)
            self._give_up(Cause.INCOMPATIBLE)

    def statistics(self) -> StreamStatistics | None:
        return self.media.statistics()

    @property
    def is_talking(self) -> bool:
        """True while it is answered and its party may send: silence then means that it is gone."""
        described = self.media.described
        if not self.is_answered or self.is_over or described is None or described.media is None:
            return False
        return described.media.direction in (Direction.SENDRECV, Direction.SENDONLY)

    def silent_s(self) -> float:
        """Seconds since the party was last heard."""
        statistics = self.media.statistics()
        return statistics.silent_s if statistics is not None else 0.0

    def release(self) -> None:
        """The call is over: give back ports, and let go of who holds us."""
        self.media.close()
        self.on_new_session = _nobody_asks

    # ---- the endpoint's side

    def on_event(self, event: sip.Event) -> None:
        """One event of this leg's session; a leg that is over has told all."""
        if self.is_over:
            return
        try:
            getattr(self, _EVENTS[type(event)])(event)
        except (RemoteProtocolError, MediaError) as error:
            log.warning("leg %d (%s): %s", self.number, self.party, error)
            self._give_up(Cause.INCOMPATIBLE)

    def accept_caller(self, received: sip.InviteReceived) -> Media | None:
        """Take the far end's INVITE as this leg; returns its offer, None for a delayed one.

        Raises RemoteProtocolError (488, 400) or MediaError (ports, hostile address).
        """
        self.session = received.session
        self._is_caller = True
        body = sdp_body(received.request)
        self.media.open()
        return self.media.adopt(self.media.read(body)) if body else None

    def invite(self, invitation: sip.Invitation) -> None:
        """Call the far end."""
        self.session = self._parts.endpoint.invite(invitation, self._parts.clock.now())

    def switch_session(self, invitation: sip.Invitation) -> None:
        """Call again by another session: the first host was dead."""
        old = self.session
        self.invite(invitation)
        self.on_new_session(old, self.session)

    # ---- commands

    def _ring(self, command: vocabulary.Ring) -> None:
        if command.answer is None or self.media.described is None:
            self._provisional(180, b"")
        else:
            self._provisional(183, self.media.answer(command.answer))

    def _provisional(self, status: int, body: bytes) -> None:
        now = self._parts.clock.now()
        self._parts.endpoint.provisional(self.session, status, body, now=now)

    def _answer(self, command: vocabulary.Answer) -> None:
        self.is_answered = True
        is_delayed = self.media.described is None
        make = self.media.offer if is_delayed else self.media.answer
        body = make(command.answer)
        self._parts.endpoint.answer(self.session, body, now=self._parts.clock.now())

    def _reject(self, command: vocabulary.Reject) -> None:
        self._refuse(command.cause)

    def _reoffer(self, command: vocabulary.Reoffer) -> None:
        body = self.media.offer(command.offer)
        self._parts.endpoint.offer(self.session, body, now=self._parts.clock.now())

    def _accept_reoffer(self, command: vocabulary.AcceptReoffer) -> None:
        pending, self._pending = self._pending, None
        if pending is None:
            body = self.media.offer(command.answer)
        else:
            self.media.adopt(pending)
            body = self.media.answer(command.answer)
        self._parts.endpoint.accept_offer(self.session, body, now=self._parts.clock.now())

    def _refuse_reoffer(self, command: vocabulary.RefuseReoffer) -> None:
        self._pending = None
        now = self._parts.clock.now()
        self._parts.endpoint.reject_offer(self.session, command.status, now=now)

    def _send_digit(self, command: vocabulary.SendDigit) -> None:
        kind, body = info_of_digit(command.digit, command.duration_ms)
        self._parts.endpoint.info(self.session, kind, body, now=self._parts.clock.now())

    def _warn(self, command: vocabulary.Warn) -> None:
        self.media.warn(is_last=command.is_last)

    def _hang_up(self, command: vocabulary.HangUp) -> None:
        now = self._parts.clock.now()
        self._hung_up = command.cause
        reason = reason_header(command.cause)
        if self.is_answered:
            self._parts.endpoint.bye(self.session, reason, now=now)
            self._end(command.cause, is_remote=False)
        elif self._is_caller:
            self._refuse(command.cause)
        else:
            self._parts.endpoint.cancel(self.session, reason, now=now)

    def _refuse(self, cause: Cause) -> None:
        self._parts.endpoint.reject(self.session, STATUS[cause], now=self._parts.clock.now())
        self._end(cause, is_remote=False)

    # ---- events

    def _progressed(self, event: sip.SessionProgressed) -> None:
        response = event.response
        body = sdp_body(response)
        if body and self._hung_up is None:
            media = self.media.adopt(self.media.read(body))
            self._parts.tell(vocabulary.Progressed(self.number, media))
        elif response.status in (180, 181, 182):
            self._parts.tell(vocabulary.Progressed(self.number, None))
        else:
            self._parts.tell(vocabulary.Trying(self.number))

    def _answered(self, event: sip.SessionAnswered) -> None:
        self.is_answered = True
        if self._hung_up is not None:  # the 200 crossed our CANCEL
            self._hang_up(vocabulary.HangUp(self.number, self._hung_up))
            return
        media = self.media.adopt(self.media.read(sdp_body(event.response)))
        self._parts.tell(vocabulary.Answered(self.number, media))

    def _failed(self, event: sip.SessionFailed) -> None:
        status = event.response.status if event.response else 0
        said = event.response.reason if event.response else event.cause.value
        cause = self._hung_up or _cause_of(event.cause, status)
        self.is_over = True
        self._parts.tell(vocabulary.Failed(self.number, cause, status, said))

    def _cancelled(self, event: sip.SessionCancelled) -> None:
        cause = Cause.ANSWERED_ELSEWHERE if is_answered_elsewhere(event.reason) else Cause.CANCELLED
        self._end(cause, is_remote=True, said=event.reason)

    def _confirmed(self, event: sip.SessionConfirmed) -> None:
        if event.body and self.media.described is None:
            media = self.media.adopt(self.media.read(event.body))
            self._parts.tell(vocabulary.ReofferAnswered(self.number, media))

    def _offer_received(self, event: sip.OfferReceived) -> None:
        now = self._parts.clock.now()
        if event.body is None:
            self._parts.tell(vocabulary.Reoffered(self.number, None))
            return
        try:
            described = self.media.read(event.body)
        except RemoteProtocolError as error:
            self._parts.endpoint.reject_offer(self.session, error.status, now=now)
            return
        assert described.media is not None
        local = self.media.local
        if local is not None and self.media.changes_nothing(described):
            self._move(described, local)
        else:
            self._pending = described
            self._parts.tell(vocabulary.Reoffered(self.number, described.media))

    def _move(self, described: Described, local: Media) -> None:
        """The far end changed its address alone: nobody else need know; a bad one is refused."""
        now = self._parts.clock.now()
        try:
            self.media.adopt(described)
        except MediaError as error:
            log.warning("leg %d (%s) stays where it was: %s", self.number, self.party, error)
            self._parts.endpoint.reject_offer(self.session, 488, now=now)
            return
        body = self.media.answer(local)
        self._parts.endpoint.accept_offer(self.session, body, now=now)

    def _offer_answered(self, event: sip.OfferAnswered) -> None:
        media = self.media.adopt(self.media.read(event.body))
        self._parts.tell(vocabulary.ReofferAnswered(self.number, media))

    def _offer_refused(self, event: sip.OfferRefused) -> None:
        self._parts.tell(vocabulary.ReofferRefused(self.number, event.status))

    def _info(self, event: sip.InfoReceived) -> None:
        key = digit_of_info(event.content_type, event.body)
        if key is not None:
            digit, duration_ms = key
            self._parts.tell(
                vocabulary.DigitReceived(self.number, digit, duration_ms, is_in_band=False)
            )

    def _session_ended(self, event: sip.SessionEnded) -> None:
        self._end(_ENDS[event.cause], is_remote=event.is_remote, said=event.reason)

    # ---- the end

    def _give_up(self, cause: Cause) -> None:
        """The far end's media cannot be used: end the session, tell the call."""
        if self.is_over:
            return
        if self.is_answered or self._is_caller:
            self._hang_up(vocabulary.HangUp(self.number, cause))
        else:
            now, reason = self._parts.clock.now(), reason_header(cause)
            self._parts.endpoint.cancel(self.session, reason, now=now)
            self._parts.endpoint.bye(self.session, reason, now=now)  # its 200 may be here already
            self.is_over = True
            self._parts.tell(vocabulary.Failed(self.number, cause, STATUS[cause], "media"))

    def _end(self, cause: Cause, *, is_remote: bool, said: str = "") -> None:
        if not self.is_over:
            self.is_over = True
            self._parts.tell(vocabulary.Ended(self.number, cause, is_remote, said))


def _cause_of(cause: sip.FailureCause, status: int) -> Cause:
    """Why a leg failed that nobody has hung up: by 487 then the phone itself refuses."""
    found = _FAILURES.get(cause) or cause_of_status(status)
    return Cause.REJECTED if found is Cause.CANCELLED else found


def _nobody_asks(old: int, new: int) -> None:
    """Until the switchboard listens."""


#: Methods by name, so that a kind of leg can have its own.
_EVENTS: dict[type[Any], str] = {
    sip.SessionProgressed: "_progressed",
    sip.SessionAnswered: "_answered",
    sip.SessionFailed: "_failed",
    sip.SessionCancelled: "_cancelled",
    sip.SessionConfirmed: "_confirmed",
    sip.OfferReceived: "_offer_received",
    sip.OfferAnswered: "_offer_answered",
    sip.OfferRefused: "_offer_refused",
    sip.InfoReceived: "_info",
    sip.SessionEnded: "_session_ended",
}
