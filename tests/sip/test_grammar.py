"""Tokens, lists, parameters, quotes and figures."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.grammar import (
    format_params,
    is_token,
    parse_figure,
    parse_params,
    quote,
    split_list,
    unquote,
)


@pytest.mark.parametrize("text", ["a", "INVITE", "!interesting-Method_*+`.%'~", "0"])
def test_tokens(text: str) -> None:
    assert is_token(text)


@pytest.mark.parametrize("text", ["", "a b", "a/b", "é", "a\x00", "a:", '"a"', "<"])
def test_no_tokens(text: str) -> None:
    assert not is_token(text)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", [""]),
        ("a", ["a"]),
        (" a ,\tb , c", ["a", "b", "c"]),
        ("a,,b,", ["a", "", "b", ""]),
        ('"x, y" <sip:a@b>, <sip:c,d@e>;p="1,2"', ['"x, y" <sip:a@b>', '<sip:c,d@e>;p="1,2"']),
        (r'"a\", b", c', [r'"a\", b"', "c"]),
        (r'"a\\", b', [r'"a\\"', "b"]),
        ('"a > b" <sip:x>, "<" <sip:y>', ['"a > b" <sip:x>', '"<" <sip:y>']),
        ('"never closed, a', ['"never closed, a']),
        ("<never closed, a", ["<never closed, a"]),
        ('a, "b\\', ["a", '"b\\']),
        ("a > b, c", ["a > b", "c"]),
        ("\u00a0a\u00a0,b", ["\u00a0a\u00a0", "b"]),
    ],
)
def test_lists(text: str, items: list[str]) -> None:
    assert split_list(text) == items


def test_lists_of_parameters() -> None:
    assert split_list('a;b=";";c=<;>;d', ";") == ["a", 'b=";"', "c=<;>", "d"]


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("", {}),
        (";tag=AbC;LR", {"tag": "AbC", "lr": None}),
        ("Branch = z9hG4bK ; rport ; x=", {"branch": "z9hG4bK", "rport": None, "x": ""}),
        (";;a;;", {"a": None}),
        (";a=1;a=2;A=3", {"a": "1"}),
        (";a=b=c", {"a": "b=c"}),
        (";=x", {}),
        (
            ';+sip.instance="<urn:uuid:1;2>";reg-id=1',
            {"+sip.instance": '"<urn:uuid:1;2>"', "reg-id": "1"},
        ),
    ],
)
def test_parameters(text: str, params: dict[str, str | None]) -> None:
    assert parse_params(text) == params


def test_parameters_written_are_read_again() -> None:
    params = {"tag": "AbC", "lr": None, "x": '"a;b"', "y": ""}
    assert format_params(params) == ';tag=AbC;lr;x="a;b";y='
    assert parse_params(format_params(params)) == params


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ('"a"', "a"),
        ('""', ""),
        (r'"a\"b\\c"', 'a"b\\c'),
        ('"', '"'),
        ("a", "a"),
        ('"a', '"a'),
        (r'"\a"', "a"),
    ],
)
def test_unquote(text: str, inner: str) -> None:
    assert unquote(text) == inner


def test_quote_escapes_and_leaves_control_characters_out() -> None:
    assert quote('a"b\\c\r\nX: y\x00\x7fé') == r'"a\"b\\cX: yé"'
    assert unquote(quote('a"b\\')) == 'a"b\\'


@pytest.mark.parametrize(("text", "figure"), [("0", 0), (" 0070\t", 70), ("255", 255)])
def test_figures(text: str, figure: int) -> None:
    assert parse_figure(text, "x", 255) == figure


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", "0x1", "1_0", "256", "٣", "²", "9" * 60_000, "1 2", "\u00a01"]
)
def test_no_figures(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_figure(text, "Max-Forwards", 255)
    assert caught.value.status == 400
    assert len(str(caught.value)) < 100
