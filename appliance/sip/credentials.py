"""Our answers to the challenges of others, for requests inside and outside of dialogs.

PURE. RFC 3261 §22.2–22.3, RFC 8760. A proxy and the far end may challenge one after the other: each
realm is answered once, again where it says that our nonce is stale. Credentials with a realm answer
that realm alone. They go to one host and answer that host, wherever a dialog leads later: a called
party that names itself as the next hop is told nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from appliance.errors import RemoteProtocolError
from appliance.sip.digest import Challenge, answer_challenge, parse_challenges, parse_digest
from appliance.sip.events import Credentials, Hop
from appliance.sip.ids import Ids
from appliance.sip.message import Request, Response

_ASKED_BY = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}
_ANSWERED_IN = {401: "Authorization", 407: "Proxy-Authorization"}
_MOST_TRIES = 4
CREDENTIALS = ("Authorization", "Proxy-Authorization")


@dataclass(slots=True)
class _Answer:
    """A challenge that we answer. is_proven: the far end was content since it came."""

    challenge: Challenge
    field: str
    count: int = 0
    is_proven: bool = False


@dataclass(slots=True)
class Proof:
    """How one exchange proves who we are; kept over the requests of a dialog.

    host: where the first request goes, a literal address.
    """

    credentials: Credentials
    host: str
    tries: int = 0
    _answers: dict[tuple[str, str], _Answer] = field(default_factory=dict)

    def accept(
        self, response: Response, asked: Hop, source: Hop, request: Request | None = None
    ) -> bool:
        """Take a challenge; False when it cannot, or must not, be answered.

        asked: where the request was sent; source: where the challenge came from; request: what was
        challenged. One that left before the last challenge of its realm came was not refused by it.
        """
        if response.status not in _ASKED_BY or self.tries >= _MOST_TRIES:
            return False
        if not asked.host == source.host == self.host:
            return False
        challenge = self._choose(response)
        if challenge is None:
            return False
        key = (_ANSWERED_IN[response.status], challenge.realm)
        known = self._answers.get(key)
        if known is not None and _is_refusal(known, challenge, request):
            return False
        self.tries += 1
        self._answers[key] = _Answer(challenge, key[0])
        return True

    def put_on(self, request: Request, hop: Hop, ids: Ids) -> None:
        """Add the credentials that challenges have asked for, if any have, and if the hop is
        whom they are for."""
        if not self._answers:
            return
        for name in CREDENTIALS:
            request.headers.remove(name)
        if hop.host != self.host:
            return
        for answer in self._answers.values():
            answer.count += 1
            value = answer_challenge(
                answer.challenge,
                self.credentials,
                request.method,
                request.uri,
                cnonce=ids.token(64),
                nonce_count=answer.count,
                body=request.body,
            )
            request.headers.add(answer.field, value)

    def succeeded(self) -> None:
        """The far end was content: the next challenge is a new one."""
        self.tries = 0
        for answer in self._answers.values():
            answer.is_proven = True

    def _choose(self, response: Response) -> Challenge | None:
        """The strongest challenge of a realm that these credentials are for."""
        try:
            asked = parse_challenges(response.headers.get_all(_ASKED_BY[response.status]))
        except RemoteProtocolError:
            return None
        realm = self.credentials.realm
        return next((c for c in asked if not realm or c.realm == realm), None)


def _is_refusal(known: _Answer, challenge: Challenge, request: Request | None) -> bool:
    """True when our answer to the challenge that we know was heard, and was not good enough."""
    if known.is_proven or challenge.is_stale:
        return False
    if request is None:
        return True
    said = [parse_digest(value) for value in request.headers.get_all(known.field)]
    return any(fields and fields.get("nonce") == known.challenge.nonce for fields in said)
