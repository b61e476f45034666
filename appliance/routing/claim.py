"""A phone without a number dials: four digits are a claim code, everything else is refused but the
code behind the key by which a phone of the settings asks for its passwords.

PURE. Emergency numbers were read before anybody comes here (decide.py). The claim itself is the
app ``claim``; its argument is the hidden account's number and the code.
"""

from __future__ import annotations

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, Extension
from appliance.routing.decision import Decision, RunApp, Verdict
from appliance.routing.number import shown
from appliance.routing.plan import Asking

#: The class of a phone without a number: it opens nothing, whatever the settings call so.
UNCLAIMED_CLASS = "*unclaimed"
CODE_DIGITS = 4
#: What the key of a new phone dials; on hidden accounts alone, so that it is no feature's code.
KEY_CODE = "*9"


def decide_claim(asking: Asking, digits: str, caller: Extension) -> Decision:
    """The claim menu for a code, and words for anything else."""
    is_code = len(digits) == CODE_DIGITS and digits.isdigit()
    if not is_code and digits != KEY_CODE:
        asking.because("claim.only_codes", dialled=shown(digits))
        return asking.refuse(None, shown(digits), Cause.FORBIDDEN, "forbidden")
    asking.because("claim.code" if is_code else "claim.key")
    return Decision(
        verdict=Verdict.ROUTE,
        kind=DestinationKind.FEATURE,
        number="",
        steps=(RunApp("claim", f"{caller.number} {digits}"),),
        cause=Cause.NORMAL,
        reasons=tuple(asking.reasons),
    )
