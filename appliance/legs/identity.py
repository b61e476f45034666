"""Who is it that asks: an extension that proves itself, a trunk by its address, or nobody.

Owns the digest server's memory (nonces). An extension is known by digest alone (RFC 7616, RFC
8760), a trunk by the addresses of its provider. A From that names another extension than the
credentials is refused. Known and unknown numbers are answered alike. What wrong passwords lead to
is the guard's affair (guard/logins.py).
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from appliance.config.model import Extension, Trunk
from appliance.errors import RemoteProtocolError
from appliance.guard.gate import Gate
from appliance.legs.guests import Guests
from appliance.legs.parts import Addresses
from appliance.sip.digest import credentials_username
from appliance.sip.digest_server import Asker, DigestServer, Verdict
from appliance.sip.events import Hop
from appliance.sip.message import Request
from appliance.sip.uri import parse_uri

log = logging.getLogger(__name__)
_SHOWN = 40  # letters of a name that a stranger gave


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
        guests: Guests,
        addresses: Addresses,
        trunks_of_host: Callable[[str], list[Trunk]],
        gate: Gate,
    ) -> None:
        self._digest = digest
        self._gate = gate
        self._snapshot = guests.snapshot
        self._addresses = addresses
        self._trunks_of_host = trunks_of_host
        self._guests = guests

    def extension(
        self, request: Request, source: Hop, now: float
    ) -> Extension | Challenge | Refused:
        """The extension that this request proves to come from.

        The number claimed is From's (To's for REGISTER): RFC 3261 §10.2, §22. An account that may
        not be tried from there is as unknown as one that does not exist.
        """
        fields = request.headers.get_all("Authorization")
        if not fields:
            return self._challenge(request, source, now)
        username = credentials_username(fields, self._digest.realm)
        if not username:  # for another realm: no guess
            return self._challenge(request, source, now)
        is_open = self._gate.may_try(username, source, now)
        extension = self._known(username, source) if is_open else None
        usable = extension is not None and extension.is_enabled
        password = extension.secret if extension is not None and usable else None
        asker = self._asker(username, source, now)
        verdict = self._digest.verify(
            fields, request.method, request.uri, password, asker=asker, now=now
        )
        if verdict is not Verdict.OK or extension is None:
            self._note(verdict, username, source, now)
            return self._challenge(request, source, now, stale=verdict is Verdict.STALE)
        self._gate.proved(username, source, now)
        claimed = _claimed_number(request)
        if claimed != extension.number:
            return Refused(403, f"credentials of {extension.number} used as {claimed!r}")
        return extension

    def _asker(self, username: str, source: Hop, now: float) -> Asker:
        place = self._gate.logins.place(source.host)
        is_home = self._gate.logins.homes.is_home(place, username, now)
        is_inside = self._addresses.is_local(source.host)
        is_guest = self._guests.at(username, source) is not None
        return Asker(place, is_inside or is_guest, is_home)

    def _note(self, verdict: Verdict, username: str, source: Hop, now: float) -> None:
        """Tell the guard of what was wrong; an old nonce, or a weak form, is no guess."""
        if verdict is Verdict.WEAK:
            log.warning("%s: %r comes with a weak digest: refused", source.host, username)
        elif verdict is not Verdict.STALE:
            log.warning("%s: wrong password for %r", source.host, username[:_SHOWN])
            self._gate.failed(username, source, now)

    def _known(self, username: str, source: Hop) -> Extension | None:
        numbers = self._snapshot().document.extension_by_number
        return numbers.get(username) or self._guests.hidden(username, source)

    def trunk(self, request: Request, source: Hop) -> Trunk | None:
        """The trunk whose provider sent this, by address: configured networks or resolved hosts.

        Where two trunks share a provider's address, the one whose account or DID is asked for.
        """
        trunks = self._snapshot().document.trunks
        candidates = trunks_at(source.host, trunks, self._trunks_of_host)
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

    def _challenge(
        self, request: Request, source: Hop, now: float, *, stale: bool = False
    ) -> Challenge:
        user_agent = request.headers.get("User-Agent") or ""
        place = self._gate.logins.place(source.host)
        values = self._digest.challenges(now, stale, user_agent, place)
        return Challenge(tuple(("WWW-Authenticate", value) for value in values))


def trunks_at(
    host: str, trunks: Iterable[Trunk], trunks_of_host: Callable[[str], list[Trunk]]
) -> list[Trunk]:
    """The trunks whose provider sits at this address, by resolved hosts and by networks."""
    found = list(trunks_of_host(host))
    for trunk in trunks:
        networks = trunk.source_addresses
        if networks and trunk.is_enabled and trunk not in found and _cover(networks, host):
            found.append(trunk)
    return found


@lru_cache(maxsize=1024)
def _cover(networks: tuple[str, ...], host: str) -> bool:
    address = ipaddress.ip_address(host.split("%", 1)[0])
    return any(address in ipaddress.ip_network(network, strict=False) for network in networks)


def _claimed_number(request: Request) -> str:
    address = request.to if request.method == "REGISTER" else request.from_
    return parse_uri(address.uri).user
