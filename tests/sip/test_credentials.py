"""Which challenges are answered, how often, and for whom."""

from __future__ import annotations

import pytest

from appliance.sip.credentials import Proof
from appliance.sip.digest import parse_digest
from appliance.sip.events import Credentials, Hop, Transport
from appliance.sip.headers import Headers
from appliance.sip.message import Request, Response
from tests.kit.wire import CountedIds


def _challenge(realm: str = "r", nonce: str = "n", more: str = "", status: int = 401) -> Response:
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    value = f'Digest realm="{realm}", nonce="{nonce}", qop="auth"{more}'
    return Response(status, "", Headers([(name, value)]))


PROVIDER = Hop(Transport.UDP, "203.0.113.1", 5060)
ANOTHER = Hop(Transport.UDP, "203.0.113.2", 5060)


def _proof(realm: str = "") -> Proof:
    return Proof(Credentials("alice", "secret", realm), PROVIDER.host)


def _accepts(proof: Proof, response: Response) -> bool:
    return proof.accept(response, PROVIDER, PROVIDER)


def _put(proof: Proof, hop: Hop = PROVIDER) -> Request:
    request = Request("INVITE", "sip:b@h")
    proof.put_on(request, hop, CountedIds())
    return request


def test_nothing_is_told_unasked() -> None:
    assert len(_put(_proof()).headers) == 0


def test_answers_once_and_counts_the_nonce() -> None:
    proof = _proof()
    assert _accepts(proof, _challenge())
    for count in ("00000001", "00000002"):
        fields = parse_digest(_put(proof).headers.get("Authorization") or "")
        assert fields is not None and fields["nc"] == count and fields["username"] == "alice"
    assert not _accepts(proof, _challenge(nonce="other"))  # refused, not stale


def test_stale_gives_another_try_but_not_for_ever() -> None:
    proof = _proof()
    tries = [_accepts(proof, _challenge(nonce=f"n{n}", more=", stale=true")) for n in range(8)]
    assert tries[:2] == [True, True]
    assert tries[-1] is False


def test_success_allows_the_next_challenge() -> None:
    proof = _proof()
    assert _accepts(proof, _challenge())
    proof.succeeded()
    assert _accepts(proof, _challenge(nonce="next"))
    assert not _accepts(proof, _challenge(nonce="third"))


def test_only_the_given_realm() -> None:
    proof = _proof("mine")
    assert not _accepts(proof, _challenge("theirs"))
    assert len(_put(proof).headers) == 0
    assert _accepts(proof, _challenge("mine"))


def test_proxy_and_far_end_one_after_the_other() -> None:
    proof = _proof()
    assert _accepts(proof, _challenge("proxy", status=407))
    assert _accepts(proof, _challenge("far", status=401))
    request = _put(proof)
    assert 'realm="proxy"' in (request.headers.get("Proxy-Authorization") or "")
    assert 'realm="far"' in (request.headers.get("Authorization") or "")
    assert not _accepts(proof, _challenge("far", nonce="again", status=401))


def test_strongest_algorithm_is_taken() -> None:
    response = _challenge(nonce="md5", more=", algorithm=MD5")
    response.headers.add(
        "WWW-Authenticate", 'Digest realm="r", nonce="sha", qop="auth", algorithm=SHA-256'
    )
    proof = _proof()
    assert _accepts(proof, response)
    assert "SHA-256" in (_put(proof).headers.get("Authorization") or "")


def test_what_is_no_challenge() -> None:
    proof = _proof()
    for value in ("", "Basic realm=x", "Digest", 'Digest realm="r"', "Digest \x00,,,="):
        response = Response(401, "", Headers([("WWW-Authenticate", value)]))
        assert not _accepts(proof, response)
    assert not _accepts(proof, Response(403, ""))


@pytest.mark.parametrize(
    ("asked", "source"), [(ANOTHER, ANOTHER), (PROVIDER, ANOTHER), (ANOTHER, PROVIDER)]
)
def test_nobody_but_the_host_they_are_for_is_answered(asked: Hop, source: Hop) -> None:
    proof = _proof()
    assert not proof.accept(_challenge(), asked, source)
    assert len(_put(proof).headers) == 0


def test_what_the_provider_was_told_is_told_to_nobody_else() -> None:
    proof = _proof()
    assert _accepts(proof, _challenge())
    assert _put(proof).headers.get("Authorization")
    assert len(_put(proof, ANOTHER).headers) == 0
    other_port = Hop(Transport.TCP, PROVIDER.host, 5080)
    assert _put(proof, other_port).headers.get("Authorization")
