"""The Diversion header: who sent a call on, and why (RFC 5806).

PURE functions. A phone of the office is told the extension. A provider is told the number under
which the forwarder's calls leave anyway, and nothing where that number is withheld.
"""

from __future__ import annotations

from dataclasses import replace

from appliance.call.leg import Diversion
from appliance.legs.phone import bracket
from appliance.sip import events as sip

_REASONS = {
    "always": "unconditional",
    "busy": "user-busy",
    "no_answer": "no-answer",
    "offline": "unavailable",
}


def phone_diversion(diversion: Diversion | None, host: str) -> str:
    """The header's value for a phone of ours; empty for a call that nobody sent on."""
    return "" if diversion is None else _value(diversion.extension, bracket(host), diversion.why)


def trunk_diversion(diversion: Diversion | None, caller_id: str, domain: str) -> str:
    """The header's value for a provider. caller_id: the forwarder's, in the trunk's form."""
    if diversion is None or not caller_id:
        return ""
    return _value(caller_id, domain, diversion.why)


def with_diversion(invitation: sip.Invitation, value: str) -> sip.Invitation:
    """The same INVITE with the header, where there is one."""
    if not value:
        return invitation
    return replace(invitation, headers=(*invitation.headers, ("Diversion", value)))


def _value(user: str, host: str, why: str) -> str:
    return f"<sip:{user}@{host}>;reason={_REASONS.get(why, 'unknown')}"
