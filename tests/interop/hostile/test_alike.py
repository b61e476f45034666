"""Known, unknown and switched-off numbers are answered alike: status, headers, time.

A running box, a thousand interleaved pairs a case. Wrong passwords come from many addresses of the
LAN, few from each, so that every one of them is really looked at.
"""

from __future__ import annotations

import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.kit.box import Box
from tests.kit.calling import address
from tests.kit.office import extension, office
from tests.kit.raw_sip import Heard, RawEnd, authorization, write

KNOWN, UNKNOWN, DISABLED = "2001", "2999", "2003"
NUMBERS = (KNOWN, UNKNOWN, DISABLED)
PAIRS = 1000
TRIES_AT_A_PLACE = 9  # for one number: the tenth would bar it there
MOST_APART_S = 0.002


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    extensions = [2001, 2002, extension(DISABLED, is_enabled=False)]
    with Box(tmp_path_factory.mktemp("alike"), office(extensions)) as box:
        yield box.start()


class Asker:
    """Asks from one address, and times the answers."""

    def __init__(self, box: Box, end: RawEnd, method: str) -> None:
        self._box = box
        self._end = end
        self._method = method
        self._count = 0
        self.challenge = ""

    def ask(self, number: str, secret: str = "") -> tuple[Heard, float]:
        """One request; its final answer, and how long it took."""
        self._count += 1
        call_id = f"alike{self._end.host}x{self._end.port}x{self._count:06d}"
        data = self._text(self._method, number, call_id, secret)
        began = time.perf_counter()
        self._end.send(data, address(self._box))
        while True:
            heard = self._end.listen(5)
            assert heard is not None, f"no answer to {self._method} as {number}"
            if heard.header("call-id") == call_id and heard.status >= 200:
                break
        took = time.perf_counter() - began
        if self._method == "INVITE":
            self._end.send(self._text("ACK", number, call_id, tag=heard.tag), address(self._box))
        self.challenge = heard.header("www-authenticate")
        return heard, took

    def _text(
        self, method: str, number: str, call_id: str, secret: str = "", tag: str = ""
    ) -> bytes:
        uri = self._box.uri() if self._method == "REGISTER" else self._box.uri("2002")
        to = self._box.uri(number) if self._method == "REGISTER" else uri
        own = f"{self._end.host}:{self._end.port}"
        fields = [
            ("Via", f"SIP/2.0/UDP {own};branch=z9hG4bK{call_id};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<{self._box.uri(number)}>;tag=f{call_id}"),
            ("To", f"<{to}>" + (f";tag={tag}" if tag else "")),
            ("Call-ID", call_id),
            ("CSeq", f"1 {method}"),
            ("Contact", f"<sip:{number}@{own}>"),
        ]
        if secret:
            value = authorization(self.challenge, self._method, uri, number, secret)
            fields.append(("Authorization", value))
        return write(f"{method} {uri} SIP/2.0", fields)


def shape(heard: Heard, number: str) -> tuple[str, tuple[tuple[str, str], ...], bytes]:
    """An answer without what is random, names the number, or says where it was asked from."""

    def plain(value: str) -> str:
        value = re.sub(r'nonce="\w+"|tag=\S+|alike[\w.]+|127\.[1-9][\d.:]+|rport=\d+', "…", value)
        return value.replace(number, "NUMBER")

    return heard.first_line, tuple((k, plain(v)) for k, v in heard.fields), heard.body


@pytest.mark.parametrize("secret", ["", "wrong"], ids=["no credentials", "wrong password"])
@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_numbers_are_answered_alike(box: Box, method: str, secret: str) -> None:
    took: dict[str, list[float]] = defaultdict(list)
    shapes = set()
    with ExitStack() as stack:
        for turn in range(PAIRS):
            if turn % TRIES_AT_A_PLACE == 0:
                stack.close()
                place = turn // TRIES_AT_A_PLACE
                host = f"127.{1 + (method == 'INVITE')}.{bool(secret):d}.{place + 1}"
                asker = Asker(box, stack.enter_context(RawEnd(host)), method)
                asker.ask(KNOWN)
            for step in range(len(NUMBERS)):
                number = NUMBERS[(turn + step) % len(NUMBERS)]
                heard, seconds = asker.ask(number, secret)
                took[number].append(seconds)
                shapes.add(shape(heard, number))
    assert len(shapes) == 1, shapes
    assert next(iter(shapes))[0].split(" ")[1] == "401"
    medians = {number: statistics.median(times) for number, times in took.items()}
    assert max(medians.values()) - min(medians.values()) < MOST_APART_S, medians
    assert all(len(times) == PAIRS for times in took.values())
    if secret:
        assert box.control("bans")["bans"] == []  # every guess was looked at


def test_barred_numbers_are_answered_alike(box: Box) -> None:
    with RawEnd("127.9.9.9") as end:
        asker = Asker(box, end, "REGISTER")
        asker.ask(KNOWN)
        answers = {number: [asker.ask(number, "wrong")[0] for _ in range(12)] for number in NUMBERS}
        barred = {row["account"] for row in box.control("bans")["bans"] if row["kind"] == "login"}
    assert barred == set(NUMBERS)
    assert len({shape(h, number) for number, heard in answers.items() for h in heard}) == 1


def test_thousands_of_wrong_passwords_do_not_fill_the_log(box: Box) -> None:
    """Six thousand by now, if the other tests of this file ran."""
    with RawEnd("127.9.9.8") as end:
        asker = Asker(box, end, "REGISTER")
        asker.ask(UNKNOWN)
        for _ in range(9):
            asker.ask(UNKNOWN, "wrong")
    lines = box.log().splitlines()
    assert 0 < sum("wrong password" in line for line in lines) < 300
    assert len(lines) < 500
