"""Tests of appliance/net/address_watch.py: the kernel's news, gathered."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

import pytest

from appliance.clock import LoopClock
from appliance.net import address_watch
from appliance.net.address_watch import GATHER_S, AddressWatch
from tests.kit.netns import NatNetwork, inside
from tests.kit.processes import run


def test_a_change_is_told_once_for_all_that_it_brings() -> None:
    with NatNetwork() as net:

        async def main() -> list[float]:
            told: list[float] = []
            loop = asyncio.get_running_loop()
            watch = AddressWatch(LoopClock(loop), lambda: told.append(loop.time()))
            watch.start()
            begin = loop.time()
            for address in ("10.88.0.1/24", "10.89.0.1/24", "fd00::1/64"):
                run(["ip", "-n", net.lan, "address", "add", address, "dev", "eth0"])
            while not told and loop.time() < begin + 10:
                await asyncio.sleep(0.05)
            watch.close()
            await asyncio.sleep(2 * GATHER_S)
            return [at - begin for at in told]

        (after_s,) = inside(net.lan, lambda: asyncio.run(main()), timeout_s=20)
        assert after_s >= GATHER_S


def test_without_netlink_the_box_lives(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("not supported")

    async def main() -> None:
        watch = AddressWatch(LoopClock(asyncio.get_running_loop()), lambda: None)
        with monkeypatch.context() as patch:
            patch.setattr(address_watch.socket, "socket", refuse)
            watch.start()
        watch.close()

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "found late" in caplog.text
    assert socket.socket  # the patch is undone
