"""Tests of appliance/sip/subscription.py: its table, and SUBSCRIBE as it is read."""

from __future__ import annotations

import itertools

import pytest

from appliance.errors import LocalProtocolError, RemoteProtocolError
from appliance.sip.events import Hop, Transport
from appliance.sip.message import Request, parse_message
from appliance.sip.subscription import (
    TABLE,
    Act,
    Input,
    State,
    Subscription,
    dialog_of_subscribe,
    read_subscribe,
    refresh_dialog,
)

PHONE = Hop(Transport.UDP, "192.168.1.31", 5060)
LINES = {
    "Via": "SIP/2.0/UDP 192.168.1.31:5060;branch=z9hG4bK1",
    "From": "<sip:2003@192.168.1.1>;tag=a",
    "To": "<sip:2002@192.168.1.1>",
    "Call-ID": "c",
    "CSeq": "7 SUBSCRIBE",
    "Contact": "<sip:2003@192.168.1.31:5062>",
    "Event": "dialog",
    "Max-Forwards": "70",
}


def request(uri: str = "sip:2002@192.168.1.1", **lines: str) -> Request:
    fields = {**LINES, **{name.replace("_", "-"): value for name, value in lines.items()}}
    text = f"SUBSCRIBE {uri} SIP/2.0\r\n"
    text += "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    message = parse_message((text + "\r\n").encode())
    assert isinstance(message, Request)
    return message


def subscription(expires_at: float = 100.0) -> Subscription:
    asked = request()
    return Subscription(
        dialog_of_subscribe(asked, PHONE, "t"), read_subscribe(asked), "2003", expires_at
    )


@pytest.mark.parametrize(("state", "what"), [*itertools.product(State, Input)])
def test_the_table_knows_every_pair(state: State, what: Input) -> None:
    assert (state, what) in TABLE


@pytest.mark.parametrize("way", [*itertools.product(Input, repeat=4)])
def test_one_notify_is_under_way_and_the_last_one_is_the_last(way: tuple[Input, ...]) -> None:
    """Whatever comes in whatever order: never a second NOTIFY before the first was answered, and
    nothing after the one that says terminated."""
    one = subscription()
    is_under_way = is_over = False
    for what in way:
        if what in (Input.TAKEN, Input.LOST):
            if not is_under_way:
                continue
            is_under_way = False
        act = one.handle(what)
        if act is not Act.NOTHING:
            assert not is_under_way and not is_over
            is_under_way = True
            is_over = act is Act.NOTIFY_LAST
        assert is_over <= (one.state is State.OVER)


def test_an_unlisted_pair_is_our_own_defect() -> None:
    rows = dict(TABLE)
    del TABLE[State.ACTIVE, Input.CHANGED]
    try:
        with pytest.raises(LocalProtocolError):
            subscription().handle(Input.CHANGED)
    finally:
        TABLE.clear()
        TABLE.update(rows)  # in their order, in which the pictures of the docs are drawn


def test_subscription_state() -> None:
    one = subscription(expires_at=100.0)
    assert one.header(40.0) == "active;expires=60"
    assert one.header(140.0) == "active;expires=0"
    one.reason = "deactivated"
    assert one.header(40.0) == "terminated;reason=deactivated"


def test_what_a_subscribe_says() -> None:
    asked = read_subscribe(
        request("sip:2002@192.168.1.1:5060;transport=udp", Event="Dialog;ID=8;x", Expires="90")
    )
    assert (asked.package, asked.event, asked.expires_s) == ("dialog", "Dialog;id=8", 90)
    assert (asked.resource, asked.entity) == ("2002", "sip:2002@192.168.1.1:5060")
    assert asked.accepts == ()


def test_compact_names_and_media_types() -> None:
    asked = read_subscribe(request(Event="", o="presence", Accept="A/B;q=1, c/d"))
    assert (asked.package, asked.accepts, asked.expires_s) == ("presence", ("a/b", "c/d"), None)


@pytest.mark.parametrize(
    ("uri", "lines"),
    [
        ("sip:2002@192.168.1.1", {"Event": "dialog;id=" + "8" * 300}),
        (f"sip:{'2' * 300}@192.168.1.1", {}),
        ("sip:2002@192.168.1.1", {"Accept": ",".join(["a/b"] * 400)}),
        ("sip:2002@192.168.1.1", {"Call-ID": "c" * 3000}),
        ("sip:2002@192.168.1.1", {"Contact": f"<sip:{'2' * 3000}@192.168.1.31>"}),
    ],
)
def test_what_is_kept_of_a_subscribe_has_an_end(uri: str, lines: dict[str, str]) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        asked = request(uri, **lines)
        dialog_of_subscribe(asked, PHONE, "t")
        read_subscribe(asked)
    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("uri", "resource"),
    [
        ("sip:192.168.1.1", "2002"),  # the box alone: To names the number
        ("sip:city%20line@192.168.1.1", "city line"),
        ("sip:%D0%93%D0%BE%D1%80%D0%BE%D0%B4@192.168.1.1", "Город"),
        ("tel:+74951234567", "+74951234567"),
    ],
)
def test_who_is_meant(uri: str, resource: str) -> None:
    assert read_subscribe(request(uri)).resource == resource


@pytest.mark.parametrize("uri", ["mailto:a@b", "sip:"])
def test_a_uri_that_is_none(uri: str) -> None:
    with pytest.raises(RemoteProtocolError):
        read_subscribe(request(uri))


@pytest.mark.parametrize(
    ("lines", "host", "port"),
    [
        ({}, "192.168.1.31", 5062),  # the port of its Contact
        ({"Contact": "<sip:2003@192.168.1.99:5060>"}, "192.168.1.31", 5060),
        ({"Contact": "<sip:2003@10.0.0.9>", "Via": "SIP/2.0/UDP 10.0.0.9"}, "192.168.1.31", 5060),
        ({"Record-Route": "<sip:192.168.1.99;lr>"}, "192.168.1.31", 5060),
        ({"Contact": "<sip:2003@127.0.0.1>"}, "192.168.1.31", 5060),
        ({"Contact": "<sip:2003@phone.example>"}, "192.168.1.31", 5060),
    ],
)
def test_it_is_told_where_it_asked_from(lines: dict[str, str], host: str, port: int) -> None:
    asked = request(**lines)
    first = dialog_of_subscribe(asked, PHONE, "t")
    assert (first.hop.host, first.hop.port) == (host, port)
    again = subscription().dialog
    refresh_dialog(again, asked, PHONE)  # which changes no route set (RFC 3261 §12.2)
    assert (again.hop.host, again.hop.port) == (host, 5062 if "Record-Route" in lines else port)


def test_the_dialog_is_the_notifiers() -> None:
    notify = subscription().dialog.request("NOTIFY")
    assert notify.headers.get("From") == "<sip:2002@192.168.1.1>;tag=t"
    assert notify.headers.get("To") == "<sip:2003@192.168.1.1>;tag=a"
    assert (notify.uri, notify.headers.get("CSeq")) == (
        "sip:2003@192.168.1.31:5062",
        "1 NOTIFY",
    )


def test_the_same_key_of_the_same_phone() -> None:
    one = subscription()
    target = "sip:2003@192.168.1.31:5062"
    assert one.is_same_key(read_subscribe(request()), target)
    assert not one.is_same_key(read_subscribe(request(Event="dialog;id=2")), target)
    assert not one.is_same_key(read_subscribe(request("sip:2001@h")), target)
    assert not one.is_same_key(read_subscribe(request()), "sip:2003@192.168.1.32")
