"""Calls that end in a mailbox, and the code by which its owner listens to it (002.24).

PURE. A mailbox answers where a call to an extension would end without an answer: busy, silent,
offline or declined, there and wherever it was sent. Of several extensions that sent the call on it
is the first one's that has a mailbox: whoever was called in the first place shall hear of it.
Nobody pays for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from appliance.call.leg import Cause
from appliance.config.model import VOICEMAIL, DestinationKind, Extension
from appliance.routing.decision import CallRequest, Decision, RunApp, Verdict
from appliance.routing.plan import Asking, Plan
from appliance.routing.profile import Meaning

#: Apps of apps/voicemail.py.
LEAVE, LISTEN = "voicemail", "voicemail_menu"


def mailbox_of(chain: Sequence[str], plan: Plan) -> str:
    """Whose mailbox takes a call that these extensions had, the first called first; or empty."""
    for number in chain:
        extension = plan.extensions.get(number)
        if extension is not None and extension.voicemail and extension.is_enabled:
            return number
    return ""


def goes_to_mailbox(request: CallRequest) -> bool:
    """Whether an extension has sent this call to a mailbox; nobody dials one."""
    return bool(request.forwarded_by) and request.dialled == VOICEMAIL


def has_mailbox(asking: Asking) -> bool:
    """Whether a call that was sent on, to where it cannot go, has a mailbox left to go to."""
    request = asking.request
    return not goes_to_mailbox(request) and bool(mailbox_of(request.forwarded_by, asking.plan))


def to_mailbox(asking: Asking) -> Asking:
    """The same call, sent to the mailbox instead."""
    request = replace(asking.request, dialled=VOICEMAIL)
    return Asking(request, asking.plan, asking.state, asking.now, asking.reasons)


def decide_mailbox(asking: Asking) -> Decision:
    """The mailbox answers, or the call ends as it would without one."""
    request = asking.request
    number = request.forwarded_by[-1]
    mailbox = mailbox_of(request.forwarded_by, asking.plan)
    if not mailbox:  # it was switched off meanwhile
        asking.because("voicemail.none", extension=number)
        is_busy = request.forwarded_because in ("busy", "refused")
        cause = Cause.BUSY if is_busy else Cause.UNREACHABLE
        prompt = "busy" if cause is Cause.BUSY else "unavailable"
        return asking.refuse(DestinationKind.INTERNAL, number, cause, prompt)
    asking.because(f"voicemail.{request.forwarded_because}", extension=number, mailbox=mailbox)
    return take_message(asking, mailbox, Cause.NO_ANSWER, "no_answer")


def take_message(asking: Asking, mailbox: str, cause: Cause, prompt: str = "") -> Decision:
    """This mailbox answers. cause, prompt: what the caller is told if it cannot."""
    return Decision(
        verdict=Verdict.ROUTE,
        kind=DestinationKind.INTERNAL,
        number=mailbox,
        steps=(RunApp(LEAVE, mailbox),),
        cause=cause,
        prompt=prompt,
        reasons=tuple(asking.reasons),
    )


def decide_listening(asking: Asking, meaning: Meaning, caller: Extension) -> Decision:
    """The caller's own mailbox, if there is one."""
    if not caller.voicemail:
        asking.because("voicemail.none", extension=caller.number)
        kind = DestinationKind.FEATURE
        return asking.refuse(kind, meaning.number, Cause.FORBIDDEN, "forbidden")
    asking.because("voicemail.listens", extension=caller.number)
    return Decision(
        verdict=Verdict.ROUTE,
        kind=DestinationKind.FEATURE,
        number=meaning.number,
        steps=(RunApp(LISTEN, caller.number),),
        cause=Cause.BUSY,
        reasons=tuple(asking.reasons),
    )
