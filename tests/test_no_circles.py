"""What a call was made of goes with the call, not with the garbage collector.

Objects that hold each other in a circle stay until they are searched for, some thousand calls
later: memory would grow until then. Here the collector is off, and after calls of every kind
nothing of theirs may be left.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import pytest

from appliance.legs.app import AppLeg
from appliance.legs.sip_leg import SipLeg
from appliance.live.calls import LiveCall
from appliance.sip.session import Session
from appliance.sip.subscription import Subscription
from tests.kit.stage import Stage, on_stage
from tests.kit.stage_watcher import Watcher
from tests.test_exchange import office

OF_CALLS = (LiveCall, SipLeg, AppLeg, Session, Subscription)
FORGOTTEN_S = 64.0  # transactions linger for 64*T1, a call's ports and alarms no longer


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def talk(stage: Stage) -> None:
    a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
    session = await a.call("2002")
    await b.ring()
    await stage.wait(3)
    await b.answer()
    await stage.wait(10)
    await a.hang_up(session)


async def refused(stage: Stage) -> None:
    a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
    await a.call("2002")
    await b.reject(486)


async def unknown(stage: Stage) -> None:
    a = await stage.phone("2001", "192.168.1.11")
    await a.call("5999")


async def given_up(stage: Stage) -> None:
    a, b = await stage.phone("2001", "192.168.1.11"), await stage.phone("2002", "192.168.1.12")
    session = await a.call("2002")
    await b.ring()
    a.endpoint.cancel(session, "", now=stage.now())


async def echoed(stage: Stage) -> None:
    a = await stage.phone("2001", "192.168.1.11")
    session = await a.call("*43")
    await stage.wait(5)
    await a.hang_up(session)


async def watched(stage: Stage) -> None:
    """Lamps of whoever leaves in order, is deaf from some day on, or lets them expire."""
    leaves, deaf, sleeps = (Watcher(stage, "2003", f"192.168.1.{n}") for n in (31, 32, 33))
    watch = await leaves.watch("2002")
    await deaf.watch("2002")
    await sleeps.watch("2001", expires=60)
    await sleeps.watch("2002", "presence", expires=0)
    deaf.is_silent = True
    await talk(stage)
    leaves.lamps.refresh(watch, 0)


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("kind", [talk, refused, unknown, given_up, echoed, watched])
def test_nothing_of_a_call_is_left(kind: Callable[[Stage], Awaitable[None]]) -> None:
    async def play(stage: Stage) -> None:
        await kind(stage)
        await stage.wait(60)
        for party in stage.parties.values():
            party.events.clear()
        await stage.wait(FORGOTTEN_S)
        left = Counter(type(o).__name__ for o in gc.get_objects() if isinstance(o, OF_CALLS))
        assert not left

    on_stage(play, office())
