"""Tests of appliance/net/address_watch.py: the kernel's news, gathered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import pytest

from appliance.clock import LoopClock
from appliance.net import address_watch
from appliance.net.address_watch import GATHER_S, AddressWatch
from tests.kit.netns import NatNetwork, inside
from tests.kit.processes import run


def test_a_change_is_told_once_for_all_that_it_brings() -> None:
    with NatNetwork() as net:

        async def main() -> float:
            told: asyncio.Queue[None] = asyncio.Queue()
            loop = asyncio.get_running_loop()
            watch = AddressWatch(LoopClock(loop), lambda: told.put_nowait(None))
            watch.start()
            with contextlib.suppress(TimeoutError):  # IPv6 settles on the new cables meanwhile
                while True:
                    await asyncio.wait_for(told.get(), 3 * GATHER_S)
            began = loop.time()
            for address in ("10.88.0.1/24", "10.89.0.1/24", "10.90.0.1/24"):
                run(["ip", "-n", net.lan, "address", "add", address, "dev", "eth0"])
            await asyncio.wait_for(told.get(), 10)
            after_s = loop.time() - began
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(told.get(), 1.5 * GATHER_S)
            watch.close()
            return after_s

        assert inside(net.lan, lambda: asyncio.run(main()), timeout_s=30) >= GATHER_S


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
