"""Who may take a place in a live call by INVITE with Replaces (RFC 3891 §3, §8).

PURE. A call that rings is taken by whoever could take it by a pickup code: of his own number, of
his group, or any where directed pickup has a code. A call that is talked is its own extension's
alone: it goes on at another phone of the same number.
"""

from __future__ import annotations

from appliance.call.leg import Cause, Replaced
from appliance.config.model import DestinationKind, Extension
from appliance.routing.claim import UNCLAIMED_CLASS
from appliance.routing.decision import Decision, PickUp, Verdict
from appliance.routing.number import shown
from appliance.routing.outbound import refuse_by_class
from appliance.routing.plan import Asking
from appliance.routing.profile import Meaning

_KIND = DestinationKind.FEATURE


def decide_replacing(asking: Asking, wanted: Replaced) -> Decision:
    """What becomes of a caller who asks for this place."""
    caller = asking.plan.extensions.get(asking.request.payer)
    if caller is None or not caller.is_enabled or caller.class_of_service == UNCLAIMED_CLASS:
        key = "caller.missing" if caller is None else "caller.disabled"
        asking.because(key, extension=shown(asking.request.payer))
        return asking.refuse(_KIND, wanted.extension, Cause.FORBIDDEN, "")
    if wanted.leg:
        is_allowed = caller.number == wanted.extension
        key = "replace.own" if is_allowed else "replace.not_own"
        asking.because(key, extension=shown(wanted.extension or "?"), call=wanted.call_ref)
    else:
        refusal = refuse_by_class(asking, Meaning(_KIND, wanted.extension, ()), caller)
        if refusal is not None:
            return refusal
        is_allowed = _may_pick_up(asking, wanted.extension, caller)
        key = "pickup.takes" if is_allowed else "replace.no_pickup"
        asking.because(key, extension=shown(wanted.extension or "?"), call=wanted.call_ref)
    if not is_allowed:
        return asking.refuse(_KIND, wanted.extension, Cause.FORBIDDEN, "")
    return Decision(
        verdict=Verdict.ROUTE,
        kind=_KIND,
        number=wanted.extension,
        steps=(PickUp(wanted.call_ref, wanted.leg),),
        cause=Cause.BUSY,
        reasons=tuple(asking.reasons),
    )


def _may_pick_up(asking: Asking, number: str, caller: Extension) -> bool:
    called = asking.plan.extensions.get(number)
    if called is None:
        return False
    dialling = asking.plan.document.dialling
    is_in_group = bool(caller.pickup_group) and called.pickup_group == caller.pickup_group
    return (
        caller.number == number
        or bool(dialling.directed_pickup_code)
        or (is_in_group and bool(dialling.pickup_code))
    )
