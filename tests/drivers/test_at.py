"""Tests of drivers/at.py: news between echo and answer, glued, split by octets; late answers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.at import AtCommand, AtDialogue, AtEvent, AtFinished, AtNews, NewsWords, Result

WORDS = NewsWords(("RING", "+CMTI:", "+CLIP:", "+CREG:", "+CLCC:", "VOICE CALL:"))


def dialogue_with(*commands: AtCommand | str) -> AtDialogue:
    dialogue = AtDialogue(WORDS)
    for command in commands:
        dialogue.submit(AtCommand(command) if isinstance(command, str) else command, 0.0)
    return dialogue


def drain(dialogue: AtDialogue) -> list[AtEvent]:
    events = []
    while event := dialogue.next_event():
        events.append(event)
    return events


def heard(dialogue: AtDialogue, octets: bytes, now: float = 0.0) -> list[AtEvent]:
    dialogue.receive(octets, now)
    return drain(dialogue)


def test_a_command_its_lines_and_its_end() -> None:
    dialogue = dialogue_with("AT+CSQ")
    assert dialogue.octets_to_send() == b"AT+CSQ\r"
    assert heard(dialogue, b"AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n") == [
        AtFinished(1, Result.OK, ("+CSQ: 20,99",), "OK")
    ]
    assert dialogue.next_timeout() is None


def test_one_command_is_in_flight_at_a_time() -> None:
    dialogue = dialogue_with("AT", "ATI")
    assert dialogue.octets_to_send() == b"AT\r"
    heard(dialogue, b"\r\nOK\r\n")
    assert dialogue.octets_to_send() == b"ATI\r"


def test_news_between_echo_and_answer() -> None:
    dialogue = dialogue_with("AT+CSQ")
    events = heard(
        dialogue,
        b'AT+CSQ\r\r\nRING\r\n\r\n+CLIP: "+7916",145\r\n+CSQ: 9,99\r\n+CMTI: "SM",3\r\nOK\r\n',
    )
    assert events == [
        AtNews("RING"),
        AtNews('+CLIP: "+7916",145'),
        AtNews('+CMTI: "SM",3'),
        AtFinished(1, Result.OK, ("+CSQ: 9,99",), "OK"),
    ]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ('+CSQ: 20,99+CMTI: "SM",3', ["+CSQ: 20,99", '+CMTI: "SM",3']),
        ("+CSQ: 20,99RING", ["+CSQ: 20,99", "RING"]),
        ('OK+CMTI: "SM",3', ["OK", '+CMTI: "SM",3']),
        ("OKRING", ["OK", "RING"]),
        ('+COPS: 0,0,"RING +CMTI: x",7', ['+COPS: 0,0,"RING +CMTI: x",7']),
        ("SPRING", ["SPRING"]),
        ("OKVOICE CALL: BEGIN", ["OK", "VOICE CALL: BEGIN"]),
        ("0006B0RINGS", ["0006B0RINGS"]),
    ],
)
def test_glued_lines_are_parted(line: str, parts: list[str]) -> None:
    assert WORDS.split(line) == parts


def test_what_was_asked_for_is_an_answer_not_news() -> None:
    dialogue = dialogue_with("AT+CREG?", "AT+CREG=2", "AT+CLCC")
    assert heard(dialogue, b"\r\n+CREG: 2,1\r\n\r\nOK\r\n") == [
        AtFinished(1, Result.OK, ("+CREG: 2,1",), "OK")
    ]
    assert heard(dialogue, b'\r\n+CREG: 1,"0A","0B"\r\n\r\nOK\r\n')[0] == AtNews(
        '+CREG: 1,"0A","0B"'
    )
    assert heard(dialogue, b"\r\n+CLCC: 1,0,0,0,0\r\n\r\nOK\r\n") == [
        AtFinished(3, Result.OK, ("+CLCC: 1,0,0,0,0",), "OK")
    ]


def test_a_call_that_fails_answers_who_dials_and_is_news_for_others() -> None:
    dialogue = dialogue_with(AtCommand("ATD112;", ends_by_call=True), "AT+CSQ")
    assert heard(dialogue, b"\r\nNO CARRIER\r\n") == [AtFinished(1, Result.ERROR, (), "NO CARRIER")]
    assert heard(dialogue, b"\r\nNO CARRIER\r\n") == [AtNews("NO CARRIER")]


@pytest.mark.parametrize("error", ["ERROR", "+CME ERROR: 16", "+CMS ERROR: 500"])
def test_errors_end_a_command(error: str) -> None:
    assert heard(dialogue_with("AT+X"), f"\r\n{error}\r\n".encode()) == [
        AtFinished(1, Result.ERROR, (), error)
    ]


def test_a_prompt_without_a_line_end_takes_the_payload() -> None:
    dialogue = dialogue_with(AtCommand("AT+CMGS=21", 40.0, payload=b"0001"))
    dialogue.octets_to_send()
    assert heard(dialogue, b'AT+CMGS=21\r\r\n+CMTI: "SM",1\r\n') == [AtNews('+CMTI: "SM",1')]
    assert dialogue.octets_to_send() == b""
    dialogue.receive(b"\r\n> ", 1.0)
    assert dialogue.octets_to_send() == b"0001\x1a"
    assert heard(dialogue, b"\r\n+CMGS: 7\r\n\r\nOK\r\n") == [
        AtFinished(1, Result.OK, ("+CMGS: 7",), "OK")
    ]


def test_a_stuck_prompt_is_freed_and_the_late_answer_dropped() -> None:
    dialogue = dialogue_with(AtCommand("AT+CMGS=21", 40.0, payload=b"0001"), "AT+CSQ")
    dialogue.octets_to_send()
    assert dialogue.next_timeout() == 40.0
    dialogue.handle_timeout(40.0)
    assert drain(dialogue) == [AtFinished(1, Result.TIMEOUT)]
    assert dialogue.octets_to_send() == b"\x1b"
    assert heard(dialogue, b"\r\nOK\r\n", 40.1) == []
    assert dialogue.next_timeout() == 40.5
    dialogue.handle_timeout(40.5)
    assert dialogue.octets_to_send() == b"AT+CSQ\r"


def test_a_lost_port_ends_everything() -> None:
    dialogue = dialogue_with("AT", "ATI")
    dialogue.lose()
    assert [e.result for e in drain(dialogue) if isinstance(e, AtFinished)] == [Result.LOST] * 2
    assert dialogue.next_timeout() is None


def test_a_secret_is_not_shown() -> None:
    assert AtCommand("AT+CPIN=1234", is_secret=True).shown == "AT+CPIN=…"


TALK = (
    b'AT+CSQ\r\r\nRING\r\n\r\n+CSQ: 9,99\r\nOK\r\n\r\n+CMTI: "SM",3\r\n'
    b"\r\n> \r\n+CMGS: 1\r\n\r\nOK\r\n\r\nNO CARRIER\r\n"
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, len(TALK)), max_size=12))
def test_any_split_of_the_octets_gives_the_same_events(cuts: list[int]) -> None:
    def events(*edges: int) -> list[AtEvent]:
        dialogue = dialogue_with("AT+CSQ", AtCommand("AT+CMGS=1", payload=b"00"))
        marks = sorted({0, *edges, len(TALK)})
        for start, end in pairwise(marks):
            dialogue.receive(TALK[start:end], 0.0)
        return drain(dialogue)

    assert events(*cuts) == events()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=64), max_size=20))
def test_any_octets_leave_it_whole(chunks: list[bytes]) -> None:
    dialogue = dialogue_with("AT+CSQ", AtCommand("AT+CMGS=1", payload=b"00"))
    for now, chunk in enumerate(chunks):
        dialogue.receive(chunk, float(now))
        dialogue.handle_timeout(float(now))
    drain(dialogue)
    dialogue.handle_timeout(1e6)
    dialogue.submit(AtCommand("AT"), 2e6)
    dialogue.handle_timeout(3e6)
    dialogue.handle_timeout(4e6)
    assert (dialogue.next_timeout() or 0.0) <= 4e6 + 5
