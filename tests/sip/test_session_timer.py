"""RFC 4028: what two ends agree on."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.headers import Headers
from appliance.sip.message import Request, Response
from appliance.sip.session_timer import (
    Interval,
    agree_as_client,
    agree_as_server,
    put_on_answer,
    read_interval,
    read_minimum,
)


def _request(*fields: tuple[str, str]) -> Request:
    return Request("INVITE", "sip:a@b", Headers(fields))


_TIMER = ("Supported", "timer")


@pytest.mark.parametrize(
    ("fields", "wanted", "least", "agreed"),
    [
        ((), 0, 90, None),
        ((), 1800, 90, Interval(1800, True)),  # who knows no timers is refreshed by us
        ((_TIMER,), 1800, 90, Interval(1800, False)),
        ((_TIMER, ("Session-Expires", "600")), 1800, 90, Interval(600, False)),
        ((_TIMER, ("Session-Expires", "600;refresher=uas")), 1800, 90, Interval(600, True)),
        (
            (_TIMER, ("Session-Expires", "7200;refresher=uac")),
            1800,
            90,
            Interval(1800, False),
        ),  # less is allowed
        (
            (_TIMER, ("Session-Expires", "7200"), ("Min-SE", "3600")),
            1800,
            90,
            Interval(3600, False),
        ),
        ((_TIMER, ("Min-SE", "3600")), 1800, 90, Interval(3600, False)),
        ((_TIMER, ("Session-Expires", "7200")), 0, 90, Interval(7200, False)),
        (
            (("Session-Expires", "60"),),
            1800,
            90,
            Interval(90, True),
        ),  # a proxy asked, the phone knows no 422
        ((("Require", "timer"), ("Session-Expires", "300")), 1800, 90, Interval(300, False)),
    ],
)
def test_agreement(
    fields: tuple[tuple[str, str], ...], wanted: int, least: int, agreed: Interval | None
) -> None:
    assert agree_as_server(_request(*fields), wanted, least) == agreed


def test_too_short_is_422_for_who_knows_timers() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        agree_as_server(_request(_TIMER, ("Session-Expires", "89")), 1800, 90)
    assert caught.value.status == 422


@pytest.mark.parametrize("value", ["", "x", "-1", "9999999999"])
def test_no_figure(value: str) -> None:
    headers = Headers([("Session-Expires", value), ("Min-SE", value)])
    with pytest.raises(RemoteProtocolError):
        read_interval(headers)
    with pytest.raises(RemoteProtocolError):
        read_minimum(headers)
    assert agree_as_client(Response(200, "OK", headers)) is None


def test_what_a_2xx_says() -> None:
    def agree(value: str) -> Interval | None:
        return agree_as_client(Response(200, "OK", Headers([("Session-Expires", value)])))

    assert agree_as_client(Response(200, "OK")) is None
    assert agree("1800;refresher=uac") == Interval(1800, True)
    assert agree("1800;Refresher=UAS") == Interval(1800, False)
    assert agree("1800") == Interval(1800, True)
    assert agree("10") == Interval(90, True)  # nobody refreshes more often than Min-SE's floor


def test_clocks() -> None:
    assert Interval(1800, True).refresh_after_s == 900
    assert Interval(1800, False).dead_after_s == 1768
    assert Interval(90, False).dead_after_s == 60


def test_answer_requires_timer_only_from_who_knows_it() -> None:
    headers = Headers()
    put_on_answer(headers, Interval(1800, False), _request(_TIMER))
    assert list(headers.items()) == [
        ("Session-Expires", "1800;refresher=uac"),
        ("Require", "timer"),
    ]
    headers = Headers()
    put_on_answer(headers, Interval(1800, True), _request())
    assert list(headers.items()) == [("Session-Expires", "1800;refresher=uas")]
