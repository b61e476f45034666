"""Calls that come: provisionals, 2xx until the ACK, CANCEL, PRACK, hanging up in time."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    EndCause,
    Hop,
    InviteReceived,
    SessionAnswered,
    SessionCancelled,
    SessionConfirmed,
    SessionEnded,
    SessionFailed,
    Transport,
)
from tests.kit.wire import ANSWER, OFFER, Network, Station, assert_empty, call
from tests.sip.test_server_transactions import message

_FAR = Hop(Transport.UDP, "192.0.2.2", 5060)


class Called:
    """A called endpoint whose caller is the test itself; is_called: its INVITE has come."""

    def __init__(
        self, *fields: str, body: bytes = OFFER, is_called: bool = True, **settings: object
    ) -> None:
        self.network = Network()
        settings.setdefault("session_expires_s", 0)
        self.station = self.network.add("192.0.2.1", **settings)
        self.endpoint = self.station.endpoint
        if is_called:
            self.hear("INVITE", *fields, body=body)

    def hear(self, method: str, *fields: str, **more: object) -> None:
        if method not in ("INVITE", "CANCEL"):
            more.setdefault("branch", f"z9hG4bK{method}{more.get('cseq', 1)}")
            more.setdefault("to_tag", self.tag)
        data = message(method, *fields, **more)  # type: ignore[arg-type]
        self.network.inject(data, _FAR, self.station)

    @property
    def tag(self) -> str:
        self.network.run(0)
        tags = [m.to.tag for m in self.station.messages() if m.to.tag]
        return tags[0] if tags else ""

    def lines(self) -> list[str]:
        return [" ".join(line.split()[:2]) for line in self.station.first_lines()]


def test_100_comes_by_itself_after_200_ms_or_at_once() -> None:
    called = Called()
    called.network.run(0.19)
    assert called.station.sent == []
    called.network.run(0.02)
    assert called.station.first_lines() == ["SIP/2.0 100 Trying"]
    assert called.station.messages()[0].to.tag == ""
    soon = Called()
    soon.endpoint.trying(1, 0.0)
    soon.endpoint.trying(1, 0.0)
    soon.network.run(1)
    assert soon.station.first_lines() == ["SIP/2.0 100 Trying"]


def test_no_100_behind_a_180() -> None:
    called = Called()
    called.endpoint.provisional(1, 180, now=0.0)
    called.endpoint.trying(1, 0.0)
    called.network.run(1)
    assert called.station.first_lines() == ["SIP/2.0 180 Ringing"]


def test_200_is_repeated_until_the_ack_with_any_to_tag() -> None:
    """pyVoIP acknowledges with a random To tag."""
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.network.run(1.6)
    assert len(called.station.responses(200)) == 3
    called.hear("ACK", to_tag="random")
    called.hear("ACK", to_tag="random")
    called.network.run(40)
    assert len(called.station.responses(200)) == 3
    assert called.station.only(SessionConfirmed).body == b""
    assert called.endpoint.sessions_alive == 1 and called.endpoint.transactions_alive == 0


def test_no_ack_in_64_t1_ends_the_call_by_bye() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.network.run(31.9)
    assert called.station.requests("BYE") == []
    called.network.run(0.2)
    assert len(called.station.requests("BYE")) == 1
    ended = called.station.only(SessionEnded)
    assert (ended.cause, ended.is_remote) == (EndCause.NO_ACK, False)
    called.network.rest()
    assert_empty(called.station)


def test_bye_waits_for_the_ack() -> None:
    """§15: the caller may not have seen the 200 yet."""
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.endpoint.bye(1, "Q.850;cause=16", 0.0)
    called.network.run(0.6)
    assert called.lines() == ["SIP/2.0 200", "SIP/2.0 200"]
    called.hear("INFO", cseq=2)
    called.hear("INVITE", cseq=3, branch="z9hG4bKr", to_tag=called.tag, body=OFFER)
    assert [line[:11] for line in called.lines()[2:]] == ["SIP/2.0 481"] * 2
    called.hear("ACK")
    assert called.lines()[-1].startswith("BYE")
    assert called.station.requests("BYE")[0].headers.get("Reason") == "Q.850;cause=16"
    called.endpoint.bye(1, "", 1.0)
    called.network.rest()
    assert len({r.via.branch for r in called.station.requests("BYE")}) == 1
    assert called.station.of(SessionEnded) == called.station.of(SessionConfirmed) == []
    assert_empty(called.station)


def test_bye_without_ack_goes_out_after_64_t1() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.endpoint.bye(1, "", 0.0)
    called.network.rest()
    assert called.station.requests("BYE")
    assert called.station.of(SessionEnded) == []
    assert_empty(called.station)


def test_their_bye_while_ours_waits() -> None:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.endpoint.bye(1, "", 0.0)
    called.hear("BYE", cseq=2)
    called.network.rest()
    assert called.station.requests("BYE") == [] and called.station.of(SessionEnded) == []
    assert len(called.station.responses(200, "BYE")) == 1
    assert_empty(called.station)


def test_lost_200_and_an_early_bye_of_the_called_one() -> None:
    """Over a wire that loses the first 200s, hanging up at once ends both ends."""
    network = Network()
    caller, called = network.add("192.0.2.1"), network.add("192.0.2.2")
    network.lets_pass = lambda station, item: station is caller or network.now > 3
    call(caller, called, 0.0)
    network.run(0.1)
    called.endpoint.answer(1, ANSWER, network.now)
    called.endpoint.bye(1, "", network.now)
    network.rest()
    assert len(caller.of(SessionAnswered)) == len(caller.of(SessionEnded)) == 1
    assert_empty(caller, called)


def test_cancel_before_and_after_a_provisional() -> None:
    for rings in (False, True):
        called = Called()
        if rings:
            called.endpoint.provisional(1, 180, now=0.0)
        called.hear("CANCEL", 'Reason: SIP;cause=200;text="x"')
        assert called.lines()[-2:] == ["SIP/2.0 200", "SIP/2.0 487"]
        assert called.station.only(SessionCancelled).reason == 'SIP;cause=200;text="x"'
        called.endpoint.answer(1, ANSWER, 0.0)
        called.endpoint.reject(1, 486, now=0.0)
        assert called.lines()[-1] == "SIP/2.0 487"
        called.network.rest()
        assert_empty(called.station)


def test_early_bye_of_the_caller_is_a_cancel() -> None:
    called = Called()
    called.endpoint.provisional(1, 180, now=0.0)
    called.hear("BYE", cseq=2)
    assert called.lines() == ["SIP/2.0 180", "SIP/2.0 200", "SIP/2.0 487"]
    assert len(called.station.of(SessionCancelled)) == 1
    called.network.rest()
    assert_empty(called.station)


def test_rejection_carries_reason_and_headers() -> None:
    called = Called()
    called.endpoint.reject(1, 503, "Full", (("Retry-After", "9"),), now=0.0)
    called.network.run(0)
    response = called.station.responses(503)[0]
    assert (response.reason, response.headers.get("Retry-After")) == ("Full", "9")
    assert response.to.tag
    called.endpoint.reject(1, 486, now=0.0)
    called.endpoint.answer(1, ANSWER, 0.0)
    called.endpoint.provisional(1, 180, now=0.0)
    called.network.run(0)
    assert len(called.station.sent) == 1


def test_record_route_comes_back_in_the_answer() -> None:
    route = "<sip:192.0.2.9;lr>, <sip:p;lr>"
    called = Called(f"Record-Route: {route}")
    called.endpoint.answer(1, ANSWER, 0.0)
    called.network.run(0)
    assert called.station.responses(200)[0].headers.get_all("Record-Route") == [route]


def test_session_timer_is_agreed_and_too_short_is_422() -> None:
    called = Called("Supported: timer", "Session-Expires: 600", session_expires_s=1800)
    called.endpoint.answer(1, ANSWER, 0.0)
    called.network.run(0)
    response = called.station.responses(200)[0]
    assert response.headers.get("Session-Expires") == "600;refresher=uac"
    assert response.headers.get("Require") == "timer"
    short = Called("Supported: timer", "Session-Expires: 60")
    assert short.lines() == ["SIP/2.0 422"]
    assert short.station.messages()[0].headers.get("Min-SE") == "90"
    assert short.station.of(InviteReceived) == [] and short.endpoint.sessions_alive == 0


# ---- reliable provisionals (RFC 3262 §3)


def _reliable() -> Called:
    return Called("Require: 100rel", "Supported: 100rel")


def test_reliable_provisional_is_repeated_and_given_up() -> None:
    called = _reliable()
    called.endpoint.provisional(1, 183, ANSWER, now=0.0)
    called.network.run(31.6)
    assert len(called.station.responses(183)) == 7
    called.network.run(1)
    assert called.lines()[-1] == "SIP/2.0 504"
    assert len(called.station.of(SessionCancelled)) == 1
    called.network.rest()
    assert_empty(called.station)


@pytest.mark.parametrize(
    "rack", ["2 1 INVITE", "1 2 INVITE", "1 1 OPTIONS", "1 1", "", "x y z", "1 1 INVITE x"]
)
def test_prack_about_something_else_is_481(rack: str) -> None:
    called = _reliable()
    called.endpoint.provisional(1, 180, now=0.0)
    called.hear("PRACK", f"RAck: {rack}", cseq=2)
    assert called.lines()[-1] == "SIP/2.0 481"
    called.network.run(0.6)
    assert len(called.station.responses(180)) == 2


def test_2xx_does_not_wait_for_a_prack_about_nothing_described() -> None:
    called = _reliable()
    called.endpoint.provisional(1, 180, now=0.0)
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("PRACK", "RAck: 1 1 INVITE", cseq=2)
    assert called.lines() == ["SIP/2.0 180", "SIP/2.0 200", "SIP/2.0 200"]
    called.hear("ACK")
    assert len(called.station.of(SessionConfirmed)) == 1
    called.network.run(40)
    assert len(called.station.sent) == 3
    assert called.endpoint.next_timeout() is None


def test_held_2xx_can_still_be_cancelled() -> None:
    called = _reliable()
    called.endpoint.provisional(1, 183, ANSWER, now=0.0)
    called.endpoint.answer(1, ANSWER, 0.0)
    called.endpoint.provisional(1, 180, now=0.0)
    called.hear("CANCEL")
    assert called.lines() == ["SIP/2.0 183", "SIP/2.0 200", "SIP/2.0 487"]
    assert len(called.station.of(SessionCancelled)) == 1
    called.network.rest()
    assert_empty(called.station)


def test_offer_in_a_prack_is_refused_and_the_call_goes_on() -> None:
    called = _reliable()
    called.endpoint.provisional(1, 183, ANSWER, now=0.0)
    called.hear("PRACK", "RAck: 1 1 INVITE", cseq=2, body=OFFER)
    called.endpoint.answer(1, ANSWER, 0.0)
    called.network.run(0)
    assert called.lines() == ["SIP/2.0 183", "SIP/2.0 488", "SIP/2.0 200"]


def test_caller_without_100rel_gets_plain_provisionals() -> None:
    called = Called("Supported: 100rel")
    called.endpoint.provisional(1, 183, ANSWER, now=0.0)
    called.network.run(5)
    response = called.station.responses(183)
    assert len(response) == 1 and "RSeq" not in response[0].headers


def test_unanswered_calls_of_two_stations_end_on_both() -> None:
    network = Network()
    caller, called = network.add("192.0.2.1"), network.add("192.0.2.2")
    call(caller, called, 0.0)
    network.run(0.1)
    called.endpoint.reject(1, 480, now=network.now)
    network.rest()
    assert len(caller.of(SessionFailed)) == 1
    assert_empty(caller, called)


def test_shell_may_name_sessions_that_are_gone() -> None:
    station = Station(Called().endpoint, _FAR)
    endpoint = station.endpoint
    endpoint.answer(77, ANSWER, 0.0)
    endpoint.bye(77, "", 0.0)
    endpoint.offer(77, OFFER, 0.0)
    endpoint.accept_offer(77, OFFER, 0.0)
    endpoint.reject_offer(77, 488, 0.0)
    endpoint.info(77, "a/b", b"", 0.0)
    endpoint.respond(77, 200, now=0.0)
    assert endpoint.datagrams_to_send() == []
