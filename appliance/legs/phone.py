"""A registered phone as a leg: how it is called, and how its calls are read.

Owns nothing of its own. The phone is reached where it registered from (RFC 3581, Path RFC 3327);
the caller is named in From and P-Asserted-Identity (RFC 3325: phones of the office are trusted).
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.call.leg import Offered, Party, Replaced
from appliance.config.host_text import bare_host
from appliance.legs.leg_media import LegMedia
from appliance.legs.parts import LegParts
from appliance.legs.sip_leg import SipLeg
from appliance.sip import events as sip
from appliance.sip.headers import format_name_addr
from appliance.sip.registrar import Binding
from appliance.sip.uri import parse_uri

ANONYMOUS_URI = "sip:anonymous@anonymous.invalid"  # RFC 3323 §4.1.1.3


@dataclass(frozen=True, slots=True)
class CallerNames:
    """How a caller stands in From and in the identity header."""

    display: str
    uri: str
    identity: tuple[tuple[str, str], ...] = ()


def phone_leg(number: int, binding: Binding, parts: LegParts) -> SipLeg:
    """A leg towards this phone, not yet dialled."""
    is_nat = binding.is_behind_nat
    media = phone_media(binding.hop, parts, is_nat=is_nat)
    return SipLeg(number, f"extension {binding.address_of_record}", parts, media)


def phone_media(hop: sip.Hop, parts: LegParts, *, is_nat: bool) -> LegMedia:
    """Media towards a phone: behind NAT, or described with another host than it signals from."""

    def is_behind_nat(host: str) -> bool:
        return is_nat or host != hop.host

    place = parts.addresses.media_place(hop)
    return LegMedia(parts.media, place, parts.next_origin_id(), parts.leg_of_stream, is_behind_nat)


def invitation_to_phone(
    binding: Binding, caller: Party, body: bytes, parts: LegParts
) -> sip.Invitation:
    """The INVITE that rings this phone."""
    host, _ = parts.addresses.sip_address(binding.hop)
    names = name_caller(caller, bracket(host))
    return sip.Invitation(
        uri=binding.contact_uri,
        hop=binding.hop,
        from_uri=names.uri,
        from_display=names.display,
        to_uri=f"sip:{binding.address_of_record}@{bracket(host)}",
        headers=names.identity,
        route_set=binding.path,
        body=body,
        session_expires_s=parts.snapshot().document.site.session_expires_s,
    )


def name_caller(caller: Party, host: str) -> CallerNames:
    """The caller as this office's phones see him; a hidden one stays hidden (RFC 3323)."""
    if caller.is_hidden or not caller.number:
        return CallerNames("Anonymous", ANONYMOUS_URI)
    uri = f"sip:{caller.number}@{host}"
    identity = format_name_addr(caller.name, uri, {})
    return CallerNames(caller.name, uri, (("P-Asserted-Identity", identity),))


def offered_by_phone(
    leg: SipLeg, received: sip.InviteReceived, extension: Party, place: Replaced | None = None
) -> Offered:
    """What an authenticated phone asks for: a number, or a place in a live call, whatever number
    is in its Request-URI then."""
    offer = leg.accept_caller(received)
    dialled = parse_uri(received.request.uri).user if place is None else place.extension
    number = extension.number
    return Offered(leg.number, extension, dialled, offer, extension=number, replaces=place)


def bracket(host: str) -> str:
    """An IPv6 literal in brackets, anything else without them (RFC 3986 §3.2.2)."""
    bare = bare_host(host)
    return f"[{bare}]" if ":" in bare else bare
