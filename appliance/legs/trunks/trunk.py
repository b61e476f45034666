"""A provider's trunk as a leg: how a call leaves by it, and how its calls are read.

Owns nothing of its own. Further hosts of the same provider are tried in RFC 3263's order while
nobody has answered; what a call meets there is told to the trunk's line.
"""

from __future__ import annotations

from appliance.call import leg as vocabulary
from appliance.call.leg import Cause, Offered, Party
from appliance.config.model import Trunk
from appliance.legs.leg_media import LegMedia
from appliance.legs.parts import LegParts
from appliance.legs.sip_leg import SipLeg
from appliance.legs.trunks.line import TrunkLine
from appliance.sip import events as sip
from appliance.sip.headers import parse_name_addr
from appliance.sip.message import Request
from appliance.sip.uri import parse_uri

_HIDDEN_NUMBERS = frozenset({"", "anonymous", "unknown", "restricted", "unavailable"})


class TrunkLeg(SipLeg):
    """A leg that leaves by a trunk; what its call meets is told to the trunk's line."""

    line: TrunkLine
    _waiting: list[sip.Invitation]

    def dial(self, invitations: list[sip.Invitation]) -> None:
        """Call by the first host; the others wait for a dead socket or a 503."""
        self._waiting = invitations[1:]
        self._hop = invitations[0].hop
        self.invite(invitations[0])

    def _progressed(self, event: sip.SessionProgressed) -> None:
        self.line.call_succeeded()
        super()._progressed(event)

    def _hang_up(self, command: vocabulary.HangUp) -> None:
        """The call leaves this way because nobody has answered at all: the line hears of it."""
        if command.cause is Cause.NO_RESPONSE and not self.is_answered:
            self.line.hop_failed(self._hop)
            self.line.call_failed("no_answer", 0)
        super()._hang_up(command)

    def _failed(self, event: sip.SessionFailed) -> None:
        is_dead = event.cause in (sip.FailureCause.TRANSPORT, sip.FailureCause.TIMEOUT)
        if is_dead and self._hung_up is None:
            self.line.hop_failed(self._hop)
        is_full = event.response is not None and event.response.status == 503
        if (is_dead or is_full) and self._waiting and self._hung_up is None:
            invitation = self._waiting.pop(0)
            self._hop = invitation.hop
            self.switch_session(invitation)
            return
        if is_dead and self._hung_up is None:
            is_silent = event.cause is sip.FailureCause.TIMEOUT
            self.line.call_failed("no_answer" if is_silent else "unreachable", 0)
        super()._failed(event)


def trunk_media(hop: sip.Hop, parts: LegParts) -> LegMedia:
    """Media towards a provider: its description is believed unless it is plainly private."""

    def is_behind_nat(host: str) -> bool:
        return parts.addresses.is_local(host) and not parts.addresses.is_local(hop.host)

    place = parts.addresses.media_place(hop)
    return LegMedia(parts.media, place, parts.next_origin_id(), parts.leg_of_stream, is_behind_nat)


def dialled_did(trunk: Trunk, request: Request) -> str:
    """The number of ours that a caller from this trunk dialled, in the provider's form."""
    uri = request.to.uri if trunk.did_from == "to" else request.uri
    return parse_uri(uri).user


def caller_of_trunk(request: Request) -> Party:
    """Who calls by a trunk: P-Asserted-Identity before From (RFC 3325 §9.1), as written."""
    asserted = request.headers.values("P-Asserted-Identity")
    address = parse_name_addr(asserted[0]) if asserted else request.from_
    user = parse_uri(address.uri).user
    privacy = (request.headers.get("Privacy") or "").lower()
    is_hidden = user.lower() in _HIDDEN_NUMBERS or "id" in privacy.replace(" ", "").split(";")
    return Party("" if is_hidden else user, "" if is_hidden else address.display, is_hidden)


def offered_by_trunk(
    leg: SipLeg, received: sip.InviteReceived, trunk: Trunk, caller: Party
) -> Offered:
    """What a provider's caller asks for."""
    offer = leg.accept_caller(received)
    dialled = dialled_did(trunk, received.request)
    return Offered(leg.number, caller, dialled, offer, trunk=trunk.name)
