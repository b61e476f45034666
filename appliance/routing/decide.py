"""The routing engine: ``decide(request, snapshot, state, now) -> Decision``.

PURE, and the only place where a call's way is chosen: the live call, ``dozvon explain``, the
journal's reasons and the simulator all ask here. A trunk's caller goes to inbound.py and nowhere
else; an extension's digits are read (profile.py), then class of service, then limits, then the
way; emergency numbers are known before anything else and pass by all of it. A forwarded call is its
forwarder's, and what is forwarded at once goes on within the same decision (forwarding.py).
``state`` counts other calls: the one that is being decided is not in it.
"""

from __future__ import annotations

from datetime import datetime

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, Extension, Snapshot
from appliance.routing.claim import UNCLAIMED_CLASS, decide_claim
from appliance.routing.decision import CallRequest, Decision, LiveState, Verdict
from appliance.routing.emergency import decide_emergency
from appliance.routing.feature import decide_feature
from appliance.routing.forwarding import (
    after_forwards,
    explain_forward,
    onward,
    refuse_forward,
    with_mailbox_beyond,
)
from appliance.routing.inbound import decide_inbound
from appliance.routing.internal import ring
from appliance.routing.mailbox import (
    decide_mailbox,
    goes_to_mailbox,
    has_mailbox,
    to_mailbox,
)
from appliance.routing.number import normalise, shown
from appliance.routing.outbound import decide_outbound, refuse_by_class
from appliance.routing.plan import Asking, plan_of
from appliance.routing.profile import Meaning, Profile
from appliance.routing.replacing import decide_replacing

#: Ends dialling on a keypad; SIP phones may send it along.
END_OF_DIALLING = "#"


def decide(request: CallRequest, snapshot: Snapshot, state: LiveState, now: datetime) -> Decision:
    """The way of one call, with every reason in order; never raises for anything dialled.

    now: aware, in the site's zone; what depends on the hour of day reads it.
    """
    asking = Asking(request, plan_of(snapshot), state, now)
    decision = _decide_once(asking)
    left: list[Decision] = []
    while decision.forwards is not None and decision.verdict is Verdict.REFUSE:
        asked = onward(asking.request, decision.forwards, decision.cause)
        if asked is None:
            break
        left.append(decision)
        asking = Asking(asked, asking.plan, state, now, asking.reasons)
        decision = _decide_once(asking)
    if decision.verdict is Verdict.REFUSE and has_mailbox(asking):
        left.append(decision)
        asking = to_mailbox(asking)
        decision = decide_mailbox(asking)
    if not asking.request.forwarded_by:
        return decision
    return after_forwards(with_mailbox_beyond(decision, asking), left, asking.request)


def _decide_once(asking: Asking) -> Decision:
    """The way of a call as far as its next forwarder."""
    request = asking.request
    if goes_to_mailbox(request):
        return decide_mailbox(asking)
    if request.forwarded_by:
        explain_forward(asking)
    if request.on_behalf_of:
        asking.because("caller.on_behalf", extension=shown(request.on_behalf_of))
        return _decide_for_extension(asking)
    if request.trunk:
        return decide_inbound(asking)
    if not request.extension:
        asking.because("caller.unknown")
        return asking.refuse(None, "", Cause.FORBIDDEN, "")
    return _decide_for_extension(asking)


def _decide_for_extension(asking: Asking) -> Decision:
    request = asking.request
    if request.replaces is not None:
        return decide_replacing(asking, request.replaces)
    profile = asking.plan.profile
    digits, is_ended = digits_dialled(request.dialled, profile)
    if digits != request.dialled:
        asking.because("dialled.read_as", dialled=shown(request.dialled), digits=shown(digits))
    meaning = profile.read(digits)
    is_growing = request.is_digit_by_digit and not (request.is_complete or is_ended)
    if is_growing and profile.must_wait(digits, meaning):
        return _more_digits(asking, digits)
    caller = asking.plan.extensions.get(request.payer)
    asking.reasons.extend(meaning.reasons)
    refusal = refuse_forward(asking, meaning)
    if refusal is not None:
        return refusal
    if meaning.kind is DestinationKind.EMERGENCY:
        if request.trunk:
            asking.because("emergency.forwarded", number=meaning.number)
            return asking.refuse(meaning.kind, meaning.number, Cause.FORBIDDEN, "forbidden")
        return decide_emergency(asking, meaning, caller)
    if caller is None or not caller.is_enabled:
        key = "caller.missing" if caller is None else "caller.disabled"
        asking.because(key, extension=shown(request.payer))
        return asking.refuse(None, shown(digits), Cause.FORBIDDEN, "forbidden")
    if caller.class_of_service == UNCLAIMED_CLASS:
        return decide_claim(asking, digits, caller)
    if meaning.kind is None:
        return asking.refuse(None, shown(digits), Cause.NOT_FOUND, "no_such_number")
    return _decide_meaning(asking, meaning, caller)


def _decide_meaning(asking: Asking, meaning: Meaning, caller: Extension) -> Decision:
    refusal = refuse_by_class(asking, meaning, caller)
    if refusal is not None:
        return refusal
    if meaning.kind is DestinationKind.FEATURE:
        return decide_feature(asking, meaning, caller)
    is_forwarded = bool(asking.request.forwarded_by)  # a forwarder takes no part in the call
    calls = 0 if is_forwarded else asking.state.extension_calls.get(caller.number, 0)
    is_inside = meaning.kind is DestinationKind.INTERNAL
    if calls >= caller.max_calls:
        limit = str(caller.max_calls)
        asking.because("caller.limit", extension=caller.number, calls=str(calls), limit=limit)
        number = meaning.number if is_inside else "+" + meaning.number
        return asking.refuse(meaning.kind, number, Cause.CONGESTION, "cannot_complete")
    if is_inside:
        return ring(asking, meaning.number)
    return decide_outbound(asking, meaning, caller)


def is_emergency(dialled: str, snapshot: Snapshot) -> bool:
    """Whether a phone that dials this calls for help."""
    profile = plan_of(snapshot).profile
    return profile.read(digits_dialled(dialled, profile)[0]).kind is DestinationKind.EMERGENCY


def digits_dialled(dialled: str, profile: Profile) -> tuple[str, bool]:
    """What a profile reads: the digits without a closing ``#``, and whether there was one."""
    digits = normalise(dialled)
    if len(digits) > 1 and digits.endswith(END_OF_DIALLING) and digits not in profile.codes:
        return digits[:-1], True
    return digits, False


def _more_digits(asking: Asking, digits: str) -> Decision:
    asking.because("digits.wait", digits=shown(digits))
    return Decision(
        verdict=Verdict.MORE_DIGITS,
        kind=None,
        number=shown(digits),
        reasons=tuple(asking.reasons),
        is_digit_final=False,
    )
