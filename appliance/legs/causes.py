"""Our causes in SIP's words and back (RFC 3261 §21, RFC 3326, Q.850).

PURE tables. A call speaks in Cause; a phone or a provider speaks in status codes and Reason
headers.
"""

from __future__ import annotations

from appliance.call.leg import Cause

#: Cause -> the final status that refuses a caller.
STATUS: dict[Cause, int] = {
    Cause.NORMAL: 480,
    Cause.BUSY: 486,
    Cause.NO_ANSWER: 480,
    Cause.NO_RESPONSE: 504,
    Cause.UNREACHABLE: 480,
    Cause.REJECTED: 603,
    Cause.NOT_FOUND: 404,
    Cause.FORBIDDEN: 403,
    Cause.INTERNATIONAL_BARRED: 403,
    Cause.CONGESTION: 503,
    Cause.INCOMPATIBLE: 488,
    Cause.CANCELLED: 487,
    Cause.ANSWERED_ELSEWHERE: 487,
    Cause.MEDIA_LOST: 500,
    Cause.SESSION_EXPIRED: 408,
    Cause.PREEMPTED: 480,
    Cause.LIMIT: 403,
    Cause.SHUTDOWN: 503,
    Cause.RESTART: 503,
    Cause.FAILURE: 500,
    Cause.INTERNAL: 500,
}

#: Final status -> Cause of a leg that we called.
_CAUSES: dict[int, Cause] = {
    401: Cause.FORBIDDEN,
    403: Cause.FORBIDDEN,
    404: Cause.NOT_FOUND,
    407: Cause.FORBIDDEN,
    408: Cause.NO_RESPONSE,
    410: Cause.NOT_FOUND,
    415: Cause.INCOMPATIBLE,
    480: Cause.UNREACHABLE,
    484: Cause.NOT_FOUND,
    486: Cause.BUSY,
    487: Cause.CANCELLED,
    488: Cause.INCOMPATIBLE,
    503: Cause.CONGESTION,
    504: Cause.NO_RESPONSE,
    600: Cause.BUSY,
    603: Cause.REJECTED,
    604: Cause.NOT_FOUND,
    606: Cause.INCOMPATIBLE,
}

#: Cause -> Reason header of the CANCEL or BYE that ends a leg (RFC 3326 §2).
_REASONS: dict[Cause, str] = {
    Cause.NORMAL: 'Q.850;cause=16;text="Normal call clearing"',
    Cause.ANSWERED_ELSEWHERE: 'SIP;cause=200;text="Call completed elsewhere"',
    Cause.BUSY: 'Q.850;cause=17;text="User busy"',
    Cause.NO_ANSWER: 'Q.850;cause=19;text="No answer from user"',
    Cause.MEDIA_LOST: 'Q.850;cause=31;text="No media"',
    Cause.SESSION_EXPIRED: 'SIP;cause=408;text="Session expired"',
    Cause.PREEMPTED: 'Q.850;cause=8;text="Preemption"',
    Cause.LIMIT: 'Q.850;cause=21;text="Spending limit reached"',
    Cause.CONGESTION: 'Q.850;cause=34;text="No circuit available"',
    Cause.SHUTDOWN: 'Q.850;cause=27;text="The office phone system is restarting"',
    Cause.RESTART: 'Q.850;cause=41;text="The office phone system was cut off"',
    Cause.INTERNAL: 'Q.850;cause=41;text="Temporary failure"',
}


def cause_of_status(status: int) -> Cause:
    """The cause behind a final response to our INVITE."""
    if status in _CAUSES:
        return _CAUSES[status]
    return Cause.FAILURE if status >= 500 else Cause.REJECTED


def reason_header(cause: Cause) -> str:
    """The Reason header value that tells the far end why, or empty."""
    return _REASONS.get(cause, "")


def is_answered_elsewhere(reason: str) -> bool:
    """True when a Reason header says that another phone took the call (RFC 3326 §3.1)."""
    text = reason.replace(" ", "").lower()
    return text.startswith("sip;") and "cause=200" in text
