"""Callers' numbers: how they are shown inside, and how an extension dials them back.

PURE. ``present_caller`` makes what a trunk said into +E.164 (004.12); ``callable_form`` turns a
number of the journal or the phonebook into the digits that this office's dial profile wants.
"""

from __future__ import annotations

from appliance.config.model import DestinationKind, NumberForm, Snapshot
from appliance.routing.number import SHOWN_LENGTH, is_digits, normalise
from appliance.routing.plan import Plan, plan_of


def present_caller(number: str, snapshot: Snapshot) -> str:
    """An outside caller's number for a display: +E.164, or empty for hidden and for nonsense.

    Numbers too short for E.164 (a network's services) are shown as digits, unless they look like
    one of our own extensions or codes, which nobody outside may pretend to be.
    """
    plan = plan_of(snapshot)
    e164 = plan.numbers.interpret(number)
    if e164:
        return "+" + e164
    digits = normalise(number)
    if not is_digits(digits) or len(digits) > SHOWN_LENGTH:
        return ""
    is_ours = plan.profile.read(digits).kind in (DestinationKind.INTERNAL, DestinationKind.FEATURE)
    return "" if is_ours else digits


def callable_form(number: str, snapshot: Snapshot) -> str:
    """What an extension dials to reach this number: ``95551525``, ``989036785665``, ``2001``.

    number: an extension, a service number, or a telephone number in any form; empty stays empty.
    Where the short form means something else in this office, the longer one is given.
    """
    plan = plan_of(snapshot)
    digits = normalise(number)
    if not digits or plan.profile.read(digits).kind in (
        DestinationKind.INTERNAL,
        DestinationKind.FEATURE,
        DestinationKind.EMERGENCY,
    ):
        return digits
    e164 = plan.numbers.interpret(digits)
    return _dialled(plan, e164) if e164 else digits


def _dialled(plan: Plan, e164: str) -> str:
    for form in (NumberForm.LOCAL, NumberForm.NATIONAL):
        digits = plan.profile.prefix + plan.numbers.format(e164, form)
        meaning = plan.profile.read(digits)
        if meaning.number == e164 and meaning.feature is None:
            return digits
    return "+" + e164
