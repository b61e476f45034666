"""Calls that ring at an extension, wherever they come from.

PURE. All of the extension's reachable phones ring at once (RFC 3261 §16.7 forking is the call's
business); who is busy, away or switched off is told to the caller in words, unless his calls go on
elsewhere (forwarding.py).
"""

from __future__ import annotations

from dataclasses import replace

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, Extension
from appliance.routing.decision import Decision, Forwards, RingExtension, Verdict
from appliance.routing.forwarding import foretell, forwards_of
from appliance.routing.plan import Asking


def ring(asking: Asking, number: str, alerts: tuple[str, ...] = ()) -> Decision:
    """Ring the extension's phones, or say why they cannot ring."""
    kind = DestinationKind.INTERNAL
    extension = asking.plan.extensions.get(number)
    if extension is None:
        asking.because("extension.missing", extension=number)
        return asking.refuse(kind, number, Cause.NOT_FOUND, "no_such_number", alerts)
    if not extension.is_enabled:
        asking.because("extension.disabled", extension=number)
        return asking.refuse(kind, number, Cause.UNREACHABLE, "unavailable", alerts)
    if number == asking.request.extension:
        asking.because("extension.own_number", extension=number)
        return asking.refuse(kind, number, Cause.BUSY, "busy", alerts)
    forwards = forwards_of(asking, extension)
    why = _why_silent(asking, extension, forwards)
    if why is not None:
        prompt = "busy" if why is Cause.BUSY else "unavailable"
        refusal = asking.refuse(kind, number, why, prompt, alerts)
        return refusal if forwards is None else replace(refusal, forwards=forwards)
    return Decision(
        verdict=Verdict.ROUTE,
        kind=kind,
        number=number,
        steps=(_step(asking, extension),),
        cause=Cause.NO_ANSWER,
        prompt="no_answer",
        reasons=tuple(asking.reasons),
        alerts=alerts,
        forwards=forwards,
    )


def _why_silent(asking: Asking, extension: Extension, forwards: Forwards | None) -> Cause | None:
    """Why none of its phones rings; None when they ring."""
    number = extension.number
    if forwards is not None and forwards.always:
        return Cause.UNREACHABLE
    if not asking.state.bindings.get(number, ()):
        asking.because("extension.unregistered", extension=number)
        return Cause.UNREACHABLE
    calls = asking.state.extension_calls.get(number, 0)
    if calls >= extension.max_calls:
        limit = str(extension.max_calls)
        asking.because("extension.busy", extension=number, calls=str(calls), limit=limit)
        return Cause.BUSY
    return None


def _step(asking: Asking, extension: Extension) -> RingExtension:
    number = extension.number
    bindings = asking.state.bindings.get(number, ())
    seconds = extension.ring_time_s or asking.plan.site.ring_time_s
    if extension.forward_no_answer:
        seconds = extension.forward_no_answer_s
    elif extension.voicemail:
        seconds = extension.voicemail_after_s
    asking.because(
        "extension.rings", extension=number, phones=str(len(bindings)), seconds=str(seconds)
    )
    foretell(asking, extension)
    return RingExtension(number, bindings, seconds)
