"""Which challenges are answered, how often, and for whom."""

from __future__ import annotations

from appliance.sip.credentials import Proof
from appliance.sip.digest import parse_digest
from appliance.sip.events import Credentials
from appliance.sip.headers import Headers
from appliance.sip.message import Request, Response
from tests.kit.wire import CountedIds


def _challenge(realm: str = "r", nonce: str = "n", more: str = "", status: int = 401) -> Response:
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    value = f'Digest realm="{realm}", nonce="{nonce}", qop="auth"{more}'
    return Response(status, "", Headers([(name, value)]))


def _proof(realm: str = "") -> Proof:
    return Proof(Credentials("alice", "secret", realm))


def _put(proof: Proof) -> Request:
    request = Request("INVITE", "sip:b@h")
    proof.put_on(request, CountedIds())
    return request


def test_nothing_is_told_unasked() -> None:
    assert len(_put(_proof()).headers) == 0


def test_answers_once_and_counts_the_nonce() -> None:
    proof = _proof()
    assert proof.accept(_challenge())
    for count in ("00000001", "00000002"):
        fields = parse_digest(_put(proof).headers.get("Authorization") or "")
        assert fields is not None and fields["nc"] == count and fields["username"] == "alice"
    assert not proof.accept(_challenge(nonce="other"))  # refused, not stale


def test_stale_gives_another_try_but_not_for_ever() -> None:
    proof = _proof()
    tries = [proof.accept(_challenge(nonce=f"n{n}", more=", stale=true")) for n in range(8)]
    assert tries[:2] == [True, True]
    assert tries[-1] is False


def test_success_allows_the_next_challenge() -> None:
    proof = _proof()
    assert proof.accept(_challenge())
    proof.succeeded()
    assert proof.accept(_challenge(nonce="next"))
    assert not proof.accept(_challenge(nonce="third"))


def test_only_the_given_realm() -> None:
    proof = _proof("mine")
    assert not proof.accept(_challenge("theirs"))
    assert len(_put(proof).headers) == 0
    assert proof.accept(_challenge("mine"))


def test_proxy_and_far_end_one_after_the_other() -> None:
    proof = _proof()
    assert proof.accept(_challenge("proxy", status=407))
    assert proof.accept(_challenge("far", status=401))
    request = _put(proof)
    assert 'realm="proxy"' in (request.headers.get("Proxy-Authorization") or "")
    assert 'realm="far"' in (request.headers.get("Authorization") or "")
    assert not proof.accept(_challenge("far", nonce="again", status=401))


def test_strongest_algorithm_is_taken() -> None:
    response = _challenge(nonce="md5", more=", algorithm=MD5")
    response.headers.add(
        "WWW-Authenticate", 'Digest realm="r", nonce="sha", qop="auth", algorithm=SHA-256'
    )
    proof = _proof()
    assert proof.accept(response)
    assert "SHA-256" in (_put(proof).headers.get("Authorization") or "")


def test_what_is_no_challenge() -> None:
    proof = _proof()
    for value in ("", "Basic realm=x", "Digest", 'Digest realm="r"', "Digest \x00,,,="):
        response = Response(401, "", Headers([("WWW-Authenticate", value)]))
        assert not proof.accept(response)
    assert not proof.accept(Response(403, ""))
