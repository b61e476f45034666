"""Tests of appliance/service/self_check.py: each part may be dead in its own way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import count, repeat
from typing import Any

import pytest

from appliance.net.own_options import AddressMissing, OptionsUnanswered
from appliance.service import self_check
from appliance.service.self_check import Finding, SelfCheck, Vitals
from appliance.store.database import StateError
from tests.kit.virtual_loop import run_virtually


async def _writes() -> None:
    """Is done."""


async def _hangs() -> None:
    await asyncio.Event().wait()


def _refuses(key: str) -> Callable[[], Awaitable[None]]:
    async def write() -> None:
        raise StateError(key, "said the disk")

    return write


async def _answers(host: str, port: int, within_s: float) -> None:
    """Our own socket said 200."""


def _find(
    write: Callable[[], Awaitable[None]] = _writes,
    rounds: Iterable[int] | None = None,
    sip: Iterable[tuple[str, int]] = (),
    ask: Callable[[str, int, float], Awaitable[None]] = _answers,
) -> list[Finding]:
    found: list[Finding] = []
    turning: Iterator[int] = iter(count() if rounds is None else rounds)

    async def main() -> None:
        vitals = Vitals(write, lambda: next(turning), lambda: sip, ask)
        found.extend(await SelfCheck(vitals).find())

    run_virtually(main(), limit_s=self_check.ANSWER_S + 1)
    return found


def test_a_living_box_has_no_findings() -> None:
    assert _find() == []


def test_a_write_that_hangs_is_deadly() -> None:
    (finding,) = _find(_hangs)
    assert (finding.key, finding.is_deadly) == ("check.database_silent", True)


@pytest.mark.parametrize(
    ("key", "is_deadly"),
    [("store.closed", True), ("store.cannot_write", False), ("store.disk_full", False)],
)
def test_a_refused_write_is_deadly_unless_the_disk_takes_nothing(key: str, is_deadly: bool) -> None:
    """Calls need no disk: a box with a full one rings on, and a restart would make no room."""
    (finding,) = _find(_refuses(key))
    assert (finding.key, finding.is_deadly) == ("check.database_refused", is_deadly)
    assert "said the disk" in finding.said


def test_a_packet_thread_that_makes_no_round_is_deadly() -> None:
    (finding,) = _find(rounds=repeat(7))
    assert (finding.key, finding.is_deadly) == ("check.media_silent", True)


def test_each_socket_is_asked_and_a_wildcard_by_loopback() -> None:
    asked: list[tuple[str, int]] = []

    async def ask(host: str, port: int, within_s: float) -> None:
        asked.append((host, port))
        if host == "::1":
            raise OptionsUnanswered("no answer")

    (finding,) = _find(sip=[("0.0.0.0", 5060), ("192.0.2.1", 5062), ("::", 5060)], ask=ask)
    assert asked == [("127.0.0.1", 5060), ("192.0.2.1", 5062), ("::1", 5060)]
    assert (finding.key, finding.said) == ("check.sip_silent", ":: 5060: no answer")


def test_the_parts_are_asked_together() -> None:
    """Two that hang take no longer than one (the limit of _find)."""
    keys: set[Any] = {finding.key for finding in _find(_hangs, repeat(7))}
    assert keys == {"check.database_silent", "check.media_silent"}


def test_a_machine_without_the_loopback_of_ipv6_is_not_dead() -> None:
    """net.ipv6.conf.all.disable_ipv6=1 leaves ``::`` to listen at, and no ``::1`` to ask by."""

    async def ask(host: str, port: int, within_s: float) -> None:
        if host == "::1":
            raise AddressMissing("Cannot assign requested address")

    assert _find(sip=[("0.0.0.0", 5060), ("::", 5060)], ask=ask) == []
