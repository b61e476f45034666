"""The Diversion header: who sent a call on, and why (RFC 5806).

PURE. A phone of the office is told the extension. A provider is told the number under which the
forwarder's calls leave anyway, and nothing where that number is withheld (factory.py).
"""

from __future__ import annotations

from dataclasses import replace

from appliance.call.leg import Diversion
from appliance.sip import events as sip

_REASONS = {
    "always": "unconditional",
    "busy": "user-busy",
    "no_answer": "no-answer",
    "offline": "unavailable",
}


def with_diversion(
    invitation: sip.Invitation, diversion: Diversion, user: str, host: str
) -> sip.Invitation:
    """The same INVITE with the header. user: who sent the call on, as its receiver knows him; host:
    as it stands in a URI."""
    value = f"<sip:{user}@{host}>;reason={_REASONS.get(diversion.why, 'unknown')}"
    return replace(invitation, headers=(*invitation.headers, ("Diversion", value)))
