"""Which of many failures the caller is told, and in which words.

PURE tables. RFC 3261 §16.7 step 6 in spirit: what a person did (busy, declined) tells more than
what a wire did. Prompts are keys of the prompts' data file.
"""

from __future__ import annotations

from appliance.call.leg import Cause

#: The more a cause tells the caller, the higher it ranks; the rest rank 0.
RANKS: dict[Cause, int] = {
    Cause.BUSY: 10,
    Cause.REJECTED: 9,
    Cause.NO_ANSWER: 8,
    Cause.NOT_FOUND: 7,
    Cause.INTERNATIONAL_BARRED: 6,
    Cause.FORBIDDEN: 6,
    Cause.INCOMPATIBLE: 5,
    Cause.CONGESTION: 4,
    Cause.FAILURE: 3,
    Cause.UNREACHABLE: 2,
    Cause.NO_RESPONSE: 1,
}

#: What is said when a called party could not be had; no entry = the decision's own prompt.
PROMPTS: dict[Cause, str] = {
    Cause.BUSY: "busy",
    Cause.REJECTED: "busy",
    Cause.NO_ANSWER: "no_answer",
    Cause.NOT_FOUND: "no_such_number",
    Cause.FORBIDDEN: "cannot_complete",
    Cause.INTERNATIONAL_BARRED: "cannot_complete",
    Cause.CONGESTION: "all_lines_busy",
    Cause.NO_RESPONSE: "cannot_complete",
    Cause.UNREACHABLE: "unavailable",
    Cause.INCOMPATIBLE: "cannot_complete",
    Cause.FAILURE: "cannot_complete",
}

#: What is said when every way out was left.
NO_WAY_OUT = "all_lines_busy"


def better(known: Cause | None, cause: Cause) -> Cause:
    """The one of the two that tells the caller more."""
    if known is None or RANKS.get(cause, 0) > RANKS.get(known, 0):
        return cause
    return known
