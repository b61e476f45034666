"""What we ask of a provider outside calls: REGISTER and OPTIONS, as a trunk's settings want them.

PURE functions of a Trunk. RFC 3261 §10.2 (REGISTER as a client) and §11 (OPTIONS). The trunk's line
(legs/trunks/line.py) and the trial of settings that are not saved yet (legs/trunks/trial.py) ask
alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.config.model import Trunk
from appliance.legs.phone import bracket
from appliance.legs.trunks.identity import trunk_credentials, trunk_domain, trunk_routes
from appliance.sip.events import Hop, PlainRequest


@dataclass(frozen=True, slots=True)
class Registering:
    """One REGISTER. ours: host and port of our Contact; user: its user part; expires_s: 0 takes
    the registration back, None asks for nothing but what stands (no Contact, RFC 3261 §10.2.3);
    old_contact: an address of ours that is no longer right and shall be forgotten (§10.2.2)."""

    hop: Hop
    ours: tuple[str, int]
    user: str
    expires_s: int | None
    call_id: str
    cseq: int
    timeout_s: float
    old_contact: str = ""


def registration(trunk: Trunk, asked: Registering) -> PlainRequest:
    """The REGISTER of a trunk's account."""
    account = f"sip:{trunk.username}@{trunk_domain(trunk)}"
    return PlainRequest(
        method="REGISTER",
        uri=f"sip:{trunk_domain(trunk)}",
        hop=asked.hop,
        from_uri=account,
        to_uri=account,
        headers=_binding_headers(trunk, asked),
        route_set=trunk_routes(trunk),
        credentials=trunk_credentials(trunk),
        call_id=asked.call_id,
        cseq=asked.cseq,
        timeout_s=asked.timeout_s,
    )


def question(trunk: Trunk, hop: Hop, our_host: str, timeout_s: float) -> PlainRequest:
    """The OPTIONS that finds out whether a provider is there."""
    uri = f"sip:{trunk_domain(trunk)}"
    return PlainRequest(
        method="OPTIONS",
        uri=uri,
        hop=hop,
        from_uri=f"sip:{trunk.username or 'ping'}@{bracket(our_host)}",
        to_uri=uri,
        route_set=trunk_routes(trunk),
        timeout_s=timeout_s,
    )


def contact_of(trunk: Trunk, user: str, ours: tuple[str, int]) -> str:
    """The Contact by which the provider shall reach us at this host and port."""
    host, port = ours
    transport = ";transport=tcp" if trunk.transport == "tcp" else ""
    return f"<sip:{user}@{bracket(host)}:{port}{transport}>"


def _binding_headers(trunk: Trunk, asked: Registering) -> tuple[tuple[str, str], ...]:
    if asked.expires_s is None:
        return ()
    contacts = [("Contact", contact_of(trunk, asked.user, asked.ours))]
    if asked.old_contact:
        contacts.append(("Contact", f"{asked.old_contact};expires=0"))
    return (*contacts, ("Expires", str(asked.expires_s)))
