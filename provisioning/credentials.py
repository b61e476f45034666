"""HTTP credentials of phones: Basic and Digest, asked for and proved.

PURE. RFC 7617, RFC 7616 (MD5 and SHA-256, qop=auth, and the old form without qop that field phones
still send). A nonce carries its time and a keyed checksum, so that nothing is remembered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from enum import Enum

REALM = "Dozvon"
NONCE_LIVES_S = 300
_PARAMETER = re.compile(r'([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))', re.IGNORECASE)
_HASHES: Mapping[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}


class Proof(Enum):
    """What credentials are worth."""

    NONE = "none"
    RIGHT = "right"
    STALE = "stale"
    WRONG = "wrong"


def challenges(key: bytes, now: float, *, is_stale: bool = False) -> tuple[str, ...]:
    """WWW-Authenticate values, the one that every phone knows first of the digests."""
    nonce = _nonce(key, int(now))
    stale = ", stale=true" if is_stale else ""
    digests = (
        f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm={name}{stale}'
        for name in ("MD5", "SHA-256")
    )
    return (*digests, f'Basic realm="{REALM}", charset="UTF-8"')


def judge(header: str, method: str, expected: tuple[str, str], key: bytes, now: float) -> Proof:
    """What an Authorization header proves. expected: (username, password); no password: nothing.

    The digest-uri is not compared with the request's: proxies and phones rewrite it, and what is
    proved is the knowledge of the password.
    """
    if not header:
        return Proof.NONE
    username, password = expected
    if not password:
        return Proof.NONE
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "basic":
        return _judge_basic(rest.strip(), username, password)
    if scheme.lower() == "digest":
        return _judge_digest(rest, method, expected, key, now)
    return Proof.WRONG


def _judge_basic(text: str, username: str, password: str) -> Proof:
    try:
        given = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return Proof.WRONG
    return _verdict(_same(given, f"{username}:{password}".encode()))


def _judge_digest(
    text: str, method: str, expected: tuple[str, str], key: bytes, now: float
) -> Proof:
    values = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(text)}
    username, password = expected
    make = _HASHES.get(values.get("algorithm", "MD5").upper())
    nonce = values.get("nonce", "")
    if make is None or values.get("username") != username or not _is_ours(nonce, key):
        return Proof.WRONG
    first = make(f"{username}:{values.get('realm', '')}:{password}".encode())
    second = make(f"{method}:{values.get('uri', '')}".encode())
    middle = [nonce]
    if values.get("qop"):
        middle += [values.get("nc", ""), values.get("cnonce", ""), values["qop"]]
    right = make(":".join([first, *middle, second]).encode())
    if not _same(values.get("response", "").lower().encode(), right.encode()):
        return Proof.WRONG
    is_fresh = 0 <= now - int(nonce.partition(".")[0]) <= NONCE_LIVES_S
    return Proof.RIGHT if is_fresh else Proof.STALE


def _nonce(key: bytes, at: int) -> str:
    return f"{at}.{hmac.new(key, str(at).encode(), hashlib.sha256).hexdigest()[:32]}"


def _is_ours(nonce: str, key: bytes) -> bool:
    at = nonce.partition(".")[0]
    is_time = at.isascii() and at.isdigit() and len(at) <= 12
    return is_time and _same(nonce.encode("utf-8", "replace"), _nonce(key, int(at)).encode())


def _same(given: bytes, right: bytes) -> bool:
    return hmac.compare_digest(given, right)


def _verdict(is_right: bool) -> Proof:
    return Proof.RIGHT if is_right else Proof.WRONG
