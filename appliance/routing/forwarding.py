"""Calls that an extension sends on (004.9): always, or when it is busy, silent or offline.

PURE. A call that goes on is its forwarder's own: his class, his limits, his account, whoever
called. What is known at once (always, offline, at the limit of calls) goes on within one decision;
what only the ringing shows is asked anew by the call, with the same ``onward``. Nobody forwards
twice, so that circles end, and an emergency number or a code is never a target.
"""

from __future__ import annotations

from dataclasses import replace

from appliance.call.leg import Cause, Diversion
from appliance.call.outcome import better
from appliance.config.model import VOICEMAIL, DestinationKind, Extension
from appliance.routing.decision import (
    CallRequest,
    Decision,
    Forwards,
    LiveState,
    Reason,
    UseTrunk,
    Verdict,
)
from appliance.routing.mailbox import mailbox_of
from appliance.routing.number import normalise, shown
from appliance.routing.outbound import refuse_by_class
from appliance.routing.plan import Asking, Plan
from appliance.routing.profile import Meaning

#: A call is sent on so often at most; the phone at its end would not believe more.
MOST_FORWARDS = 5
_NEVER = (DestinationKind.EMERGENCY, DestinationKind.FEATURE)


def target_of(dialled: str, plan: Plan) -> str:
    """What the settings keep of a target as somebody writes it, with the outside prefix or without:
    an extension's number, +E.164 or VOICEMAIL; empty for what nobody may forward to, and for
    nonsense."""
    if dialled.strip().lower() == VOICEMAIL:
        return VOICEMAIL
    meaning = plan.profile.read(normalise(dialled))
    if meaning.kind is not None:
        return _target_meant(meaning)
    e164 = plan.numbers.interpret(dialled)
    return "+" + e164 if e164 else ""


def target_dialled(digits: str, plan: Plan) -> str:
    """The same of what is dialled behind a code, which is as ever: digit by digit nobody could say
    where a number without the prefix ends."""
    return _target_meant(plan.profile.read(digits))


def _target_meant(meaning: Meaning) -> str:
    if meaning.kind is None or meaning.kind in _NEVER:
        return ""
    return meaning.number if meaning.kind is DestinationKind.INTERNAL else "+" + meaning.number


def why_closed(extension: Extension, target: str, plan: Plan) -> Reason | None:
    """Why the class of service of an extension keeps its calls from this target; None = it does
    not."""
    if target == VOICEMAIL:
        return None
    request = CallRequest(dialled=target, on_behalf_of=extension.number)
    asking = Asking(request, plan, LiveState())
    meaning = plan.profile.read(target)
    is_known = meaning.kind is not None and meaning.kind not in _NEVER
    if is_known and refuse_by_class(asking, meaning, extension) is None:
        return None
    return asking.reasons[-1] if asking.reasons else Reason("forward.no_target", {"target": target})


def forwards_of(asking: Asking, extension: Extension) -> Forwards | None:
    """Where this extension's calls go on to; None when they do not. Where nothing else is said, a
    mailbox answers (mailbox.py)."""
    chain = (*asking.request.forwarded_by, extension.number)
    rest = VOICEMAIL if mailbox_of(chain, asking.plan) else ""
    if not (
        rest
        or extension.forward_always
        or extension.forward_busy
        or extension.forward_no_answer
        or extension.forward_offline
    ):
        return None
    return Forwards(
        chain=chain,
        always=extension.forward_always,
        busy=extension.forward_busy or rest,
        no_answer=extension.forward_no_answer or rest,
        offline=extension.forward_offline or rest,
        refused=rest,
    )


def with_mailbox_beyond(decision: Decision, asking: Asking) -> Decision:
    """A call that was sent on to the outside, with the mailbox that takes it if it fails there."""
    chain = asking.request.forwarded_by
    is_outside = any(isinstance(step, UseTrunk) for step in decision.steps)
    if not is_outside or not mailbox_of(chain, asking.plan):
        return decision
    return replace(decision, forwards=Forwards(chain=chain, beyond=VOICEMAIL))


def foretell(asking: Asking, extension: Extension) -> None:
    """Where a call that rings now may go on to: its reasons are told before it does."""
    number = extension.number
    mailbox = mailbox_of((*asking.request.forwarded_by, number), asking.plan)
    if mailbox:
        asking.because("voicemail.if_unanswered", extension=number, mailbox=mailbox)
    if extension.forward_busy not in ("", VOICEMAIL):
        asking.because("forward.if_busy", extension=number, target=extension.forward_busy)
    if extension.forward_no_answer not in ("", VOICEMAIL):
        asking.because("forward.if_no_answer", extension=number, target=extension.forward_no_answer)
    if extension.forward_offline not in ("", VOICEMAIL):
        asking.because("forward.if_offline", extension=number, target=extension.forward_offline)


def onward(request: CallRequest, forwards: Forwards, cause: Cause) -> CallRequest | None:
    """The question that follows when nobody could be had for this cause; None when none does."""
    why, target = forwards.after(cause)
    if not target:
        return None
    return replace(
        request,
        dialled=target,
        is_digit_by_digit=False,
        is_complete=True,
        on_behalf_of=forwards.chain[-1],
        forwarded_by=forwards.chain,
        forwarded_because=why,
    )


def explain_forward(asking: Asking) -> None:
    """Why the call goes on, before where it goes."""
    request = asking.request
    params = {"extension": shown(request.on_behalf_of), "target": shown(request.dialled)}
    asking.because(f"forward.{request.forwarded_because}", **params)


def refuse_forward(asking: Asking, meaning: Meaning) -> Decision | None:
    """None when a forwarded call may go to what its target means, else the refusal."""
    chain = asking.request.forwarded_by
    if not chain:
        return None
    key = ""
    if meaning.kind in _NEVER:
        key = "forward.no_target"
    elif meaning.number in chain:
        key = "forward.circle"
    elif len(chain) > MOST_FORWARDS:
        key = "forward.too_many"
    if not key:
        return None
    asking.because(key, target=shown(asking.request.dialled), times=str(MOST_FORWARDS))
    return asking.refuse(meaning.kind, meaning.number, Cause.UNREACHABLE, "unavailable")


def after_forwards(decision: Decision, left: list[Decision], request: CallRequest) -> Decision:
    """The decision of a call that was sent on. left: the refusals that it went on from; request: as
    it stands now.

    A target that cannot be had is no reason to tell the caller less than without forwarding: busy
    stays busy.
    """
    decision = replace(
        decision, diversion=Diversion(request.on_behalf_of, request.forwarded_because)
    )
    for before in left:
        if before.alerts:
            alerts = tuple(dict.fromkeys((*before.alerts, *decision.alerts)))
            detail = decision.alert_detail or before.number
            decision = replace(decision, alerts=alerts, alert_detail=detail)
        is_refused = decision.verdict is Verdict.REFUSE and not _is_always(before)
        if is_refused and better(decision.cause, before.cause) is before.cause:
            decision = replace(decision, cause=before.cause, prompt=before.prompt)
    return decision


def _is_always(decision: Decision) -> bool:
    return decision.forwards is not None and bool(decision.forwards.always)
