"""Our challenges, and whether their answers are good.

PURE; owns the table of nonces in use. A nonce certifies itself: its time and a keyed hash over it
and the place that it was sent to, so that challenging strangers costs no memory, and nobody uses
what was sent to another. Counts (nc) are kept per nonce, so that nothing can be replayed; a nonce
that had to be forgotten is stale. RFC 7616 §3.3–3.4, RFC 8760. Unknown users cost the same work as
known ones. What callers do with a verdict is theirs: all but OK mean a challenge.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2s, sha256

from appliance.errors import RemoteProtocolError
from appliance.sip.digest import Secret, digest_response, parse_digest
from appliance.sip.grammar import quote
from appliance.sip.uri import parse_uri

_KEPT_NONCES = 20_000
_STAMP = 20  # digits of a nonce's time and serial number
_WINDOW = 64  # how far behind the highest count a late request may come
_NO_PASSWORD = "0123456789abcdef"  # hashed in the place of one that we do not have
#: RFC 8760 §2.4 lets a client pass over algorithms that it does not know. libre before 3.0, the
#: core of baresip (Debian 12 has 1.0), gives up at the first one that is not MD5.
_MD5_ALONE = ("baresip v0.", "baresip v1.", "baresip v2.")
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
_WHOLE = frozenset({"username", "nonce", "uri", "response"})


class Verdict(Enum):
    OK = "ok"
    STALE = "stale"  # old, used or foreign nonce: challenge again with stale=true
    WEAK = "weak"  # right secret, in a form that is not taken from there
    WRONG = "wrong"
    MALFORMED = "malformed"


@dataclass(slots=True)
class _Used:
    """Counts seen with a nonce: the highest, and a bit for each of the 64 below it."""

    highest: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as far as the address tells.

    place: a nonce is good for the place that it was sent to; is_lan: old forms are taken (RFC 2069
    without qop, a digest-uri unlike the Request-URI); is_known: MD5 is taken from here even for a
    user who has shown that he knows SHA-256.
    """

    place: str = ""
    is_lan: bool = False
    is_known: bool = False


class DigestServer:
    """Challenges and verifies for one realm. secret: octets that nobody else knows.

    algorithms: order of the challenges. RFC 8760 §2.4 wants the preferred one first; MD5 comes
    first here, since field phones read only the first challenge and many know nothing else.
    """

    def __init__(
        self,
        realm: str,
        secret: bytes,
        nonce_lifetime_s: float = 300.0,
        algorithms: tuple[str, ...] = ("MD5", "SHA-256"),
    ) -> None:
        self.realm = realm
        key = sha256(secret).digest()  # of the length that BLAKE2 takes
        self._keyed = blake2s(key=key, digest_size=12)
        self._lifetime_s = nonce_lifetime_s
        self._algorithms = algorithms
        self._room = _KEPT_NONCES
        self._used: OrderedDict[str, _Used] = OrderedDict()
        self._made = 0
        self._modern: set[str] = set()  # users who answered with SHA-256
        self._forgotten = ""  # the newest stamp whose counts were given up for want of room

    def challenges(
        self, now: float, stale: bool = False, user_agent: str = "", place: str = ""
    ) -> list[str]:
        """WWW-Authenticate values, one an algorithm, with one fresh nonce.

        user_agent: what the phone says it is; some get the challenge in MD5 alone. place: where it
        goes (Asker.place).
        """
        nonce = self._make_nonce(now, place)
        is_md5_alone = user_agent.startswith(_MD5_ALONE) and "MD5" in self._algorithms
        tail = ", stale=true" if stale else ""
        return [
            f'Digest realm={quote(self.realm)}, nonce="{nonce}", algorithm={name}, qop="auth"{tail}'
            for name in (("MD5",) if is_md5_alone else self._algorithms)
        ]

    def verify(
        self,
        values: Iterable[str],
        method: str,
        uri: str,
        password: str | None,
        *,
        asker: Asker,
        now: float,
    ) -> Verdict:
        """Judge the Authorization values of a request; password None = no such user.

        What answers another nonce than we sent to this place is stale unread: it tells a guesser
        nothing, and costs nothing.
        """
        fields = _ours(values, self.realm)
        if fields is None:
            return Verdict.MALFORMED
        if not _WHOLE.issubset(fields):
            return Verdict.MALFORMED
        made_at = self._read_nonce(fields["nonce"], asker.place)
        if made_at is None:
            return Verdict.STALE
        try:
            is_right = self._matches(fields, method, password)
        except RemoteProtocolError:
            return Verdict.MALFORMED
        if not is_right:
            return Verdict.WRONG
        if not self._is_strong_enough(fields, uri, asker):
            return Verdict.WEAK
        return self._judge_nonce(fields, made_at, now)

    def forget(self, username: str) -> bool:
        """Let this user come with MD5 from anywhere again; False when he may do so anyway."""
        is_modern = username in self._modern
        self._modern.discard(username)
        return is_modern

    def nonces_kept(self) -> int:
        """How many nonces have counts in the table (for leak tests)."""
        return len(self._used)

    def _matches(self, fields: dict[str, str], method: str, password: str | None) -> bool:
        algorithm = fields.get("algorithm", "MD5")
        if algorithm.upper() not in self._algorithms:
            raise RemoteProtocolError("algorithm not offered", section="RFC 8760 §2.5")
        if fields.get("qop", "auth").lower() not in ("auth", ""):
            raise RemoteProtocolError("qop not offered", section="RFC 7616 §3.4")
        secret = Secret(fields["username"], password or _NO_PASSWORD, fields["realm"])
        expected = digest_response(secret, algorithm, method, fields)
        is_equal = hmac.compare_digest(
            expected.encode(), fields["response"].lower().encode("utf-8", "surrogateescape")
        )
        return is_equal and bool(password)

    def _is_strong_enough(self, fields: dict[str, str], uri: str, asker: Asker) -> bool:
        """Whether the form of the answer is taken from there; never for a stranger what is less
        than this user was seen to know (RFC 8760 §4.2: bidding down)."""
        is_modern = fields.get("algorithm", "MD5").upper() != "MD5"
        if is_modern and fields.get("qop"):
            self._modern.add(fields["username"])
        if asker.is_lan:  # pyVoIP and old phones sign "sip:server;transport=UDP" for everything
            return True
        if not fields.get("qop") or not self._is_for(fields["uri"], uri):
            return False
        return is_modern or asker.is_known or fields["username"] not in self._modern

    def _is_for(self, said: str, uri: str) -> bool:
        if said == uri:
            return True
        try:
            mine, theirs = parse_uri(uri), parse_uri(said)
        except RemoteProtocolError:
            return False
        return (mine.user, mine.host) == (theirs.user, theirs.host)

    def _judge_nonce(self, fields: dict[str, str], made_at: float, now: float) -> Verdict:
        nonce = fields["nonce"]
        if not 0 <= now - made_at <= self._lifetime_s:
            return Verdict.STALE
        if not fields.get("qop"):
            return Verdict.OK
        count = fields.get("nc", "")
        if not 0 < len(count) <= 8 or not _HEXADECIMAL.issuperset(count):
            return Verdict.MALFORMED
        return Verdict.OK if self._is_fresh(nonce, int(count, 16), now) else Verdict.STALE

    def _is_fresh(self, nonce: str, count: int, now: float) -> bool:
        """Note a count; False when it was used before, or is too late to know."""
        used = self._used.get(nonce)
        if used is None:
            if nonce[:_STAMP] <= self._forgotten:
                return False
            self._make_room(now)
            used = self._used[nonce] = _Used()
        if count > used.highest:
            step = min(count - used.highest, _WINDOW)
            used.seen = (used.seen << step | 1) & ((1 << _WINDOW) - 1)
            used.highest = count
            return True
        behind = used.highest - count
        if count < 1 or behind >= _WINDOW or used.seen >> behind & 1:
            return False
        used.seen |= 1 << behind
        return True

    def _make_room(self, now: float) -> None:
        """Drop nonces that are too old to be used again; then, if there are too many, the first."""
        while self._used:
            nonce = next(iter(self._used))
            is_old = now - _made_at(nonce) > self._lifetime_s
            if not is_old and len(self._used) < self._room:
                return
            self._used.popitem(last=False)
            if not is_old:
                self._forgotten = max(self._forgotten, nonce[:_STAMP])

    # ---- nonces: milliseconds, a serial number, and their proof, in hexadecimal

    def _make_nonce(self, now: float, place: str) -> str:
        self._made += 1
        stamp = f"{int(now * 1000):012x}{self._made & 0xFFFFFFFF:08x}"
        return stamp + self._certify(stamp, place)

    def _read_nonce(self, nonce: str, place: str) -> float | None:
        stamp, proof = nonce[:_STAMP], nonce[_STAMP:]
        if not nonce.isascii() or not hmac.compare_digest(self._certify(stamp, place), proof):
            return None
        return _made_at(nonce)

    def _certify(self, stamp: str, place: str) -> str:
        """A keyed BLAKE2 (RFC 7693 §2.5): a tenth of what HMAC costs, twice for each call."""
        proof = self._keyed.copy()
        proof.update((stamp + place).encode())
        return proof.hexdigest()


def _made_at(nonce: str) -> float:
    return int(nonce[:12], 16) / 1000


def _ours(values: Iterable[str], realm: str) -> dict[str, str] | None:
    """The first Digest credentials for our realm."""
    for value in values:
        fields = parse_digest(value)
        if fields is not None and fields.get("realm") == realm:
            return fields
    return None
