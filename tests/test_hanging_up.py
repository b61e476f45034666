"""Whoever hangs up, in whatever state: everybody learns of it and nothing is left behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from appliance.call.leg import Cause
from tests.kit.stage import Party, Stage, on_stage, sdp
from tests.test_exchange_trunks import with_trunks

ALICE, BOB = "192.168.1.11", "192.168.1.12"


@dataclass
class Scene:
    """A call in some state. alice and bob: their sessions; bob's is 0 where he has none."""

    stage: Stage
    a: Party
    b: Party
    alice: int = 0
    bob: int = 0
    is_answered: bool = False

    async def call(self, dialled: str = "2002") -> None:
        self.alice = await self.a.call(dialled)

    async def answer(self) -> None:
        self.bob = await self.b.answer()
        self.is_answered = True

    def offer(self, party: Party, session: int, direction: str) -> None:
        body = sdp(party.address[0], 4000, direction)
        party.endpoint.offer(session, body, now=self.stage.now())


async def dialled(scene: Scene) -> None:
    scene.b.is_silent = True
    await scene.call()
    scene.b.is_silent = False


async def ringing(scene: Scene) -> None:
    await scene.call()
    scene.bob = await scene.b.ring()


async def early_media(scene: Scene) -> None:
    await scene.call()
    scene.bob = scene.b.ringing
    scene.b.endpoint.provisional(scene.bob, 183, sdp(BOB, 6000), now=scene.stage.now())
    await scene.stage.settle()


async def answering(scene: Scene) -> None:
    """The 200 is on its way; nobody has it yet."""
    await ringing(scene)
    scene.b.endpoint.answer(scene.bob, sdp(BOB, 6000), now=scene.stage.now())


async def talking(scene: Scene) -> None:
    await scene.call()
    await scene.answer()


async def held(scene: Scene) -> None:
    await talking(scene)
    scene.offer(scene.a, scene.alice, "sendonly")
    await scene.stage.settle()
    body = sdp(BOB, 6000, "recvonly")
    scene.b.endpoint.accept_offer(scene.bob, body, now=scene.stage.now())
    await scene.stage.settle()


async def reoffering(scene: Scene) -> None:
    """Alice's new offer is at bob's, who has not answered it."""
    await talking(scene)
    scene.offer(scene.a, scene.alice, "sendonly")
    await scene.stage.settle()


async def glare(scene: Scene) -> None:
    """Both offer at the same moment."""
    await talking(scene)
    scene.offer(scene.a, scene.alice, "sendonly")
    scene.offer(scene.b, scene.bob, "inactive")


async def announcing(scene: Scene) -> None:
    await scene.call("5999")


async def echoing(scene: Scene) -> None:
    await scene.call("*43")
    scene.is_answered = True


async def way_out_silent(scene: Scene) -> None:
    scene.stage.party("203.0.113.1").is_silent = True
    await scene.call("84951112233")


async def picking_up(scene: Scene) -> None:
    """Bob's phone rings; another phone takes the call and bob's learns of it."""
    await ringing(scene)
    other = await scene.stage.phone("2003", "192.168.1.13")
    scene.b, scene.bob = other, await other.call("0")
    scene.is_answered = True


def by_alice(scene: Scene) -> None:
    end = scene.a.endpoint.bye if scene.is_answered else scene.a.endpoint.cancel
    end(scene.alice, "", now=scene.stage.now())


def by_bob(scene: Scene) -> None:
    now = scene.stage.now()
    if scene.is_answered:
        scene.b.endpoint.bye(scene.bob, "", now=now)
    else:
        scene.b.endpoint.reject(scene.bob, 603, now=now)


def by_bob_after_his_200(scene: Scene) -> None:
    scene.b.endpoint.bye(scene.bob, "", now=scene.stage.now())


def by_both(scene: Scene) -> None:
    by_alice(scene)
    by_bob(scene)


def by_the_box(scene: Scene) -> None:
    assert scene.stage.exchange.switchboard.hang_up_all(Cause.SHUTDOWN) == 1


def by_nobody_but_bob_vanishes(scene: Scene) -> None:
    """Bob's phone loses its power: the session timer, or silence, ends the call."""
    scene.b.is_silent = True
    for stream in scene.stage.plane.streams:
        stream.silent_s = 61.0


State = Callable[[Scene], Awaitable[None]]
End = Callable[[Scene], None]
CASES: list[tuple[State, End]] = [
    *((state, by_alice) for state in (dialled, ringing, early_media, answering, announcing)),
    *((state, by_alice) for state in (echoing, way_out_silent)),
    *((state, by_bob) for state in (ringing, early_media)),
    (answering, by_bob_after_his_200),
    *((state, by_both) for state in (ringing, early_media)),
    *(
        (state, end)
        for state in (talking, held, reoffering, glare, picking_up)
        for end in (by_alice, by_bob, by_both)
    ),
    *(
        (state, by_the_box)
        for state in (dialled, ringing, early_media, answering, talking, held, reoffering, glare)
    ),
    *((state, by_the_box) for state in (announcing, echoing, way_out_silent, picking_up)),
    *((state, by_nobody_but_bob_vanishes) for state in (talking, held, reoffering, glare)),
]


@pytest.mark.parametrize(
    ("state", "end"), CASES, ids=[f"{s.__name__}-{e.__name__}" for s, e in CASES]
)
def test_nothing_is_left(state: State, end: End) -> None:
    async def play(stage: Stage) -> None:
        scene = Scene(stage, await stage.phone("2001", ALICE), await stage.phone("2002", BOB))
        await state(scene)
        end(scene)
        await stage.wait(150, step_s=1.0)  # INVITE and BYE give up after 32 each
        assert stage.exchange.live.by_ref == {}
        assert stage.plane.streams == []
        alive = stage.exchange.alive()
        assert {**alive, "requests": 0} == dict.fromkeys(alive, 0)
        assert stage.endpoint.sessions_alive == 0
        assert scene.a.endpoint.sessions_alive == 0
        assert scene.b.endpoint.sessions_alive == 0 or scene.b.is_silent
        assert {row.caller for row in stage.journal.rows} <= {"2001", "2003"}
        assert len(stage.journal.rows) == len(stage.journal.begun)

    on_stage(play, with_trunks("one"))


def test_no_party_sees_the_other_s_address() -> None:
    """The topology is hidden: neither in headers nor in descriptions (RFC 3261 §26.1 aside)."""
    seen: list[tuple[str, bytes]] = []

    async def play(stage: Stage) -> None:
        scene = Scene(stage, await stage.phone("2001", ALICE), await stage.phone("2002", BOB))
        stage.on_wire = lambda source, target, data: seen.append((target[0], data))
        await talking(scene)
        scene.offer(scene.a, scene.alice, "sendonly")
        await stage.settle()
        body = sdp(BOB, 6000, "recvonly")
        scene.b.endpoint.accept_offer(scene.bob, body, now=stage.now())
        await stage.settle()
        by_bob(scene)
        await stage.wait(1)

    on_stage(play, with_trunks("one"))
    call_ids = {host: set[bytes]() for host in (ALICE, BOB)}
    for host, data in seen:
        if host in call_ids:
            other = BOB if host == ALICE else ALICE
            assert other.encode() not in data
            call_ids[host] |= {r for r in data.split(b"\r\n") if r.lower().startswith(b"call-id")}
    assert call_ids[ALICE] and call_ids[BOB]
    assert not call_ids[ALICE] & call_ids[BOB]
