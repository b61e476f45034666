"""Digest figures against the samples that the RFCs print, and challenges as they are met."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.digest import (
    Challenge,
    Secret,
    answer_challenge,
    credentials_username,
    digest_response,
    parse_challenges,
    parse_digest,
)
from appliance.sip.events import Credentials

RFC_7616 = {
    "uri": "/dir/index.html",
    "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "nc": "00000001",
    "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    "qop": "auth",
}


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ("sha-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_sample_of_rfc_7616(algorithm: str, response: str) -> None:
    secret = Secret("Mufasa", "Circle of Life", "http-auth@example.org")
    assert digest_response(secret, algorithm, "GET", RFC_7616) == response


def test_sample_of_rfc_2617() -> None:
    secret = Secret("Mufasa", "Circle Of Life", "testrealm@host.com")
    fields = {
        "uri": "/dir/index.html",
        "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "nc": "00000001",
        "cnonce": "0a4f113b",
        "qop": "auth",
    }
    assert digest_response(secret, "MD5", "GET", fields) == "6629fae49393a05397450978507c4ef1"


def test_sample_of_rfc_2069_as_its_erratum_corrects_it() -> None:
    secret = Secret("Mufasa", "CircleOfLife", "testrealm@host.com")
    fields = {"uri": "/dir/index.html", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093"}
    assert digest_response(secret, "MD5", "GET", fields) == "1949323746fe6a43ef61f9606e7febea"


def test_session_variant_hashes_nonce_and_cnonce_into_the_secret() -> None:
    secret = Secret("alice", "pw", "r")
    fields = {"uri": "sip:r", "nonce": "n", "nc": "00000001", "cnonce": "c", "qop": "auth"}
    # md5(md5(md5("alice:r:pw"):n:c):n:00000001:c:auth:md5("REGISTER:sip:r"))
    wanted = "e79496be96d99e5731f89026c1dd3ad9"
    assert digest_response(secret, "MD5-sess", "REGISTER", fields) == wanted
    assert digest_response(secret, "MD5", "REGISTER", fields) != wanted


def test_auth_int_hashes_the_body() -> None:
    secret = Secret("alice", "pw", "r")
    fields = {"uri": "sip:r", "nonce": "n", "nc": "00000001", "cnonce": "c", "qop": "auth-int"}
    one = digest_response(secret, "SHA-256", "INVITE", fields, b"v=0\r\n")
    assert one != digest_response(secret, "SHA-256", "INVITE", fields, b"v=1\r\n")
    assert one != digest_response(secret, "SHA-256", "INVITE", {**fields, "qop": "auth"})


def test_unknown_algorithm_is_the_peers_fault() -> None:
    with pytest.raises(RemoteProtocolError):
        digest_response(Secret("a", "b", "c"), "ROT13", "GET", {"uri": "x", "nonce": "n"})


def test_fields_with_commas_quotes_and_equal_signs() -> None:
    fields = parse_digest(
        r'Digest realm="a, \"b\" = c", nonce="x=,;y",algorithm=MD5 , opaque="", stale=FALSE'
    )
    assert fields == {
        "realm": 'a, "b" = c',
        "nonce": "x=,;y",
        "algorithm": "MD5",
        "opaque": "",
        "stale": "FALSE",
    }


@pytest.mark.parametrize("value", ["Basic abc", "", "NoOneKnowsThisScheme opaque-data=here"])
def test_other_schemes_are_no_digest(value: str) -> None:
    assert parse_digest(value) is None


def test_first_of_two_fields_counts() -> None:
    assert parse_digest('dIgEsT realm="a", realm="b"') == {"realm": "a"}


def test_strongest_challenge_first_and_those_we_cannot_answer_left_out() -> None:
    found = parse_challenges(
        [
            'Digest realm="r", nonce="1", algorithm=MD5, qop="auth,auth-int"',
            'Digest realm="r", nonce="2", algorithm=SHA-512-256, qop="auth"',
            'Digest realm="r", nonce="3", algorithm="SHA-256", qop="auth-int", stale=TRUE',
            'Digest realm="r", nonce="4", algorithm=sha-256-sess, opaque="o"',
            'Digest realm="r", nonce="5", qop="auth-conf"',
            'Digest realm="r", algorithm=MD5',
            'Digest nonce="7"',
            "Basic realm=r",
        ]
    )
    assert found == [
        Challenge("r", "3", "SHA-256", qop=("auth-int",), is_stale=True),
        Challenge("r", "4", "SHA-256", is_session=True, opaque="o"),
        Challenge("r", "1", "MD5", qop=("auth", "auth-int")),
    ]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("is_session", [False, True])
@pytest.mark.parametrize("qop", [(), ("auth",), ("auth-int",), ("auth-int", "auth")])
def test_our_answer_holds_what_its_response_was_made_of(
    algorithm: str, is_session: bool, qop: tuple[str, ...]
) -> None:
    challenge = Challenge('a, "realm"', "nonce=,1", algorithm, is_session, qop, opaque='"o"')
    credentials = Credentials('us"er, one', "pässwörd")
    body = b"v=0\r\n"
    uri = "sip:example.com"
    text = answer_challenge(
        challenge, credentials, "INVITE", uri, cnonce="c0ffee", nonce_count=10, body=body
    )
    fields = parse_digest(text)
    assert fields is not None
    assert fields["username"] == 'us"er, one'
    assert fields["realm"] == 'a, "realm"'
    assert fields["opaque"] == '"o"'
    assert fields["algorithm"] == algorithm + ("-sess" if is_session else "")
    assert fields.get("qop", "") == ("" if not qop else "auth" if "auth" in qop else "auth-int")
    assert fields.get("nc") == ("0000000a" if qop else None)
    secret = Secret('us"er, one', "pässwörd", 'a, "realm"')
    wanted = digest_response(secret, fields["algorithm"], "INVITE", fields, body)
    assert fields["response"] == wanted


def test_opaque_is_left_out_when_none_was_given() -> None:
    text = answer_challenge(
        Challenge("r", "n"), Credentials("u", "p"), "REGISTER", "sip:r", cnonce="c"
    )
    assert "opaque" not in text
    assert "qop" not in text


def test_username_is_that_of_the_realm_asked_for() -> None:
    values = [
        "Basic x",
        'Digest username="mallory", realm="elsewhere"',
        'Digest username="alice", realm="here"',
    ]
    assert credentials_username(values) == "mallory"
    assert credentials_username(values, "here") == "alice"
    assert credentials_username(values, "nowhere") == ""
    assert credentials_username(["Basic x"]) == ""
