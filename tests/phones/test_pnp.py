"""SIP PnP in virtual time: the shapes that phones send, what they get, and who gets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from appliance.net.netlink import InterfaceAddress
from appliance.phones.pnp import COMPLAINT_S, NETWORKS_S, Pnp, PnpTools
from appliance.phones.pnp_messages import read_subscription
from appliance.sip import events as sip
from appliance.sip.message import Request, parse_message
from tests.kit.stage import Stage
from tests.kit.virtual_loop import run_virtually

MAC = "805ec0a1b2c3"
HOST = "192.168.1.77"
UPPER = MAC.upper()

#: name, user and host of the URI, vendor, model, version, User-Agent, port of Contact, MAC told.
_SHAPES = [
    ("Yealink", f"MAC%3A{UPPER}@224.0.1.75", "T46U", "108.86.0.20", "Yealink SIP-T46U", 5060, MAC),
    ("Yealink", f"MAC{MAC}@224.0.1.75", "T21P", "34.72.0.75", "Yealink", 5059, MAC),
    ("Grandstream", f"MAC%3a{MAC}@224.0.1.75", "GRP2612W", "1.0.5.15", "Grandstream", 5080, MAC),
    ("snom", f"MAC%3a{UPPER}@intern.snom.de", "snomD785", "10.1.169.16", "", 2048, MAC),
    ("Fanvil", f"MAC%3A{MAC}@224.0.1.75", "X5U-V2", "2.12.16", "Fanvil X5U", 5060, MAC),
    ("OEM", f"MAC={MAC}@224.0.1.75", "X4", "1", "OEM", 5060, MAC),
    ("Gigaset", f"MAC%3A{UPPER}@local", "N870", "83", "Gigaset N870", 5060, MAC),
    ("AudioCodes", "224.0.1.75:5060", "440HD", "2.2", "AUDC-IPPhone", 5060, ""),
]
SHAPES = [
    (uri, f'vendor="{vendor}";model="{model}";version="{version}"', agent, port, mac)
    for vendor, address, model, version, agent, port, mac in _SHAPES
    for uri in (f"sip:{address}",)
]
each_shape = pytest.mark.parametrize(("uri", "params", "agent", "port", "mac"), SHAPES)


def subscribe(
    uri: str, params: str, agent: str = "", *, contact: str = f"{HOST}:5060", branch: str = "1"
) -> bytes:
    lines = [
        f"SUBSCRIBE {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {HOST}:5060;branch=z9hG4bK{branch};rport",
        "Max-Forwards: 70",
        f"From: <{uri}>;tag=phone",
        f"To: <{uri}>",
        f"Call-ID: pnp-{branch}@{HOST}",
        "CSeq: 20000 SUBSCRIBE",
        f"Contact: <sip:{contact}>",
        f'Event: ua-profile;profile-type="device";{params}',
        "Expires: 0",
        "Accept: application/url",
        *([f"User-Agent: {agent}"] if agent else []),
        "Content-Length: 0",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _parse(data: bytes) -> Request:
    message = parse_message(data)
    assert isinstance(message, Request)
    return message


@each_shape
def test_shapes_are_read(uri: str, params: str, agent: str, port: int, mac: str) -> None:
    read = read_subscription(_parse(subscribe(uri, params, agent, contact=f"{HOST}:{port}")))
    assert read is not None
    assert (read.mac, read.contact.host, read.contact.port) == (mac, HOST, port)
    vendor, model, version = (part.split('"')[1] for part in params.split(";"))
    assert (read.vendor, read.model, read.version) == (vendor, model, version)


def test_another_event_is_none_of_ours() -> None:
    data = subscribe(SHAPES[0][0], "x=y").replace(b"ua-profile", b"message-summary")
    assert read_subscription(_parse(data)) is None


class Room:
    """A stage with PnP, and a phone that hears what it is sent. knows: the neighbour's address."""

    def __init__(self, seen: str = MAC, port: int = 8088, *, is_enabled: bool = True) -> None:
        self.stage = Stage({"extensions": []})
        self.alerts: list[tuple[str, str]] = []
        self.heard: list[Any] = []
        parts = self.stage.exchange.parts

        async def neighbour(host: str) -> str:
            return seen

        self.tasks: list[asyncio.Future[None]] = []
        self.own = [InterfaceAddress(2, "192.168.1.1", 0, 24)]
        self.times_asked = 0

        def spawn(work: Awaitable[None]) -> None:
            self.tasks.append(asyncio.ensure_future(work))

        tools = PnpTools(
            parts=parts,
            requests=self.stage.exchange.requests,
            ports=lambda: {"http": port} if port else {},
            neighbour=neighbour,
            addresses=self._addresses,
            spawn=spawn,
            raise_alert=lambda key, detail: self.alerts.append((key, detail)),
            is_enabled=lambda: is_enabled,
            trusts=lambda host: False,
        )
        self.pnp = Pnp(tools)
        self.stage.exchange.on_subscribe = self.pnp.take
        self.stage.on_wire = self._on_wire

    def _addresses(self) -> list[InterfaceAddress]:
        self.times_asked += 1
        return self.own

    def _on_wire(self, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
        if target[0] == HOST:
            self.heard.append((target, parse_message(data)))

    async def hear(self, data: bytes, source: str = HOST, port: int = 5060) -> None:
        hop = sip.Hop(sip.Transport.UDP, source, port)
        self.stage.endpoint.receive(data, hop, self.stage.now())
        await self.stage.settle()

    def notifies(self) -> list[Any]:
        return [m for _, m in self.heard if isinstance(m, Request)]


@each_shape
def test_each_shape_is_told_the_url(uri: str, params: str, agent: str, port: int, mac: str) -> None:
    """200 and one NOTIFY in the dialog that it made, to the Contact; its repetitions add none."""

    async def run() -> None:
        room = Room()
        data = subscribe(uri, params, agent, contact=f"{HOST}:{port}")
        for _ in range(3):
            await room.hear(data)
        answers = [m for _, m in room.heard if not isinstance(m, Request)]
        assert {a.status for a in answers} == {200} and len({a.to.tag for a in answers}) == 1
        assert answers[0].headers.get("Expires") == "0"
        (notify,) = {m.via.branch: m for m in room.notifies()}.values()
        assert notify.method == "NOTIFY"
        assert notify.body == b"http://192.168.1.1:8088/"
        assert notify.content_type == "application/url"
        assert notify.headers.get("Subscription-State") == "terminated;reason=timeout"
        assert (notify.headers.get("Event") or "").startswith("ua-profile")
        assert notify.call_id == _parse(data).call_id
        assert notify.from_.tag == answers[0].to.tag and notify.to.tag == "phone"
        assert {t for t, m in room.heard if m is notify} == {(HOST, port)}
        assert room.pnp.sent == 1

    run_virtually(run())


@pytest.mark.parametrize(
    ("data", "source", "seen"),
    [
        (subscribe(*SHAPES[0][:2]), "192.168.2.77", MAC),  # another subnet
        (subscribe(*SHAPES[0][:2]), "8.8.8.8", MAC),
        (subscribe(*SHAPES[0][:2], contact="8.8.8.8:5060"), HOST, MAC),  # a reflector
        (subscribe(*SHAPES[0][:2], contact="evil.example:5060"), HOST, MAC),
        (subscribe(*SHAPES[0][:2]), HOST, "00a0ded0dead"),  # another's address
        (subscribe(*SHAPES[0][:2]), HOST, ""),  # no neighbour
        (subscribe(*SHAPES[0][:2]).replace(b"Contact", b"X-Contact"), HOST, MAC),
    ],
)
def test_who_gets_nothing(data: bytes, source: str, seen: str) -> None:
    async def run() -> None:
        room = Room(seen)
        await room.hear(data, source)
        assert room.heard == [] and room.pnp.sent == 0
        assert len(room.stage.endpoint._core.servers) == 0, "nothing is left of it"
        assert bool(room.alerts) is (seen not in (MAC, ""))

    run_virtually(run())


def test_each_source_is_complained_of_once_in_ten_minutes(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        room = Room()
        for number in range(1000):
            await room.hear(subscribe(*SHAPES[0][:2], branch=str(number)), "192.168.2.77")
        await room.hear(subscribe(*SHAPES[0][:2], branch="other"), "192.168.2.78")
        assert len(caplog.records) == 2
        await room.stage.wait(COMPLAINT_S, 10.0)
        await room.hear(subscribe(*SHAPES[0][:2], branch="later"), "192.168.2.77")
        assert [r.args[0] for r in caplog.records if isinstance(r.args, tuple)] == [
            "192.168.2.77",
            "192.168.2.78",
            "192.168.2.77",
        ]

    run_virtually(run())


def test_where_phones_are_not_set_up_nobody_is_answered_nor_complained_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run() -> None:
        room = Room(is_enabled=False)
        await room.hear(subscribe(*SHAPES[0][:2]))
        assert room.heard == [] and room.pnp.sent == 0 and not caplog.records

    run_virtually(run())


def test_many_phones_cost_one_look_at_our_networks_and_a_new_one_is_seen_soon() -> None:
    async def run() -> None:
        room = Room()
        for number in range(50):
            await room.hear(subscribe(*SHAPES[0][:2], branch=str(number)))
        assert room.pnp.sent == 50 and room.times_asked == 1
        room.own = [InterfaceAddress(3, "192.168.7.1", 0, 24)]
        await room.stage.wait(NETWORKS_S, 0.1)
        await room.hear(subscribe(*SHAPES[0][:2], branch="late"))
        assert room.pnp.sent == 50, "that network is gone"
        there = subscribe(*SHAPES[0][:2], contact="192.168.7.9:5060", branch="new")
        await room.hear(there.replace(HOST.encode(), b"192.168.7.9"), "192.168.7.9")
        assert room.pnp.sent == 51

    run_virtually(run())


def test_without_a_server_of_phones_nothing_is_promised() -> None:
    async def run() -> None:
        room = Room(port=0)
        await room.hear(subscribe(*SHAPES[0][:2]))
        assert room.heard == []

    run_virtually(run())
