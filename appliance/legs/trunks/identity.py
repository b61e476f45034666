"""How we stand to a provider: domain, route, credentials, and the caller's number where he wants
it.

PURE functions of a Trunk. RFC 3325 (asserted and preferred identity), RFC 3323 (privacy), RFC 3261
§8.1.2 (preloaded route).
"""

from __future__ import annotations

from appliance.call.leg import Party, TrunkDestination
from appliance.config.host_text import bare_host, split_port
from appliance.config.model import CallerIdHeader, Trunk
from appliance.legs.phone import ANONYMOUS_URI, CallerNames, bracket
from appliance.sip import events as sip
from appliance.sip.headers import format_name_addr
from appliance.sip.locate import Target

_IDENTITY_HEADERS = {
    CallerIdHeader.PAI: "P-Asserted-Identity",
    CallerIdHeader.PPI: "P-Preferred-Identity",
    CallerIdHeader.RPID: "Remote-Party-ID",
}


def invitation_to_trunk(
    trunk: Trunk, destination: TrunkDestination, caller: Party, body: bytes, hop: sip.Hop
) -> sip.Invitation:
    """The INVITE that leaves by this trunk through this host."""
    host = trunk_domain(trunk)
    uri = f"sip:{destination.number}@{host}"
    names = name_to_trunk(trunk, destination.caller_id, caller)
    return sip.Invitation(
        uri=uri,
        hop=hop,
        from_uri=names.uri,
        from_display=names.display,
        to_uri=uri,
        headers=names.identity,
        route_set=trunk_routes(trunk),
        body=body,
        credentials=trunk_credentials(trunk),
    )


def name_to_trunk(trunk: Trunk, caller_id: str, caller: Party) -> CallerNames:
    """From and identity header of a call by this trunk (Trunk.caller_id_header)."""
    host = trunk_domain(trunk)
    account = trunk.username or caller_id or "anonymous"
    shown = f"sip:{caller_id or account}@{host}"
    in_from = trunk.caller_id_header is CallerIdHeader.FROM
    name = caller.name if caller.name.isascii() else ""
    if caller.is_hidden:
        identity = format_name_addr("", shown, {})
        headers = (("P-Asserted-Identity", identity), ("Privacy", "id"))
        return CallerNames("Anonymous", ANONYMOUS_URI, headers)
    if in_from:
        return CallerNames(name, shown)
    identity = format_name_addr(name, shown, {})
    header = _IDENTITY_HEADERS[trunk.caller_id_header]
    if trunk.caller_id_header is CallerIdHeader.RPID:
        identity += ";party=calling;privacy=off"
    return CallerNames(name, f"sip:{account}@{host}", ((header, identity),))


def trunk_credentials(trunk: Trunk) -> sip.Credentials | None:
    """Who we are to this provider, and to nobody else."""
    if not trunk.secret:
        return None
    return sip.Credentials(trunk.auth_username or trunk.username, trunk.secret, trunk.realm)


def trunk_domain(trunk: Trunk) -> str:
    """Host part of URIs by this trunk."""
    port = f":{trunk.port}" if trunk.port and not trunk.domain else ""
    return bracket(trunk.domain or trunk.host) + port


def trunk_routes(trunk: Trunk) -> tuple[str, ...]:
    """The preloaded route through an outbound proxy (RFC 3261 §8.1.2), or none."""
    if not trunk.outbound_proxy:
        return ()
    transport = ";transport=tcp" if trunk.transport == "tcp" else ""
    host, port = split_port(trunk.outbound_proxy)
    place = bracket(host) + (f":{port}" if port else "")
    return (f"<sip:{place}{transport};lr>",)


def trunk_target(trunk: Trunk) -> Target:
    """Whom calls and registrations of this trunk are sent to: the outbound proxy, or the host."""
    transport = sip.Transport.TCP if trunk.transport == "tcp" else sip.Transport.UDP
    if not trunk.outbound_proxy:
        return Target(host=bare_host(trunk.host), port=trunk.port, transport=transport)
    host, port = split_port(trunk.outbound_proxy)
    return Target(host=bare_host(host), port=int(port or 0), transport=transport)
