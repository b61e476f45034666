"""Our answers to the challenges of others, for requests inside and outside of dialogs.

PURE. RFC 3261 §22.2, RFC 8760. A challenge is answered once with the same nonce; ``stale=true`` gives
another try. Credentials with a realm answer that realm alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.sip.digest import Challenge, answer_challenge, parse_challenges
from appliance.sip.events import Credentials
from appliance.sip.ids import Ids
from appliance.sip.message import Request, Response

_ASKED_BY = {401: "WWW-Authenticate", 407: "Proxy-Authenticate"}
_ANSWERED_IN = {401: "Authorization", 407: "Proxy-Authorization"}
_MOST_TRIES = 3


@dataclass(slots=True)
class Proof:
    """How one exchange proves who we are; kept over the requests of a dialog."""

    credentials: Credentials
    challenge: Challenge | None = None
    field: str = ""
    count: int = 0
    tries: int = 0

    def accept(self, response: Response) -> bool:
        """Take a challenge; False when it cannot, or must not, be answered."""
        asked_by = _ASKED_BY.get(response.status)
        if asked_by is None or self.tries >= _MOST_TRIES:
            return False
        realm = self.credentials.realm
        challenges = [
            c
            for c in parse_challenges(response.headers.get_all(asked_by))
            if not realm or c.realm == realm
        ]
        if not challenges:
            return False
        challenge = challenges[0]
        is_first = self.challenge is None or self.tries == 0
        if not is_first and not challenge.is_stale:
            return False
        self.tries += 1
        self.challenge = challenge
        self.field = _ANSWERED_IN[response.status]
        self.count = 0
        return True

    def put_on(self, request: Request, ids: Ids) -> None:
        """Add the credentials that the last challenge asked for, if there was one."""
        if self.challenge is None:
            return
        self.count += 1
        value = answer_challenge(
            self.challenge,
            self.credentials,
            request.method,
            request.uri,
            cnonce=ids.token(64),
            nonce_count=self.count,
            body=request.body,
        )
        request.headers.set(self.field, value)

    def succeeded(self) -> None:
        """The far end was content: the next challenge is a new one."""
        self.tries = 0
