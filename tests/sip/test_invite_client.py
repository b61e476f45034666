"""Calls that we make: answers of every kind, forks, CANCEL, PRACK, challenges, 422."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    Credentials,
    EndCause,
    FailureCause,
    Hop,
    SessionAnswered,
    SessionEnded,
    SessionFailed,
    SessionProgressed,
    Transport,
)
from tests.kit.wire import ANSWER, Network, Station, assert_empty, call, established, reply
from tests.kit.wire import request_of as asked

_FAR = Hop(Transport.UDP, "192.0.2.2", 5060)
_REL = (("Require", "100rel"),)


class Alone:
    """A caller whose far end is the test itself."""

    def __init__(self, **more: object) -> None:
        self.network = Network()
        self.station = self.network.add("192.0.2.1")
        self.session = call(self.station, Station(self.station.endpoint, _FAR), 0.0, **more)
        self.network.run(0)
        self.invite = asked(self.station, "INVITE")

    def hear(
        self, status: int, *fields: tuple[str, str], tag: str = "z", body: bytes = b""
    ) -> None:
        data = reply(asked(self.station, "INVITE"), status, *fields, to_tag=tag, body=body)
        self.network.inject(data, _FAR, self.station)

    def hear_of(self, method: str, status: int, *fields: tuple[str, str]) -> None:
        self.network.inject(reply(asked(self.station, method), status, *fields), _FAR, self.station)


def _count(station: Station, method: str) -> int:
    return len({(r.via.branch, r.to.tag) for r in station.requests(method)})


# ---- forks (§13.2.2.4)


def test_provisionals_of_several_phones_and_one_answer() -> None:
    alone = Alone()
    alone.hear(180, tag="a")
    alone.hear(180, tag="b")
    alone.hear(200, ("Contact", "<sip:b@192.0.2.7>"), tag="b", body=ANSWER)
    assert len(alone.station.of(SessionProgressed)) == 2
    assert alone.station.only(SessionAnswered).response.to.tag == "b"
    ack = asked(alone.station, "ACK")
    assert (ack.uri, ack.to.tag) == ("sip:b@192.0.2.7", "b")


def test_forks_without_end_fill_no_memory_and_the_last_can_still_answer() -> None:
    alone = Alone()
    for number in range(300):
        alone.hear(183, *_REL, ("RSeq", "1"), tag=f"t{number}")
    assert len(alone.station.of(SessionProgressed)) == 300
    assert 10 < len(alone.station.requests("PRACK")) < 100
    alone.hear(200, tag="t299", body=ANSWER)
    assert alone.station.only(SessionAnswered).response.to.tag == "t299"
    assert asked(alone.station, "ACK").to.tag == "t299"


def test_second_answer_is_acknowledged_and_hung_up_once() -> None:
    alone = Alone()
    alone.hear(200, tag="a", body=ANSWER)
    for _ in range(3):
        alone.hear(200, ("Contact", "<sip:b@192.0.2.7>"), tag="b", body=ANSWER)
    station = alone.station
    assert [r.to.tag for r in station.requests("ACK")] == ["a", "b", "b", "b"]
    assert [r.to.tag for r in station.requests("BYE")] == ["b"]
    assert asked(station, "BYE").uri == "sip:b@192.0.2.7"
    assert len(station.of(SessionAnswered)) == 1 and station.of(SessionEnded) == []


def test_fork_that_answers_after_we_hung_up() -> None:
    alone = Alone()
    alone.hear(200, tag="a", body=ANSWER)
    alone.station.endpoint.bye(alone.session, "", 0.0)
    alone.hear(200, tag="a", body=ANSWER)
    alone.hear(200, tag="b", body=ANSWER)
    station = alone.station
    assert [r.to.tag for r in station.requests("ACK")] == ["a", "a", "b"]
    assert [r.to.tag for r in station.requests("BYE")] == ["a", "b"]
    alone.network.rest()
    assert_empty(station)


def test_lost_ack_is_repeated_as_it_was() -> None:
    alone = Alone()
    for _ in range(3):
        alone.hear(200, body=ANSWER)
    acks = [item.data for item in alone.station.sent if item.data.startswith(b"ACK")]
    assert len(acks) == 3 and len(set(acks)) == 1


# ---- CANCEL (§9.1)


def test_cancel_waits_for_a_provisional() -> None:
    alone = Alone()
    alone.station.endpoint.cancel(alone.session, "SIP;cause=200", 0.0)
    alone.network.run(0.1)
    assert alone.station.requests("CANCEL") == []
    assert alone.station.only(SessionFailed).cause is FailureCause.CANCELLED
    alone.hear(100, tag="")
    cancel = asked(alone.station, "CANCEL")
    assert cancel.via.branch == alone.invite.via.branch
    assert cancel.headers.get("Reason") == "SIP;cause=200"
    alone.hear(180)
    assert _count(alone.station, "CANCEL") == 1
    alone.hear_of("CANCEL", 200)
    alone.hear(487)
    assert len(alone.station.of(SessionFailed)) == 1
    assert alone.station.of(SessionProgressed) == []
    alone.network.rest()
    assert_empty(alone.station)


@pytest.mark.parametrize("answer", ["nothing", "100", "transport", "401", "486"])
def test_cancelled_call_leaves_nothing_behind(answer: str) -> None:
    alone = Alone(credentials=Credentials("a", "b"))
    alone.station.endpoint.cancel(alone.session, "", 0.0)
    if answer == "transport":
        alone.station.endpoint.transport_failed(_FAR, 0.0)
    elif answer != "nothing":
        alone.hear(int(answer), ("WWW-Authenticate", 'Digest realm="r", nonce="n"'))
    alone.network.rest()
    assert len(alone.station.of(SessionFailed)) == 1
    assert _count(alone.station, "INVITE") == 1
    assert alone.network.now <= 65
    assert_empty(alone.station)


def test_2xx_that_crosses_the_cancel_is_hung_up() -> None:
    alone = Alone()
    alone.hear(180)
    alone.station.endpoint.cancel(alone.session, "Q.850;cause=16", 0.0)
    for _ in range(2):
        alone.hear(200, body=ANSWER)
    assert len(alone.station.requests("ACK")) == 2
    assert _count(alone.station, "BYE") == 1
    assert asked(alone.station, "BYE").headers.get("Reason") == "Q.850;cause=16"
    assert alone.station.of(SessionAnswered) == []
    alone.hear_of("BYE", 200)
    alone.network.rest()
    assert len(alone.station.of(SessionFailed)) == 1
    assert_empty(alone.station)


def test_cancel_of_an_answered_or_dead_call_does_nothing() -> None:
    alone = Alone()
    alone.hear(200, body=ANSWER)
    alone.station.endpoint.cancel(alone.session, "", 0.0)
    alone.station.endpoint.cancel(99, "", 0.0)
    alone.network.run(0.1)
    assert alone.station.requests("CANCEL") == [] and alone.station.of(SessionFailed) == []


# ---- reliable provisionals (RFC 3262)


def test_prack_of_each_fork_in_its_own_dialog() -> None:
    alone = Alone()
    alone.hear(183, *_REL, ("RSeq", "5"), tag="a", body=ANSWER)
    alone.hear(183, *_REL, ("RSeq", "9"), tag="b", body=ANSWER)
    pracks = alone.station.requests("PRACK")
    assert [(p.to.tag, p.cseq.number, p.headers.get("RAck")) for p in pracks] == [
        ("a", 2, "5 1 INVITE"),
        ("b", 2, "9 1 INVITE"),
    ]


@pytest.mark.parametrize("rseq", ["x", "", "99999999999", "-1"])
def test_rseq_that_cannot_be_read_is_an_unreliable_one(rseq: str) -> None:
    alone = Alone()
    alone.hear(183, *_REL, ("RSeq", rseq))
    assert alone.station.requests("PRACK") == []
    assert len(alone.station.of(SessionProgressed)) == 1


def test_100rel_must_be_required_to_be_acknowledged() -> None:
    alone = Alone()
    alone.hear(183, ("RSeq", "1"), ("Supported", "100rel"))
    assert alone.station.requests("PRACK") == []


def test_prack_is_challenged_too() -> None:
    alone = Alone(credentials=Credentials("a", "b"))
    alone.hear(183, *_REL, ("RSeq", "1"))
    alone.hear_of("PRACK", 407, ("Proxy-Authenticate", 'Digest realm="r", nonce="n"'))
    prack = asked(alone.station, "PRACK")
    assert prack.cseq.number == 3 and "Proxy-Authorization" in prack.headers
    assert prack.headers.get("RAck") == "1 1 INVITE"


def test_prack_of_a_proved_invite_is_challenged_anew() -> None:
    """A far end that rings has taken the proof: the next nonce is not a refusal of it."""
    alone = Alone(credentials=Credentials("a", "b"))
    alone.hear(407, ("Proxy-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'))
    alone.hear(183, *_REL, ("RSeq", "1"))
    alone.hear_of("PRACK", 407, ("Proxy-Authenticate", 'Digest realm="r", nonce="m", qop="auth"'))
    assert len(alone.station.requests("PRACK")) == 2
    assert 'nonce="m"' in (asked(alone.station, "PRACK").headers.get("Proxy-Authorization") or "")


# ---- refusals


def test_refusal_is_told_once_with_its_response() -> None:
    alone = Alone()
    alone.hear(100, tag="")
    alone.hear(486)
    alone.hear(486)
    failed = alone.station.only(SessionFailed)
    assert failed.cause is FailureCause.RESPONSE
    assert failed.response is not None and failed.response.status == 486


def test_challenge_is_answered_and_wrong_credentials_end_it() -> None:
    alone = Alone(credentials=Credentials("a", "b"))
    for n in range(2):
        alone.hear(401, ("WWW-Authenticate", f'Digest realm="r", nonce="{n}"'))
    invites = alone.station.requests("INVITE")
    assert [r.cseq.number for r in invites] == [1, 2]
    assert len({r.via.branch for r in invites}) == 2
    assert invites[0].call_id == invites[1].call_id
    assert alone.station.only(SessionFailed).response.status == 401  # type: ignore[union-attr]


def test_stale_challenges_come_to_an_end() -> None:
    alone = Alone(credentials=Credentials("a", "b"))
    for n in range(12):
        if alone.station.of(SessionFailed):
            break
        alone.hear(401, ("WWW-Authenticate", f'Digest realm="r", nonce="{n}", stale=true'))
    assert 2 < len(alone.station.requests("INVITE")) < 8
    assert len(alone.station.of(SessionFailed)) == 1


def test_credentials_go_to_their_realm_only() -> None:
    alone = Alone(credentials=Credentials("a", "b", "mine"))
    alone.hear(401, ("WWW-Authenticate", 'Digest realm="theirs", nonce="n"'))
    assert len(alone.station.requests("INVITE")) == 1
    assert len(alone.station.of(SessionFailed)) == 1


def test_ack_of_a_challenged_call_carries_the_invites_credentials() -> None:
    alone = Alone(credentials=Credentials("a", "b"))
    alone.hear(407, ("Proxy-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'))
    alone.hear(200, body=ANSWER)
    invite, ack = asked(alone.station, "INVITE"), asked(alone.station, "ACK")
    name = "Proxy-Authorization"
    assert ack.headers.get_all(name) == invite.headers.get_all(name) != []


def test_too_short_session_is_asked_again_longer() -> None:
    alone = Alone(session_expires_s=100)
    alone.hear(422, ("Min-SE", "300"))
    invite = asked(alone.station, "INVITE")
    assert (invite.headers.get("Session-Expires"), invite.headers.get("Min-SE")) == ("300", "300")
    assert invite.cseq.number == 2
    for _ in range(4):
        if not alone.station.of(SessionFailed):
            alone.hear(422, ("Min-SE", "x"))
    assert len(alone.station.of(SessionFailed)) == 1


# ---- what should not happen


def test_bye_before_the_answer_ends_the_attempt() -> None:
    """§15 forbids it; gateways do it."""
    alone = Alone()
    alone.hear(183, body=ANSWER)
    bye = (
        "BYE sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKb\r\n"
        f"From: <sip:bob@192.0.2.2>;tag=z\r\nTo: {alone.invite.headers.get('From')}\r\n"
        f"Call-ID: {alone.invite.call_id}\r\nCSeq: 1 BYE\r\n\r\n"
    )
    alone.network.inject(bye.encode(), _FAR, alone.station)
    assert len(alone.station.responses(200, "BYE")) == 1
    assert alone.station.only(SessionFailed).response.status == 487  # type: ignore[union-attr]
    assert _count(alone.station, "CANCEL") == 1
    alone.network.rest()
    assert_empty(alone.station)


def test_2xx_with_broken_fields_still_makes_a_call() -> None:
    alone = Alone()
    alone.hear(
        200,
        ("Contact", "<sip:@@>"),
        ("Session-Expires", "soon"),
        ("Record-Route", "<"),
        body=ANSWER,
    )
    assert len(alone.station.of(SessionAnswered)) == 1
    assert asked(alone.station, "ACK").uri == alone.invite.uri


def test_whole_call_and_bye_of_either_side() -> None:
    for leaver in (0, 1):
        network = Network()
        stations = network.add("192.0.2.1"), network.add("192.0.2.2")
        sessions = established(network, *stations)
        stations[leaver].endpoint.bye(sessions[leaver], "Q.850;cause=16", network.now)
        network.rest()
        ended = stations[1 - leaver].only(SessionEnded)
        assert (ended.cause, ended.is_remote, ended.reason) == (
            EndCause.BYE,
            True,
            "Q.850;cause=16",
        )
        assert stations[leaver].of(SessionEnded) == []
        assert_empty(*stations)


def test_a_called_party_that_leads_the_dialog_elsewhere_is_told_no_credentials() -> None:
    """Its Contact names a host of its own, which then challenges our BYE."""
    alone = Alone(credentials=Credentials("a", "b"))
    alone.hear(407, ("Proxy-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'))
    alone.hear(200, ("Contact", "<sip:b@203.0.113.66:5060>"), body=ANSWER)
    alone.station.endpoint.bye(alone.session, "", 0.0)
    alone.network.run(0.1)
    thief = Hop(Transport.UDP, "203.0.113.66", 5060)
    bye = asked(alone.station, "BYE")
    challenge = ("Proxy-Authenticate", 'Digest realm="r", nonce="mine", qop="auth"')
    alone.network.inject(reply(bye, 407, challenge), thief, alone.station)
    told = [item.data for item in alone.station.sent if item.hop.host == thief.host]
    assert [data.split(b" ")[0] for data in told] == [b"ACK", b"BYE"]
    assert not any(b"Authorization" in data for data in told)


@pytest.mark.parametrize("status", [401, 407])
def test_a_challenge_from_another_address_is_not_answered(status: int) -> None:
    alone = Alone(credentials=Credentials("a", "b"))
    name = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    data = reply(alone.invite, status, (name, 'Digest realm="r", nonce="n"'), to_tag="z")
    stranger = Hop(Transport.UDP, "203.0.113.66", 5060)
    alone.network.inject(data, stranger, alone.station)
    assert len(alone.station.requests("INVITE")) == 1
    assert len(alone.station.of(SessionFailed)) == 1
