"""Replaces: an INVITE that takes the place of another dialog (RFC 3891), and the names of dialogs
that watchers are told (RFC 4235).

PURE. Watchers are told names of our own making and not a call's real Call-ID and tags: who knows
those could end the call of others by a BYE. A made name is found again by reckoning, so that
nothing of it is kept; who asks is checked elsewhere (digest, routing).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import quote, unquote

from appliance.errors import RemoteProtocolError
from appliance.sip.message import Request

_SECTION = "RFC 3891 §3"
_TAG_OCTETS = 8


@dataclass(frozen=True, slots=True)
class Replaces:
    """The header's value: which dialog, as its far end names it; is_early_only: take it as long as
    it rings, and not when somebody answered."""

    call_id: str
    to_tag: str
    from_tag: str
    is_early_only: bool = False


@dataclass(frozen=True, slots=True)
class DialogName:
    """A dialog as dialog-info names it; local is the number that is watched."""

    call_id: str
    local_tag: str
    remote_tag: str


def read_replaces(request: Request) -> Replaces | None:
    """The header, or None without one. Raises RemoteProtocolError (400) when it cannot be read,
    stands twice, or has a tag twice or not at all."""
    values = request.headers.get_all("Replaces")
    if not values:
        return None
    call_id, *parameters = (part.strip() for part in values[0].split(";"))
    found: dict[str, str] = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() in found:
            raise RemoteProtocolError("Replaces has a parameter twice", section=_SECTION)
        found[name.strip().lower()] = value.strip()
    to_tag, from_tag = found.get("to-tag", ""), found.get("from-tag", "")
    if len(values) > 1 or not (call_id and to_tag and from_tag) or "," in values[0]:
        raise RemoteProtocolError("Replaces names no dialog", section=_SECTION)
    return Replaces(call_id, to_tag, from_tag, "early-only" in found)


class DialogNames:
    """Makes the names of dialogs, and knows its own again. secret: octets that nobody else knows;
    a dialog is the part ``ident`` that ``name``, an extension, trunk or line, takes in a call."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def name_of(self, ident: str, name: str) -> DialogName:
        call_id = f"{ident}@{quote(name, safe='')}"
        return DialogName(call_id, self._tag("local", call_id), self._tag("remote", call_id))

    def find(self, wanted: Replaces) -> tuple[str, str] | None:
        """(ident, name), or None for what is no name of ours.

        Phones put the tags either way round: some speak to the caller in the watched phone's
        place, some to the watched phone in the caller's (RFC 4235 §4.1.2 names both ends).
        """
        local, remote = self._tag("local", wanted.call_id), self._tag("remote", wanted.call_id)
        given = _octets(wanted.to_tag), _octets(wanted.from_tag)
        for to_tag, from_tag in ((local, remote), (remote, local)):
            expected = _octets(to_tag), _octets(from_tag)
            if all(hmac.compare_digest(a, b) for a, b in zip(given, expected, strict=True)):
                ident, _, name = wanted.call_id.partition("@")
                return ident, unquote(name)
        return None

    def _tag(self, side: str, call_id: str) -> str:
        said = _octets(f"dialog-name {side} {call_id}")
        return hmac.digest(self._secret, said, "sha256")[:_TAG_OCTETS].hex()


def _octets(text: str) -> bytes:
    """What came from the wire may hold what is no UTF-8."""
    return text.encode("utf-8", "surrogateescape")
