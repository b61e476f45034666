"""The simulated provider's one customer: an account with its secret, and where it registered.

PURE. Registrar and digest are the box's own, seen from the other side (RFC 3261 §10.3, RFC 7616).
"""

from __future__ import annotations

from appliance.sip.digest import credentials_username
from appliance.sip.digest_server import Asker, DigestServer, Verdict
from appliance.sip.events import RequestReceived
from appliance.sip.message import Request
from appliance.sip.registrar import Binding, Outcome, Registrar

REALM = "provider.demo"
_SHORTEST_S, _LONGEST_S = 60, 3600
_ASKER = Asker(is_lan=True)


class Customer:
    """username, secret: the account; digest_secret: octets that nobody else knows."""

    def __init__(self, username: str, secret: str, digest_secret: bytes) -> None:
        self._username = username
        self._secret = secret
        self._digest = DigestServer(REALM, digest_secret)
        self._registrar = Registrar(_SHORTEST_S, _LONGEST_S)

    def challenge(self, request: Request, now: float) -> tuple[tuple[str, str], ...]:
        """The headers of a 401; empty when the request proves to be the customer's."""
        fields = request.headers.get_all("Authorization")
        verdict = Verdict.MALFORMED
        if fields:
            is_known = credentials_username(fields, REALM) == self._username
            secret = self._secret if is_known else None
            verdict = self._digest.verify(
                fields, request.method, request.uri, secret, asker=_ASKER, now=now
            )
        if verdict is Verdict.OK:
            return ()
        challenges = self._digest.challenges(now, stale=verdict is Verdict.STALE)
        return tuple(("WWW-Authenticate", value) for value in challenges)

    def register(self, event: RequestReceived, epoch_s: float) -> Outcome:
        """A REGISTER that was proved; what to answer."""
        return self._registrar.register(event.request, self._username, event.source, 1, epoch_s)

    def binding(self, epoch_s: float) -> Binding | None:
        """Where the customer can be called, or None."""
        self._registrar.expire(epoch_s)
        return next(iter(self._registrar.bindings(self._username)), None)
