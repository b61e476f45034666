"""Hundreds of slow TCP connections: phones are served all the same, and all are let go."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.calling import address
from tests.kit.health import Health
from tests.kit.office import office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import authorization, read
from tests.kit.slow_streams import SlowStreams, options

SERVED_S = 2.0
LET_GO_S = 50.0  # a stranger's stay of 32 s, 25 s for who does not read, 5 s to the next look
NEIGHBOUR = ["127.0.0.1"]
STRANGER = ["127.0.0.2"]
CROWD = [f"127.0.1.{n}" for n in range(1, 41)]
REMOTE_PHONE = "127.0.0.77"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """Only this very host is the office's: the other loopback addresses are strangers."""
    site = {"local_networks": ["127.0.0.1/32"]}
    folder = tmp_path_factory.mktemp("box")
    with Box(folder, office(extensions=range(2001, 2006), site=site)) as box:
        yield box.start()


@pytest.fixture
def phones(box: Box, tmp_path: Path) -> Iterator[tuple[Baresip, Baresip]]:
    """A phone on UDP, and one on TCP that answers by itself."""

    def options_of(user: str, **more: str) -> BaresipOptions:
        registrar = f"{box.host}:{box.sip_port}"
        return BaresipOptions(user=user, registrar=registrar, secret=secret_of(user), **more)

    udp = options_of("2001")
    tcp = options_of("2002", transport="tcp", answers="auto")
    with Baresip(tmp_path, udp) as one, Baresip(tmp_path, tcp) as other:
        one.register()
        other.register()
        yield one, other


def within(seconds: float, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    assert time.monotonic() - begun < seconds


def ask_by_tcp(box: Box, source: str, *messages: bytes) -> list[str]:
    """The first lines of the answers to these messages on a new connection."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.bind((source, 0))
        stream.settimeout(SERVED_S)
        stream.connect(address(box))
        return [_ask(stream, message).partition(b"\r\n")[0].decode() for message in messages]


def _ask(stream: socket.socket, message: bytes) -> bytes:
    stream.sendall(message)
    heard = b""
    while b"\r\n\r\n" not in heard:
        piece = stream.recv(4096)
        if not piece:
            break
        heard += piece
    return heard


def register_by_tcp(box: Box, number: str) -> str:
    """A phone from elsewhere that was never here before; the final answer's first line."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.bind((REMOTE_PHONE, 0))
        stream.settimeout(SERVED_S)
        stream.connect(address(box))
        challenged = read(_ask(stream, _register(box, number, 1, "")))
        uri = f"sip:{box.host}"
        challenge = challenged.header("www-authenticate")
        proof = authorization(challenge, "REGISTER", uri, number, secret_of(number))
        answer = _ask(stream, _register(box, number, 2, f"Authorization: {proof}\r\n"))
        return answer.partition(b"\r\n")[0].decode()


def _register(box: Box, number: str, sequence: int, proof: str) -> bytes:
    return (
        f"REGISTER sip:{box.host} SIP/2.0\r\n"
        f"Via: SIP/2.0/TCP {REMOTE_PHONE}:5060;branch=z9hG4bKremote{sequence};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:{number}@{box.host}>;tag=r\r\n"
        f"To: <sip:{number}@{box.host}>\r\nCall-ID: remote{number}\r\n"
        f"CSeq: {sequence} REGISTER\r\nContact: <sip:{number}@{REMOTE_PHONE};transport=tcp>\r\n"
        f"Expires: 600\r\n{proof}Content-Length: 0\r\n\r\n"
    ).encode()


def ask_by_udp(box: Box) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((box.host, 0))
        sock.settimeout(SERVED_S)
        message = options(box.host, time.monotonic_ns()).replace(b"SIP/2.0/TCP", b"SIP/2.0/UDP")
        sock.sendto(message, address(box))
        assert sock.recv(4096).startswith(b"SIP/2.0 200 ")


def call_once(phones: tuple[Baresip, Baresip]) -> None:
    udp, tcp = phones
    before = len(udp.events())
    udp.dial("2002")
    udp.wait_for_event("CALL_ESTABLISHED", after=before)
    udp.hang_up()
    tcp.wait_for_event("CALL_CLOSED", after=0)


def descriptors(box: Box) -> int:
    return sum(1 for _ in Path(f"/proc/{box.program.pid}/fd").iterdir())


def serves_everybody(box: Box, phones: tuple[Baresip, Baresip], newcomer: str) -> None:
    """Phones on both transports, a neighbour's new connection, and a phone never seen before."""
    within(SERVED_S, lambda: ask_by_udp(box))
    within(SERVED_S, lambda: ask_by_tcp(box, "127.0.0.1", options(box.host, time.monotonic_ns())))
    within(SERVED_S, lambda: call_once(phones))
    found = []
    within(SERVED_S, lambda: found.append(register_by_tcp(box, newcomer)))
    assert found == ["SIP/2.0 200 OK"]


def test_slow_streams_lock_nobody_out_and_are_let_go(
    box: Box, phones: tuple[Baresip, Baresip]
) -> None:
    """200 from a neighbour, 200 from one stranger, 400 from forty strangers; all at once."""
    health, before = Health(box), descriptors(box)
    with (
        SlowStreams(address(box), NEIGHBOUR, 200) as neighbour,
        SlowStreams(address(box), STRANGER, 200) as stranger,
        SlowStreams(address(box), CROWD, 10) as crowd,
    ):
        for newcomer in ("2003", "2004"):
            for attack in (neighbour, stranger, crowd):
                attack.step()
            serves_everybody(box, phones, newcomer)
        assert descriptors(box) - before < 600

        def is_all_let_go() -> bool:
            for attack in (neighbour, stranger, crowd):
                attack.step()
            return descriptors(box) <= before + 2

        wait_until(is_all_let_go, LET_GO_S, "all is let go", lambda: f"{descriptors(box)} held")
    health.check()


def test_resets_in_the_middle_leave_nothing(box: Box, phones: tuple[Baresip, Baresip]) -> None:
    health, before = Health(box), descriptors(box)
    for _ in range(3):
        with SlowStreams(address(box), [*NEIGHBOUR, *CROWD[:5]], 40) as attack:
            attack.step()
            attack.step()
    call_once(phones)
    wait_until(lambda: descriptors(box) <= before + 2, 10, "descriptors as before")
    health.check()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("missing", lambda m: m.replace(b"Content-Length: 0\r\n", b"")),
        ("twice differing", lambda m: m.replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\nabcd")),
        ("too short", lambda m: m.replace(b"\r\n\r\n", b"\r\n\r\nrest of a body\r\n\r\n")),
        ("negative", lambda m: m.replace(b"Content-Length: 0", b"Content-Length: -5")),
        ("huge", lambda m: m.replace(b"Content-Length: 0", b"Content-Length: 4294967295")),
    ],
)
def test_a_wrong_content_length_ends_that_stream_at_once(
    box: Box, name: str, change: Callable[[bytes], bytes]
) -> None:
    """Nobody can say where the next message begins (RFC 3261 §18.3)."""
    message = change(options(box.host, time.monotonic_ns()))
    with socket.create_connection(address(box), SERVED_S) as stream:
        stream.settimeout(SERVED_S)
        stream.sendall(message)
        heard = b"".join(iter(lambda: stream.recv(4096), b""))
    assert heard.startswith(b"SIP/2.0 200 ") == (name == "too short")
    ask_by_udp(box)
