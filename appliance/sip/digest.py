"""Digest authentication: the challenge and its answer as text, and our answers to challenges.

PURE. RFC 7616, RFC 8760 (SIP), RFC 2617; RFC 2069's form without qop is read too. digest_server.py
challenges and verifies. Algorithms: SHA-256 before MD5; ``-sess`` variants are understood.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from appliance.errors import RemoteProtocolError
from appliance.sip.events import Credentials
from appliance.sip.grammar import BLANKS, quote, split_list, unquote

try:
    from appliance.sip.native.plain_values import read_digest
except ImportError:
    HAS_PLAIN = False  # not compiled: all is read here
else:
    HAS_PLAIN = True

_HASHES: dict[str, Callable[[bytes], str]] = {
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
}
#: Strongest first (RFC 8760 §2.4).
STRENGTH = ("SHA-256", "MD5")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One WWW-Authenticate or Proxy-Authenticate. algorithm as in STRENGTH; qop as offered."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    is_session: bool = False
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True)
class Secret:
    """What the digest is made of besides the challenge."""

    username: str
    password: str
    realm: str


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """The Digest challenges that we can answer, the strongest first (RFC 8760 §2.4)."""
    found = []
    for value in values:
        fields = parse_digest(value)
        if fields is None:
            continue
        name = fields.get("algorithm", "MD5").upper()
        base = name.removesuffix("-SESS")
        if base not in _HASHES or "nonce" not in fields or "realm" not in fields:
            continue
        qop = tuple(q.strip().lower() for q in fields.get("qop", "").split(",") if q.strip())
        if qop and not {"auth", "auth-int"} & set(qop):
            continue
        is_stale = fields.get("stale", "").lower() == "true"
        challenge = Challenge(
            fields["realm"],
            fields["nonce"],
            base,
            name != base,
            qop,
            fields.get("opaque"),
            is_stale,
        )
        found.append(challenge)
    return sorted(found, key=lambda c: STRENGTH.index(c.algorithm))


def answer_challenge(
    challenge: Challenge,
    credentials: Credentials,
    method: str,
    uri: str,
    *,
    cnonce: str,
    nonce_count: int = 1,
    body: bytes = b"",
) -> str:
    """The Authorization value that answers (RFC 7616 §3.4)."""
    qop = _choose_qop(challenge)
    secret = Secret(credentials.username, credentials.secret, challenge.realm)
    count = f"{nonce_count:08x}"
    fields = {"nonce": challenge.nonce, "qop": qop, "nc": count, "cnonce": cnonce, "uri": uri}
    algorithm = challenge.algorithm + ("-sess" if challenge.is_session else "")
    response = digest_response(secret, algorithm, method, fields, body)
    text = (
        f"Digest username={quote(credentials.username)}, realm={quote(challenge.realm)}, "
        f"nonce={quote(challenge.nonce)}, uri={quote(uri)}, "
        f'response="{response}", algorithm={algorithm}'
    )
    if qop:
        text += f", qop={qop}, nc={count}"
    if qop or challenge.is_session:  # a session's secret holds the cnonce even without qop
        text += f", cnonce={quote(cnonce)}"
    if challenge.opaque is not None:
        text += f", opaque={quote(challenge.opaque)}"
    return text


def digest_response(
    secret: Secret, algorithm: str, method: str, fields: dict[str, str], body: bytes = b""
) -> str:
    """The ``response`` figure of RFC 7616 §3.4.1; without qop that of RFC 2069.

    fields: nonce, uri, and qop, nc, cnonce where there is a qop. Raises RemoteProtocolError for an
    algorithm that we do not know.
    """
    name = algorithm.upper()
    base = name.removesuffix("-SESS")
    if base not in _HASHES:
        raise RemoteProtocolError(f"algorithm {algorithm[:20]}", section="RFC 8760 §2")
    make = _HASHES[base]
    nonce, qop = fields["nonce"], fields.get("qop", "").lower()
    a1 = make(_octets(f"{secret.username}:{secret.realm}:{secret.password}"))
    if name != base:
        a1 = make(_octets(f"{a1}:{nonce}:{fields.get('cnonce', '')}"))
    entity = f":{make(body)}" if qop == "auth-int" else ""
    a2 = make(_octets(f"{method}:{fields['uri']}{entity}"))
    if not qop:
        return make(_octets(f"{a1}:{nonce}:{a2}"))
    middle = f"{nonce}:{fields.get('nc', '')}:{fields.get('cnonce', '')}:{qop}"
    return make(_octets(f"{a1}:{middle}:{a2}"))


#: Fields as nearly everybody writes them: nothing escaped, nothing around the signs.
_PLAIN_FIELD = r"""[A-Za-z]+=(?:"[^"\\]*+"|[^\s",<>\\]*+)"""
_PLAIN_FIELDS = re.compile(f"{_PLAIN_FIELD}(?:, ?{_PLAIN_FIELD})*")
_PLAIN_PARTS = re.compile(r"""([A-Za-z]+)=(?:"([^"\\]*+)"|([^\s",<>\\]*+))""")


@lru_cache(maxsize=8)  # who asks and who verifies read the same value
def parse_digest(value: str) -> dict[str, str] | None:
    """The fields of a Digest header value, quotes resolved; None for another scheme."""
    if HAS_PLAIN:
        read = read_digest(value)
        if read is not None:
            return read
    return parse_digest_tolerantly(value)


def parse_digest_tolerantly(value: str) -> dict[str, str] | None:
    """parse_digest for whatever is not plain; the same result for what is."""
    scheme, _, rest = value.strip(BLANKS).partition(" ")
    if scheme.lower() != "digest":
        return None
    fields: dict[str, str] = {}
    if _PLAIN_FIELDS.fullmatch(rest):
        for name, quoted, bare in _PLAIN_PARTS.findall(rest):
            fields.setdefault(name.lower(), quoted or bare)
        return fields
    for item in split_list(rest):
        name, _, text = item.partition("=")
        fields.setdefault(name.strip(BLANKS).lower(), unquote(text.strip(BLANKS)))
    return fields


def credentials_username(values: Iterable[str], realm: str | None = None) -> str:
    """Who the first Digest credentials (for this realm, if one is given) say they come from.

    Empty if there are none. Whoever verifies asks for the same realm as the verifier does.
    """
    for value in values:
        fields = parse_digest(value)
        if fields is not None and realm in (None, fields.get("realm")):
            return fields.get("username", "")
    return ""


def _choose_qop(challenge: Challenge) -> str:
    if not challenge.qop:
        return ""
    return "auth" if "auth" in challenge.qop else "auth-int"


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
