"""Calls that ring at an extension, wherever they come from.

PURE. All of the extension's reachable phones ring at once (RFC 3261 §16.7 forking is the call's
business); who is busy, away or switched off is told to the caller in words.
"""

from __future__ import annotations

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind
from appliance.routing.decision import Decision, RingExtension, Verdict
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
    bindings = asking.state.bindings.get(number, ())
    if not bindings:
        asking.because("extension.unregistered", extension=number)
        return asking.refuse(kind, number, Cause.UNREACHABLE, "unavailable", alerts)
    calls = asking.state.extension_calls.get(number, 0)
    if calls >= extension.max_calls:
        limit = str(extension.max_calls)
        asking.because("extension.busy", extension=number, calls=str(calls), limit=limit)
        return asking.refuse(kind, number, Cause.BUSY, "busy", alerts)
    seconds = extension.ring_time_s or asking.plan.site.ring_time_s
    asking.because(
        "extension.rings", extension=number, phones=str(len(bindings)), seconds=str(seconds)
    )
    return Decision(
        verdict=Verdict.ROUTE,
        kind=kind,
        number=number,
        steps=(RingExtension(number, bindings, seconds),),
        cause=Cause.NO_ANSWER,
        prompt="no_answer",
        reasons=tuple(asking.reasons),
        alerts=alerts,
    )
