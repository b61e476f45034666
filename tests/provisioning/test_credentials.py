"""HTTP credentials of phones: what proves who asks."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from provisioning.credentials import NONCE_LIVES_S, Proof, challenges, judge

KEY, NOW = b"k" * 32, 1000.0
WHO = ("805ec0a1b2c3", "a-secret")


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def digest(username: str, password: str, *, qop: str = "auth", name: str = "MD5") -> str:
    """As a phone answers (RFC 7616 §3.4.1)."""
    challenge = next(c for c in challenges(KEY, NOW) if c.endswith(f"algorithm={name}"))
    nonce = re.search('nonce="([^"]+)"', challenge)[1]  # type: ignore[index]
    make = hashlib.md5 if name == "MD5" else hashlib.sha256
    first = make(f"{username}:Dozvon:{password}".encode()).hexdigest()
    second = make(b"GET:/x.cfg").hexdigest()
    middle = f":00000001:abc:{qop}" if qop else ""
    response = make(f"{first}:{nonce}{middle}:{second}".encode()).hexdigest()
    quality = f', qop={qop}, nc=00000001, cnonce="abc"' if qop else ""
    return (
        f'Digest username="{username}", realm="Dozvon", nonce="{nonce}", uri="/x.cfg", '
        f'response="{response}", algorithm={name}{quality}'
    )


@pytest.mark.parametrize(
    ("header", "proof"),
    [
        ("", Proof.NONE),
        (basic(*WHO), Proof.RIGHT),
        (basic(WHO[0], "guess"), Proof.WRONG),
        (basic("other", WHO[1]), Proof.WRONG),
        ("Basic %%%", Proof.WRONG),
        ("Bearer x", Proof.WRONG),
        (digest(*WHO), Proof.RIGHT),
        (digest(*WHO, qop=""), Proof.RIGHT),
        (digest(*WHO, name="SHA-256"), Proof.RIGHT),
        (digest(WHO[0], "guess"), Proof.WRONG),
        (digest("other", WHO[1]), Proof.WRONG),
        (digest(*WHO).replace("nonce=", "nonce=\"1.00\", x="), Proof.WRONG),
        ("Digest ", Proof.WRONG),
        ('Digest username="805ec0a1b2c3", nonce="99999999999999999999.x"', Proof.WRONG),
    ],
)  # fmt: skip
def test_proofs(header: str, proof: Proof) -> None:
    assert judge(header, "GET", WHO, KEY, NOW + 1) is proof


def test_a_device_without_a_secret_proves_nothing() -> None:
    assert judge(basic("805ec0a1b2c3", ""), "GET", ("805ec0a1b2c3", ""), KEY, NOW) is Proof.NONE


def test_a_nonce_gets_old() -> None:
    assert judge(digest(*WHO), "GET", WHO, KEY, NOW + NONCE_LIVES_S) is Proof.RIGHT
    assert judge(digest(*WHO), "GET", WHO, KEY, NOW + NONCE_LIVES_S + 1) is Proof.STALE
    assert judge(digest(*WHO), "GET", WHO, b"another run's key", NOW) is Proof.WRONG
    assert "stale=true" in challenges(KEY, NOW, is_stale=True)[0]
