"""All messages of RFC 4475 and RFC 5118, sent to a running box from a stranger's socket.

Each must get what tests/torture/verdicts.py says (the RFC's own section stands there), and after
each the box answers as if nothing had been.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.kit.box import Box
from tests.kit.health import Health
from tests.kit.office import office
from tests.kit.raw_sip import Address, Heard, RawEnd, write
from tests.torture.verdicts import ROWS, Row, unique_branch

BRANCH = re.compile(r"z9hG4bKtorture\d+")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with Box(tmp_path_factory.mktemp("box"), office()) as box:
        yield box.start()


@pytest.fixture(scope="module")
def end() -> Iterator[RawEnd]:
    with RawEnd() as end:
        yield end


def address(box: Box) -> Address:
    return box.host, box.sip_port


def is_alive(box: Box, end: RawEnd, number: int) -> list[Heard]:
    """Ask OPTIONS; everything that came before its 200, which is the answer to what was asked
    before it: the box answers in order."""
    call_id = f"alive-{number}"
    fields = [
        ("Via", f"SIP/2.0/UDP {end.host}:{end.port};branch=z9hG4bKalive{number};rport"),
        ("Max-Forwards", "70"),
        ("From", "<sip:stranger@127.0.0.1>;tag=s"),
        ("To", f"<{box.uri()}>"),
        ("Call-ID", call_id),
        ("CSeq", "1 OPTIONS"),
    ]
    before = len(end.heard)
    end.send(write(f"OPTIONS {box.uri()} SIP/2.0", fields), address(box))
    found = end.wait_for(lambda m: m.header("call-id") == call_id, 3, "an answer to OPTIONS")
    assert found.status == 200
    return end.heard[before:-1]


def statuses(heard: list[Heard], branch: str) -> set[int]:
    """The final answers to this message. One to an INVITE before it comes again after half a second
    (RFC 3261 §17.2.1), for nobody acknowledges it."""
    finals = [m for m in heard if m.is_response and m.status >= 200]
    return {m.status for m in finals if set(BRANCH.findall(m.header("via"))) <= {branch}}


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row.file for row in ROWS])
def test_verdict_of_a_running_box(box: Box, end: RawEnd, number: int) -> None:
    row: Row = ROWS[number]
    branch = f"z9hG4bKtorture{number}"
    end.send(made_unique(row.read(), branch.encode()), address(box))
    answers = statuses(is_alive(box, end, number), branch)
    if row.is_request:
        assert answers, f"no answer: {row.reason}"
        assert answers <= row.statuses, row.reason
    else:
        assert not answers, row.reason


def made_unique(message: bytes, branch: bytes) -> bytes:
    """Another branch and another Call-ID: many of the messages share theirs, and two requests of
    one Call-ID, From tag and CSeq are merged ones (RFC 3261 §8.2.2.2)."""
    named = re.sub(rb"(?im)^((?:call-id|i)\s*:\s*)(?=\S)", rb"\g<1>" + branch, message, count=1)
    return unique_branch(named, branch)


def test_nothing_is_left_and_nothing_broke(box: Box, end: RawEnd) -> None:
    health = Health(box)
    for number, row in enumerate(ROWS * 3):
        branch = f"z9hG4bKagain{number}".encode()
        end.send(made_unique(row.read(), branch), address(box))
        if number % 20 == 0:
            is_alive(box, end, 1000 + number)
    is_alive(box, end, 2000)
    health.check()
