"""What our challenges accept: right answers once, nothing forged, nothing from strangers."""

from __future__ import annotations

import hashlib
from unittest.mock import patch

import pytest

from appliance.sip import digest_server
from appliance.sip.digest import (
    Challenge,
    Secret,
    answer_challenge,
    digest_response,
    parse_challenges,
    parse_digest,
)
from appliance.sip.digest_server import Asker, DigestServer, Verdict
from appliance.sip.events import Credentials

REALM = 'office, "main"'
URI = "sip:office.example"
ALICE = Credentials("2001", "s3cret")


@pytest.fixture
def server() -> DigestServer:
    return DigestServer(REALM, b"known to the box alone")


def challenge(server: DigestServer, now: float = 1000.0, algorithm: str = "SHA-256") -> Challenge:
    return next(c for c in parse_challenges(server.challenges(now)) if c.algorithm == algorithm)


def answer(
    asked: Challenge,
    nonce_count: int = 1,
    credentials: Credentials = ALICE,
    uri: str = URI,
    method: str = "REGISTER",
) -> str:
    return answer_challenge(
        asked, credentials, method, uri, cnonce="abcdef", nonce_count=nonce_count
    )


def verify(
    server: DigestServer,
    *values: str,
    password: str | None = "s3cret",
    uri: str = URI,
    asker: Asker | None = None,
    is_lan: bool = False,
    now: float = 1001.0,
) -> Verdict:
    asker = asker or Asker(is_lan=is_lan)
    return server.verify(values, "REGISTER", uri, password, asker=asker, now=now)


def without_qop(server: DigestServer) -> str:
    """The answer of a phone that knows RFC 2069 alone."""
    asked = challenge(server, algorithm="MD5")
    return answer(Challenge(asked.realm, asked.nonce))


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_right_answer_is_accepted_once(server: DigestServer, algorithm: str) -> None:
    value = answer(challenge(server, algorithm=algorithm))
    assert verify(server, value) is Verdict.OK
    assert verify(server, value) is Verdict.STALE
    assert verify(server, value, is_lan=True) is Verdict.STALE


def test_challenges_share_a_nonce_and_differ_each_time(server: DigestServer) -> None:
    first, second = (
        parse_challenges(server.challenges(1.0)),
        parse_challenges(server.challenges(1.0, stale=True)),
    )
    assert {c.algorithm for c in first} == {"MD5", "SHA-256"}
    assert len({c.nonce for c in first}) == 1
    assert first[0].nonce != second[0].nonce
    assert [c.is_stale for c in first + second] == [False, False, True, True]
    assert all(c.realm == REALM and c.qop == ("auth",) for c in first)


def test_order_of_algorithms_is_the_callers() -> None:
    only = DigestServer(REALM, b"x", algorithms=("SHA-256",))
    assert len(only.challenges(0.0)) == 1
    asked = challenge(only, now=0.0)
    md5 = answer(Challenge(REALM, asked.nonce, "MD5", qop=("auth",)))
    assert verify(only, md5, is_lan=True, now=0.0) is Verdict.MALFORMED


@pytest.mark.parametrize(
    ("user_agent", "algorithms"),
    [
        ("baresip v1.0.0 (x86_64/linux)", ["MD5"]),
        ("baresip v3.10.1 (x86_64/Linux)", ["MD5", "SHA-256"]),
        ("Yealink SIP-T46U 108.86.0.20", ["MD5", "SHA-256"]),
        ("", ["MD5", "SHA-256"]),
    ],
)
def test_a_phone_that_gives_up_at_sha_256(user_agent: str, algorithms: list[str]) -> None:
    given = DigestServer("r", b"x").challenges(0.0, user_agent=user_agent)
    assert sorted(c.algorithm for c in parse_challenges(given)) == algorithms


@pytest.mark.parametrize("algorithm", ["MD5-sess", "SHA-256-sess", "SHA-512-256", "", "x" * 5000])
def test_algorithm_that_was_not_offered(server: DigestServer, algorithm: str) -> None:
    value = answer(challenge(server)).replace("algorithm=SHA-256", f"algorithm={algorithm}")
    assert verify(server, value) is Verdict.MALFORMED


def test_wrong_password_and_unknown_user_look_alike(server: DigestServer) -> None:
    value = answer(challenge(server))
    assert verify(server, value, password="other") is Verdict.WRONG
    assert verify(server, value, password=None) is Verdict.WRONG


def test_unknown_user_costs_the_same_hashes(server: DigestServer) -> None:
    value = answer(challenge(server))
    work = []
    for password in ("other", "other", None, None):  # nobody is known by what is remembered
        with patch.object(hashlib, "sha256", wraps=hashlib.sha256) as hashed:
            verify(server, value, password=password)
        work.append(hashed.call_count)
    assert work[0] > 1 and work == [work[0]] * 4


@pytest.mark.parametrize("password", [None, ""])
def test_stand_in_for_a_missing_password_opens_nothing(
    server: DigestServer, password: str | None
) -> None:
    for guess in ("", digest_server._NO_PASSWORD):
        value = answer(challenge(server), credentials=Credentials("2001", guess))
        assert verify(server, value, password=password) is Verdict.WRONG


def test_old_nonce_is_stale_only_with_the_right_password(server: DigestServer) -> None:
    value = answer(challenge(server, now=1000.0))
    assert verify(server, value, now=1300.5) is Verdict.STALE
    assert verify(server, value, now=1300.5, password="other") is Verdict.WRONG
    assert verify(server, value, now=1299.5) is Verdict.OK


def test_nonce_from_the_future_is_stale(server: DigestServer) -> None:
    assert verify(server, answer(challenge(server, now=1000.0)), now=999.0) is Verdict.STALE


@pytest.mark.parametrize(
    "nonce", ["", "0", "deadbeef", "0" * 44, "ы" * 44, "\udcff", "f" * 60_000, "zz" * 22]
)
def test_forged_nonce_is_stale_and_tells_a_guesser_nothing(
    server: DigestServer, nonce: str
) -> None:
    value = answer(Challenge(REALM, nonce, "MD5", qop=("auth",)))
    with patch.object(hashlib, "md5", wraps=hashlib.md5) as hashed:
        for password in ("s3cret", "other", None):
            assert verify(server, value, password=password) is Verdict.STALE
    assert not hashed.called


def test_a_nonce_is_good_for_the_place_that_it_was_sent_to(server: DigestServer) -> None:
    here, there = Asker("192.0.2.1"), Asker("192.0.2.10")
    asked = parse_challenges(server.challenges(1000.0, place=here.place))[0]
    value = answer(asked)
    for password in ("s3cret", "other"):
        assert verify(server, value, password=password, asker=there) is Verdict.STALE
    assert verify(server, value, asker=here) is Verdict.OK


def test_who_has_shown_sha_256_is_not_taken_with_md5_from_a_stranger(server: DigestServer) -> None:
    def md5(asker: Asker) -> Verdict:
        return verify(server, answer(challenge(server, algorithm="MD5")), asker=asker)

    stranger, home, lan = Asker(), Asker(is_known=True), Asker(is_lan=True)
    assert md5(stranger) is Verdict.OK  # a phone that knows nothing better
    assert verify(server, answer(challenge(server))) is Verdict.OK
    assert [md5(asker) for asker in (stranger, home, lan)] == [Verdict.WEAK, Verdict.OK, Verdict.OK]
    wrong = answer(challenge(server, algorithm="MD5"), credentials=Credentials("2001", "guess"))
    assert verify(server, wrong) is Verdict.WRONG
    server.forget("2001")
    assert md5(stranger) is Verdict.OK


def test_nonce_with_another_time_is_forged(server: DigestServer) -> None:
    asked = challenge(server, now=1000.0)
    later = f"{int(2000.0 * 1000):012x}" + asked.nonce[12:]
    value = answer(Challenge(REALM, later, "SHA-256", qop=("auth",)))
    assert verify(server, value, now=2000.0) is Verdict.STALE


def test_nonce_of_another_box_is_forged(server: DigestServer) -> None:
    other = DigestServer(REALM, b"another secret")
    assert verify(server, answer(challenge(other))) is Verdict.STALE


def test_counts_may_come_out_of_order_but_once(server: DigestServer) -> None:
    asked = challenge(server)
    for count, verdict in [
        (5, Verdict.OK),
        (3, Verdict.OK),
        (5, Verdict.STALE),
        (3, Verdict.STALE),
        (4, Verdict.OK),
        (70, Verdict.OK),
        (7, Verdict.OK),  # 63 behind the highest
        (6, Verdict.STALE),  # too late to know
        (69, Verdict.OK),
        (70, Verdict.STALE),
        (0, Verdict.STALE),
    ]:
        assert verify(server, answer(asked, count)) is verdict, count


def test_huge_count_spends_the_nonce_but_not_the_time(server: DigestServer) -> None:
    asked = challenge(server)
    assert verify(server, answer(asked, 0xFFFFFFFF)) is Verdict.OK
    assert verify(server, answer(asked, 1)) is Verdict.STALE


@pytest.mark.parametrize(
    "count", ["", "+1", "0x1", "1_0", " ", "000000001", "g", "f" * 60_000, "-1"]
)
def test_count_that_is_no_figure(server: DigestServer, count: str) -> None:
    asked = challenge(server)
    fields = {"nonce": asked.nonce, "qop": "auth", "nc": count, "cnonce": "c", "uri": URI}
    secret = Secret("2001", "s3cret", REALM)
    response = digest_response(secret, "SHA-256", "REGISTER", fields)
    value = (
        'Digest username="2001", realm="office, \\"main\\"", algorithm=SHA-256, qop=auth, '
        f'nonce="{asked.nonce}", uri="{URI}", cnonce="c", nc="{count}", response="{response}"'
    )
    assert verify(server, value) is Verdict.MALFORMED


def test_quoted_qop_and_upper_case_response_are_read(server: DigestServer) -> None:
    value = answer(challenge(server)).replace("qop=auth", 'qop="auth"')
    fields = parse_digest(value)
    assert fields is not None
    value = value.replace(fields["response"], fields["response"].upper())
    assert verify(server, value) is Verdict.OK


def test_answers_without_qop_come_from_the_lan_only(server: DigestServer) -> None:
    value = without_qop(server)
    assert "qop" not in value
    assert verify(server, value, is_lan=False) is Verdict.WEAK
    assert verify(server, value, is_lan=False, password="other") is Verdict.WRONG
    assert verify(server, value, is_lan=True) is Verdict.OK
    assert verify(server, value, is_lan=True, now=1400.0) is Verdict.STALE


def test_qop_that_was_not_offered(server: DigestServer) -> None:
    asked = challenge(server)
    value = answer(Challenge(REALM, asked.nonce, "SHA-256", qop=("auth-int",)))
    assert verify(server, value) is Verdict.MALFORMED


@pytest.mark.parametrize(
    ("said", "asked_for", "outside"),
    [
        ("sip:2002@office.example", "sip:2002@office.example", Verdict.OK),
        ("sip:2002@OFFICE.example;transport=udp", "sip:2002@office.example:5060", Verdict.OK),
        ("sip:office.example;transport=UDP", "sip:2002@office.example", Verdict.WEAK),
        ("sip:2003@office.example", "sip:2002@office.example", Verdict.WEAK),
        ("sip:2002@elsewhere.example", "sip:2002@office.example", Verdict.WEAK),
        ("not a uri", "sip:2002@office.example", Verdict.WEAK),
        ("", "sip:2002@office.example", Verdict.WEAK),
    ],
)
def test_digest_uri_is_strict_outside_the_lan(
    server: DigestServer, said: str, asked_for: str, outside: Verdict
) -> None:
    value = answer(challenge(server), uri=said)
    assert verify(server, value, uri=asked_for) is outside
    value = answer(challenge(server), uri=said)
    assert verify(server, value, uri=asked_for, is_lan=True) is Verdict.OK


def test_answer_is_bound_to_its_method(server: DigestServer) -> None:
    value = answer(challenge(server), method="INVITE")
    assert verify(server, value, is_lan=True) is Verdict.WRONG


def test_credentials_for_other_realms_are_passed_over(server: DigestServer) -> None:
    other = 'Digest username="2001", realm="elsewhere", nonce="n", uri="x", response="0"'
    assert verify(server, "Basic abc", other, answer(challenge(server))) is Verdict.OK
    assert verify(server, other) is Verdict.MALFORMED
    assert verify(server) is Verdict.MALFORMED


@pytest.mark.parametrize("name", ["username", "nonce", "uri", "response"])
def test_missing_fields(server: DigestServer, name: str) -> None:
    value = answer(challenge(server)).replace(f" {name}=", " x-gone=")
    assert verify(server, value) is Verdict.MALFORMED


def test_octets_that_are_no_text(server: DigestServer) -> None:
    value = answer(challenge(server)).replace('response="', 'response="\udcff')
    assert verify(server, value) is Verdict.WRONG


def test_table_is_bounded_and_what_it_forgot_is_stale() -> None:
    with patch.object(digest_server, "_KEPT_NONCES", 3):
        server = DigestServer(REALM, b"k")
    asked = [challenge(server) for _ in range(5)]
    assert [verify(server, answer(c)) for c in asked] == [Verdict.OK] * 5
    assert server.nonces_kept() == 3
    assert verify(server, answer(asked[0])) is Verdict.STALE
    assert verify(server, answer(asked[1], 2)) is Verdict.STALE
    assert verify(server, answer(asked[4], 2)) is Verdict.OK


def test_expired_nonces_leave_the_table(server: DigestServer) -> None:
    assert verify(server, answer(challenge(server, now=1000.0))) is Verdict.OK
    assert verify(server, answer(challenge(server, now=2000.0)), now=2000.0) is Verdict.OK
    assert server.nonces_kept() == 1
