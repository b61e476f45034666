"""Ways out that are dead, full or refuse: left in time, the next one taken, the caller at ease.

Providers are responders with addresses of their own on loopback, apart from the phones'.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.kit.box import Box
from tests.kit.calling import answered, by_address, dial
from tests.kit.office import office
from tests.kit.ports import free_port
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawEnd
from tests.kit.responder import SILENT, Responder

MakeBox = Callable[..., Box]


@pytest.fixture
def end() -> Iterator[RawEnd]:
    with RawEnd() as end:
        yield end


@pytest.fixture
def first() -> Iterator[Responder]:
    with Responder(host="127.0.0.2") as responder:
        yield responder.start()


@pytest.fixture
def second() -> Iterator[Responder]:
    with Responder(host="127.0.0.3") as responder:
        yield responder.start()


def test_a_silent_way_is_left_within_4_s(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    first.answer = lambda request: SILENT
    box = make_box(office(trunks=[by_address("a", first), by_address("b", second)]))
    call = dial(box, end)
    call.progress()
    while call.progress().status not in (180, 183):  # ringback meanwhile
        pass
    begin = first.wait_for_invites(1)[0].request.at_s
    heard_at = time.monotonic() - begin
    answered(call)
    waited = second.invited[0].request.at_s - begin
    assert heard_at < 1
    assert 3.5 < waited < 4.5
    assert call.hang_up() == 200
    (row,) = box.wait_for_journal(1)
    assert (row["trunk"], row["number"]) == ("b", "+79031234567")
    assert [leg["party"] for leg in row["legs"]][1:] == ["trunk a", "trunk b"]


def test_a_way_known_to_be_dead_is_tried_last(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    first.answer = lambda request: SILENT
    box = make_box(office(trunks=[by_address("a", first), by_address("b", second)]))
    call = dial(box, end)
    answered(call)
    assert call.hang_up() == 200
    assert [t["state"] for t in box.control("trunks")["trunks"]] == ["down", "unknown"]
    begin = time.monotonic()
    again = dial(box, end)
    answered(again)
    assert time.monotonic() - begin < 1
    assert again.hang_up() == 200
    first.answer = lambda request: 200
    wait_until(
        lambda: box.control("trunks")["trunks"][0]["state"] == "unknown", 8, "a gets a new chance"
    )
    last = dial(box, end)
    answered(last)
    assert last.hang_up() == 200
    assert len(first.invited) == 2


def test_a_refused_way_is_left_at_once(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    statuses = [503, 500, 480, 403, 600]
    first.answer = lambda request: statuses[len(first.invited)]
    box = make_box(office(trunks=[by_address("a", first), by_address("b", second)]))
    for _ in statuses:
        begin = time.monotonic()
        call = dial(box, end)
        answered(call)
        assert time.monotonic() - begin < 1
        assert call.hang_up() == 200
    assert [invited.status for invited in first.invited] == statuses
    assert all(invited.is_confirmed for invited in first.invited)  # the ACKs to the refusals
    assert len(second.invited) == len(statuses)


def test_what_the_called_party_says_is_final(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    statuses = [404, 486, 603]
    first.answer = lambda request: statuses[len(first.invited)]
    box = make_box(office(trunks=[by_address("a", first), by_address("b", second)]))
    for _ in statuses:
        call = dial(box, end)
        while call.progress().status != 183:  # the announcement that says why
            pass
        call.cancel()
        assert call.final().status == 487
    assert [invited.status for invited in first.invited] == statuses
    assert not second.invited


class ResettingListener:
    """A TCP port that takes each stream and breaks it."""

    def __init__(self, host: str) -> None:
        self._socket = socket.create_server((host, 0))
        self.host, self.port = host, self._socket.getsockname()[1]
        self.broken = 0
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                stream, _ = self._socket.accept()
            except OSError:
                return
            stream.recv(1)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.close()
            self.broken += 1

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.mark.parametrize("fault", ["icmp", "tcp_refused", "tcp_reset", "dns"])
def test_a_dead_way_is_left_at_once(
    make_box: MakeBox, end: RawEnd, second: Responder, fault: str
) -> None:
    listener = ResettingListener("127.0.0.2")
    port = listener.port if fault == "tcp_reset" else free_port("127.0.0.2")
    transport = "tcp" if fault.startswith("tcp") else "udp"
    host = "no-such-provider.invalid" if fault == "dns" else "127.0.0.2"
    dead = {"name": "a", "host": host, "port": port, "transport": transport, "qualify_s": 0}
    dead |= {"authentication": "address", "source_addresses": ["127.0.0.2"]}
    box = make_box(office(trunks=[dead, by_address("b", second)]))
    begin = time.monotonic()
    call = dial(box, end)
    answered(call)
    assert time.monotonic() - begin < 1.5
    assert (listener.broken > 0) == (fault == "tcp_reset")
    assert call.hang_up() == 200
    listener.close()


def test_a_full_trunk_is_passed_over(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    ways = [by_address("a", first, max_calls=1), by_address("b", second, max_calls=1)]
    box = make_box(office(trunks=ways))
    calls = [dial(box, end)]
    answered(calls[0])
    calls.append(dial(box, end))
    answered(calls[1])
    assert (len(first.invited), len(second.invited)) == (1, 1)
    third = dial(box, end)
    while third.progress().status != 183:
        pass
    third.cancel()
    third.final()
    assert (len(first.invited), len(second.invited)) == (1, 1)
    assert [call.hang_up() for call in calls] == [200, 200]
    rows = box.wait_for_journal(3)
    assert "way.full" in [reason["key"] for row in rows for reason in row["reasons"]]
    again = dial(box, end)
    answered(again)
    assert len(first.invited) == 2
    assert again.hang_up() == 200
