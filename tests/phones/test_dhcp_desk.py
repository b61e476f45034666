"""DHCP by the control socket: the values of the router, and a helper that asks in our place."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import UserError
from appliance.net.netlink import InterfaceAddress
from appliance.phones import dhcp_desk
from appliance.phones.dhcp_desk import DhcpDesk, DhcpDeskTools

LO = InterfaceAddress(1, "127.0.0.1", 0, 8)
FIRST = InterfaceAddress(1, "192.168.1.1", 0, 24)
SECOND = InterfaceAddress(1, "10.0.0.1", 0, 24)
TOLD = {"findings": [{"server": "10.0.0.9", "code": 66, "verdict": "right"}], "is_good": True}


def _desk(helper: Path = Path("/nowhere"), *, port: int = 8088) -> DhcpDesk:
    ports = {"http": port} if port else {}
    tools = DhcpDeskTools(
        addresses=lambda: [LO, FIRST, SECOND],
        own_host=lambda: FIRST.host,
        ports=lambda: ports,
        helper=helper,
    )
    return DhcpDesk(tools)


def _ask(desk: DhcpDesk, operation: str, **args: Any) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        return await desk.operations[operation](args)

    return asyncio.run(run())


@pytest.fixture
def no_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise UserError("dhcp.not_allowed")

    monkeypatch.setattr(dhcp_desk, "ask_servers", refuse)


@pytest.mark.parametrize(
    ("asked_by", "host"),
    [("localhost", "192.168.1.1"), ("box.local", "192.168.1.1"), ("10.0.0.1", "10.0.0.1")],
)
def test_the_values_name_the_box_as_phones_can_reach_it(asked_by: str, host: str) -> None:
    told = _ask(_desk(), "dhcp_options", host=asked_by)
    texts = {row["code"]: row["text"] for row in told["options"]}
    assert texts[66] == f"http://{host}:8088/" and texts[150] == host
    assert told["is_served"] is True
    assert _ask(_desk(port=0), "dhcp_options")["is_served"] is False


def test_without_rights_the_helper_asks(tmp_path: Path, no_rights: None) -> None:
    """As systemd runs it: one process a connection, whose output is the answer."""
    path = tmp_path / "helper.sock"

    async def helper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps(TOLD).encode() + b"\n")
        writer.close()

    async def run() -> dict[str, Any]:
        async with await asyncio.start_unix_server(helper, path):
            return await _desk(path).operations["dhcp_check"]({})

    assert asyncio.run(run()) == TOLD


@pytest.mark.parametrize("answer", [b"", b"no JSON", b"[1]", b"{}", None])
def test_without_a_helper_the_refusal_says_what_to_do(
    tmp_path: Path, no_rights: None, answer: bytes | None
) -> None:
    path = tmp_path / "helper.sock"

    async def helper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer or b"")
        writer.close()

    async def run() -> None:
        if answer is None:
            await _desk(path).operations["dhcp_check"]({})
            return
        async with await asyncio.start_unix_server(helper, path):
            await _desk(path).operations["dhcp_check"]({})

    with pytest.raises(UserError) as refused:
        asyncio.run(run())
    assert refused.value.key == "dhcp.not_allowed"
