"""Who is it that asks: an extension that proves itself, a trunk by its address, or nobody.

Owns the digest server's memory (nonces). An extension is known by digest alone (RFC 7616, RFC
8760), a trunk by the addresses of its provider. A From that names another extension than the
credentials is refused. Known and unknown numbers are answered alike.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from appliance.config.model import Extension, Snapshot, Trunk
from appliance.errors import RemoteProtocolError
from appliance.legs.parts import Addresses
from appliance.sip.digest import credentials_username
from appliance.sip.digest_server import DigestServer, Verdict
from appliance.sip.events import Hop
from appliance.sip.message import Request
from appliance.sip.uri import parse_uri


@dataclass(frozen=True, slots=True)
class Challenge:
    """Answer 401 with these headers."""

    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Answer this status; why is for the log."""

    status: int
    why: str


class Doorkeeper:
    """Authenticates requests against the configuration in force."""

    def __init__(
        self,
        digest: DigestServer,
        snapshot: Callable[[], Snapshot],
        addresses: Addresses,
        trunks_of_host: Callable[[str], list[Trunk]],
    ) -> None:
        self._digest = digest
        self._snapshot = snapshot
        self._addresses = addresses
        self._trunks_of_host = trunks_of_host

    def extension(
        self, request: Request, source: Hop, now: float
    ) -> Extension | Challenge | Refused:
        """The extension that this request proves to come from.

        The number claimed is From's (To's for REGISTER): RFC 3261 §10.2, §22.
        """
        fields = request.headers.get_all("Authorization")
        if not fields:
            return self._challenge(request, now)
        username = credentials_username(fields)
        extension = self._snapshot().document.extension_by_number.get(username)
        usable = extension is not None and extension.is_enabled
        password = extension.secret if extension is not None and usable else None
        verdict = self._digest.verify(
            fields,
            request.method,
            request.uri,
            password,
            is_lan=self._addresses.is_local(source.host),
            now=now,
        )
        if verdict is Verdict.STALE:
            return self._challenge(request, now, stale=True)
        if verdict is not Verdict.OK or extension is None:
            return self._challenge(request, now)
        claimed = _claimed_number(request)
        if claimed != extension.number:
            return Refused(403, f"credentials of {extension.number} used as {claimed!r}")
        return extension

    def trunk(self, request: Request, source: Hop) -> Trunk | None:
        """The trunk whose provider sent this, by address: configured networks or resolved hosts.

        Where two trunks share a provider's address, the one whose account or DID is asked for.
        """
        candidates = self._trunks_at(source.host)
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        try:
            user = parse_uri(request.uri).user
        except RemoteProtocolError:
            return candidates[0]
        dids = self._snapshot().document.dids
        for trunk in candidates:
            digits = user.lstrip("+")
            owned = (d.number.lstrip("+") for d in dids if d.trunk == trunk.name)
            if user == trunk.username or digits in owned:
                return trunk
        return candidates[0]

    def _trunks_at(self, host: str) -> list[Trunk]:
        found = list(self._trunks_of_host(host))
        for trunk in self._snapshot().document.trunks:
            networks = trunk.source_addresses
            if networks and trunk.is_enabled and trunk not in found and _cover(networks, host):
                found.append(trunk)
        return found

    def _challenge(self, request: Request, now: float, *, stale: bool = False) -> Challenge:
        user_agent = request.headers.get("User-Agent") or ""
        values = self._digest.challenges(now, stale=stale, user_agent=user_agent)
        return Challenge(tuple(("WWW-Authenticate", value) for value in values))


@lru_cache(maxsize=1024)
def _cover(networks: tuple[str, ...], host: str) -> bool:
    address = ipaddress.ip_address(host.split("%", 1)[0])
    return any(address in ipaddress.ip_network(network, strict=False) for network in networks)


def _claimed_number(request: Request) -> str:
    address = request.to if request.method == "REGISTER" else request.from_
    return parse_uri(address.uri).user
