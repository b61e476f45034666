"""Strangers who mean harm: noise on every port, addresses that must not be sent to, ports used up.

After each the box lives, logs no error of its own, holds nothing, and the call beside is unhurt.
"""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator

import pytest

from tests.kit.box import Box
from tests.kit.calling import MANY_PORTS, SmallBox, TalkingCall, address, call
from tests.kit.health import Health
from tests.kit.office import office, secret_of
from tests.kit.ports import PortRange
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio, write
from tests.kit.responder import RING, Responder
from tests.kit.rtp_end import RtpEnd

SEED = 4475


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("box")
    with Box(folder, office(extensions=range(2001, 2010)), rtp_ports=MANY_PORTS) as box:
        yield box.start()


@pytest.fixture
def health(box: Box) -> Iterator[Health]:
    health = Health(box)
    yield health
    health.check()


@pytest.fixture
def end() -> Iterator[RawEnd]:
    with RawEnd() as end:
        yield end


@pytest.fixture
def talking(box: Box) -> Iterator[TalkingCall]:
    talking = TalkingCall(box)
    talking.is_heard()
    try:
        yield talking
        talking.is_heard()
    finally:
        talking.close()


def options(box: Box, end: RawEnd, call_id: str, transport: str = "UDP") -> bytes:
    fields = [
        ("Via", f"SIP/2.0/{transport} {end.host}:{end.port};branch=z9hG4bK{call_id};rport"),
        ("Max-Forwards", "70"),
        ("From", "<sip:stranger@127.0.0.1>;tag=s"),
        ("To", f"<{box.uri()}>"),
        ("Call-ID", call_id),
        ("CSeq", "1 OPTIONS"),
    ]
    return write(f"OPTIONS {box.uri()} SIP/2.0", fields)


def answers_options(box: Box, end: RawEnd) -> None:
    call_id = f"alive{random.randrange(2**60):x}"
    end.send(options(box, end, call_id), address(box))
    found = end.wait_for(lambda m: m.header("call-id") == call_id, 3, "an answer to OPTIONS")
    assert found.status == 200


def noise(chance: random.Random, seeds: list[bytes]) -> bytes:
    """Random octets, or a good message with some octets changed, cut or doubled."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randint(1, 1400))
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 15)):
        data[chance.randrange(len(data))] = chance.choice((chance.randrange(256), 13, 10, 32, 0))
    at = chance.randrange(len(data))
    return bytes(data[:at] if chance.random() < 0.2 else data)


def good_messages(box: Box, end: RawEnd) -> list[bytes]:
    """One of each kind, as strangers send them."""
    stranger = RawCall(end, address(box), "2001", "", "2002", audio("127.0.0.1", 40000))
    stranger.cseq = 1
    names = ("INVITE", "REGISTER", "CANCEL", "BYE", "ACK", "OPTIONS", "MESSAGE", "UPDATE", "PRACK")
    requests = [stranger.text(name, stranger.body) for name in names]
    responses = [b"SIP/2.0 200 OK" + r[r.index(b"\r\n") :] for r in requests[:3]]
    return requests + responses


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallBox]:
    leased = PortRange()
    first = leased.pair()
    folder = tmp_path_factory.mktemp("small")
    with Box(folder, office(), rtp_ports=(first, first + 7)) as box:
        yield SmallBox(box.start())
    leased.close()


def test_without_ports_a_call_gets_503(small: SmallBox) -> None:
    """First in this file, so that the ports rest (32 s) while the other tests run."""
    assert small.status_without_ports == 503
    assert small.box.control("status")["calls"] == 1


# ---- noise


def test_noise_on_the_udp_port(box: Box, health: Health, end: RawEnd, talking: TalkingCall) -> None:
    chance = random.Random(SEED)
    seeds = good_messages(box, end)
    for number in range(1500):
        end.send(noise(chance, seeds), address(box))
        if number % 50 == 49:
            answers_options(box, end)
    end.send(b"", address(box))
    end.send(b"\r\n\r\n", address(box))
    end.send(b"A" * 60000, address(box))
    answers_options(box, end)


def test_noise_on_the_tcp_port(box: Box, health: Health, end: RawEnd, talking: TalkingCall) -> None:
    chance = random.Random(SEED)
    seeds = good_messages(box, end)
    for _ in range(60):
        with socket.create_connection(address(box), 3) as stream:
            try:
                for _ in range(chance.randint(1, 5)):
                    stream.sendall(noise(chance, seeds))
            except OSError:  # the box need not listen to the end
                continue
    answers_options(box, end)


def test_an_octet_at_a_time(box: Box, health: Health, end: RawEnd) -> None:
    with socket.create_connection(address(box), 3) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in b"\r\n\r\n" + options(box, end, "octets", "TCP"):
            stream.sendall(bytes([octet]))
        stream.settimeout(3)
        heard = b""
        while b"\r\n\r\n" not in heard.lstrip(b"\r\n"):
            heard += stream.recv(4096)
    assert heard.lstrip(b"\r\n").startswith(b"SIP/2.0 200 ")


@pytest.mark.parametrize("length", [b"-1", b"99999999999", b"x", b"", b"1 2", b"70000"])
def test_wrong_content_lengths_end_the_stream_alone(
    box: Box, health: Health, end: RawEnd, length: bytes
) -> None:
    wrong = options(box, end, "wrong", "TCP").replace(
        b"Content-Length: 0", b"Content-Length: " + length
    )
    with socket.create_connection(address(box), 3) as stream:
        stream.sendall(wrong)
        stream.settimeout(3)
        heard = b"".join(iter(lambda: stream.recv(4096), b""))
    assert b"SIP/2.0 200" not in heard
    answers_options(box, end)


def test_streams_that_say_nothing_do_no_harm(box: Box, health: Health, end: RawEnd) -> None:
    streams = [socket.create_connection(address(box), 3) for _ in range(100)]
    streams[0].sendall(b"OPTIONS sip:")
    answers_options(box, end)
    for stream in streams:
        stream.close()


def test_noise_on_the_media_ports(box: Box, health: Health, talking: TalkingCall) -> None:
    chance = random.Random(SEED)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(2000):
            octets = chance.randbytes(chance.randint(0, 400))
            first = bytes([0x80, chance.choice((0, 8, 101))]) if chance.random() < 0.5 else b""
            port = chance.choice(talking.box_ports) + chance.randint(0, 1)
            stranger.sendto(first + octets, (box.host, port))
    talking.is_heard()


def test_a_stranger_cannot_speak_into_a_call(box: Box, talking: TalkingCall) -> None:
    with RtpEnd(hz=2500) as stranger:
        stranger.send_to(box.host, talking.box_ports[0])
        wait_until(lambda: stranger.sent >= 30, 3, "the stranger has spoken")
        talking.is_heard(30)
        assert not stranger.received()


def test_the_party_s_own_socket_may_send_noise(box: Box, talking: TalkingCall) -> None:
    chance = random.Random(SEED)
    for _ in range(500):
        octets = chance.randbytes(chance.randint(0, 200))
        talking.caller.send_raw(octets, box.host, talking.box_ports[0])
    talking.is_heard()


def test_noise_on_the_control_socket(box: Box, health: Health) -> None:
    chance = random.Random(SEED)
    lines = [b"\n", b"[]\n", b"{}\n", b'{"op": 1}\n', b'{"op": "calls", "args": []}\n', b"\xff\n"]
    lines += [b'{"op": "status", "args": {"a": ' + b"[" * 20000 + b"\n", b"x" * 70000 + b"\n"]
    lines += [chance.randbytes(chance.randint(1, 300)) + b"\n" for _ in range(40)]
    for op in ("status", "calls", "registrations", "trunks", "explain", "reload", "hangup"):
        args = {"number": [1], "from": {}, "at": 7, "trunk": None, "revision": "x", "call_ref": 3}
        lines.append(json.dumps({"op": op, "args": args}).encode() + b"\n")
    for line in lines:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            client.connect(str(box.data / "control.sock"))
            client.sendall(line)
            client.shutdown(socket.SHUT_WR)
            answers = b"".join(iter(lambda: client.recv(65536), b""))
        for answer in answers.splitlines():
            assert json.loads(answer)["ok"] in (True, False)
    assert box.control("status")["calls"] == 0


# ---- addresses


def test_hostile_addresses_are_refused(
    box: Box, health: Health, end: RawEnd, talking: TalkingCall
) -> None:
    own = talking.box_ports[0]
    places = [
        ("255.255.255.255", 40000),
        ("127.255.255.255", 40000),
        ("224.0.0.1", 40000),
        ("239.1.2.3", 40000),
        ("0.0.0.1", 40000),
        (box.host, box.sip_port),
        (box.host, own),
        (box.host, own + 1),
        *((box.host, port) for port in (1, 22, 53, 80, 123, 443, 1023)),
        ("ff02::1", 40000),
        ("::ffff:224.0.0.1", 40000),
        ("no.such.host.invalid", 40000),
    ]
    wrong = []
    with Responder(lambda request: RING) as phone:
        phone.register(address(box), "2002", secret_of("2002")).start()
        for host, port in places:
            stranger = call(box, end, "2002", audio(host, port))
            stranger.invite()
            response = stranger.progress()
            while response.status in (100, 183):
                response = stranger.progress()
            if response.status < 200:
                stranger.cancel()
                stranger.final()
            if response.status != 488:
                wrong.append((host, port, response.status))
        assert not wrong
        assert not phone.invited


def test_a_phone_that_answers_with_a_hostile_address(
    box: Box, health: Health, end: RawEnd, talking: TalkingCall
) -> None:
    with Responder() as phone:
        phone.rtp_port = 53
        phone.register(address(box), "2002", secret_of("2002")).start()
        caller = call(box, end, "2002", audio("127.0.0.1", 40000))
        caller.invite()
        while caller.progress().status != 183:  # the announcement that says why
            pass
        (invited,) = phone.wait_for_invites(1)
        wait_until(lambda: invited.is_confirmed, 3, "the answer is acknowledged")
        wait_until(lambda: invited.ended_by, 3, "and the phone is hung up")
        caller.cancel()
        assert caller.final().status == 487


# ---- in the middle of a call


def test_malformed_messages_in_the_middle_of_a_call(
    box: Box, health: Health, talking: TalkingCall
) -> None:
    chance = random.Random(SEED)
    living = talking.call
    for method in ("INVITE", "UPDATE", "INFO", "OPTIONS", "PRACK", "ACK", "NOSUCH", "REFER"):
        for _ in range(25):
            living.cseq += 1
            good = living.text(method, b"v=0\r\nnonsense\r\nm=audio x RTP/AVP\r\n")
            data = bytearray(good)
            head = data.index(b"From:") if chance.random() < 0.5 else data.index(b"Contact:")
            for _ in range(chance.randint(0, 8)):
                data[chance.randrange(head, len(data))] = chance.randrange(256)
            talking.end.send(bytes(data), address(box))
            talking.end.listen(0)  # our own socket has room for some 200 answers
    answers_options(box, talking.end)
    talking.is_heard()
    living.cseq += 100


@pytest.mark.parametrize(
    "body",
    [
        b"v=0\r\n",
        b"garbage",
        b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n",
        audio("127.0.0.1", 40000, codecs="34"),
        audio("127.0.0.1", 99999),
        audio("127.0.0.1", 40000).replace(b"m=audio", b"m=video"),
        audio("224.0.0.1", 40000),
    ],
    ids=range(7),
)
def test_a_bad_re_invite_is_refused_and_changes_nothing(
    box: Box, talking: TalkingCall, body: bytes
) -> None:
    talking.call.invite(body)
    response = talking.call.final()
    assert response.status in (400, 488, 606), response.first_line
    assert not response.body


def test_ports_have_rested_and_serve_again(small: SmallBox) -> None:
    """The ports of the first call of ``small`` ended long ago: a call goes again."""
    wait_until(small.is_call_possible, 40, "ports serve again")
    small.close()
