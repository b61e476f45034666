"""Whole calls whose end only a rhythm tells that no country has: learned, then known."""

from __future__ import annotations

from appliance.call.leg import Cause
from appliance.legs.lines.busy_learning import SIGHTINGS
from appliance.sip import events as sip
from drivers.events import LoopBroken, PolarityReversed
from tests.kit.lines import StageLine
from tests.kit.lines_office import Scene, office, play_scene
from tests.kit.stage import Party, Stage
from tests.lines.test_line_doctor import Visit


async def answered(scene: Scene, stage: Stage) -> tuple[Party, int, StageLine]:
    """A call by the city line that somebody has answered."""
    phone = await stage.phone("2003", "192.168.1.13")
    session = await phone.call("989101234567")
    scene.audio().hear("dial")
    await stage.wait(4)
    scene.city.tell(PolarityReversed(0, True))
    await stage.wait(2)
    return phone, session, scene.audio()


async def rhythm(stage: Stage, city: StageLine, periods: int, on_ms: int = 200) -> None:
    for n in range(4, periods + 1):
        await stage.wait(0.8)
        if not city.is_closed:
            city.hear_cadence(on_ms, 800 - on_ms, n * 800)
    await stage.settle()


def test_a_line_nobody_frees_is_freed_after_eight_seconds_of_a_rhythm() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, _, city = await answered(scene, stage)
        await rhythm(stage, city, 9)
        assert not phone.heard(sip.SessionEnded)
        await rhythm(stage, city, 10)
        assert len(phone.heard(sip.SessionEnded)) == 1
        assert scene.city.done[-1] == "release" and scene.row.cause is Cause.NORMAL
        assert stage.lines.learned == []  # once may be chance

    play_scene(play)


def test_the_second_hang_up_into_the_same_rhythm_teaches_it() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        for _ in range(SIGHTINGS):
            phone, session, city = await answered(scene, stage)
            await rhythm(stage, city, 5)
            await phone.hang_up(session)
            await stage.wait(3)
        assert stage.lines.learned == [("city", "425 200/600")]

    play_scene(play)


def test_an_open_loop_while_the_rhythm_sounds_teaches_it_too() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        for _ in range(SIGHTINGS):
            _, _, city = await answered(scene, stage)
            await rhythm(stage, city, 5)
            scene.city.tell(LoopBroken(0, 500))
            await stage.wait(3)
        assert stage.lines.learned == [("city", "425 200/600")]

    play_scene(play)


def test_a_rhythm_that_was_over_teaches_nothing() -> None:
    """Somebody's machine beeped, then people talked."""

    async def play(scene: Scene, stage: Stage) -> None:
        for _ in range(SIGHTINGS + 1):
            phone, session, city = await answered(scene, stage)
            await rhythm(stage, city, 6)
            await stage.wait(3)
            await phone.hang_up(session)
            await stage.wait(3)
        assert stage.lines.learned == []

    play_scene(play)


def test_a_line_that_shall_not_hang_up_by_busy_tone_does_not_listen() -> None:
    lines = office()["lines"]
    lines[2]["hangs_up_on"] = ["loop_break", "polarity"]

    async def play(scene: Scene, stage: Stage) -> None:
        phone, _, city = await answered(scene, stage)
        assert not city.listening.cadence
        await rhythm(stage, city, 12)
        assert not phone.heard(sip.SessionEnded)

    play_scene(play, office(lines=lines))


def test_a_rhythm_after_the_digits_is_busy_and_not_an_answer() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone = await stage.phone("2003", "192.168.1.13")
        session = await phone.call("989101234567")
        scene.audio().hear("dial")
        await stage.wait(4)
        await rhythm(stage, scene.audio(), 10)
        await stage.wait(20)
        assert phone.status_of(session) == 486 and not phone.heard(sip.SessionAnswered)

    play_scene(play)


def test_what_was_learned_is_put_in_force_without_ending_a_call() -> None:
    """The next call is ended by it at once; the one that stands goes on."""

    async def play(scene: Scene, stage: Stage) -> None:
        phone, session, city = await answered(scene, stage)
        lines = office()["lines"]
        lines[2]["busy_tone"] = "425 200/600"
        stage.configure(office(lines=lines))
        await stage.wait(1)
        assert not city.is_closed and not phone.heard(sip.SessionEnded)
        assert stage.lines.opened == ["sim:box"]
        await phone.hang_up(session)
        await stage.wait(3)
        _, _, city = await answered(scene, stage)
        learned = city.listening.tones[0]
        assert (learned.tone, learned.frequencies_hz) == ("busy", (425.0,))
        assert learned.pattern_ms == (200, 600) and learned.cycles * 0.8 - 0.6 <= 3.0
        city.hear("busy")
        await stage.settle()
        assert city.is_closed

    play_scene(play)


def test_the_doctor_measures_a_busy_tone_of_no_country() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        visit = Visit(stage, call="84951234500")
        await stage.settle()
        scene.audio().hear("dial 0")
        await stage.wait(4)
        for n in (4, 5):
            scene.audio().hear_cadence(180, 420, n * 600, 450.0)
        await stage.settle()
        assert not visit.task.done()  # a known country's busy would be known by now
        scene.audio().hear_cadence(180, 420, 3600, 450.0)
        said = await visit.task
        findings = {row["key"]: row for row in said["findings"]}
        assert findings["busy_unknown"]["params"] == {"hz": "450", "rhythm": "180/420"}
        assert "call_silent" not in findings and said["proposed"]["busy_tone"] == "450 180/420"

    play_scene(play)


def test_the_doctor_tells_what_was_seen_and_what_was_learned() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        phone, session, city = await answered(scene, stage)
        await rhythm(stage, city, 5)
        await phone.hang_up(session)
        await stage.wait(3)
        assert (await examine(scene, stage))["busy_seen"] == "warn"
        lines = office()["lines"]
        lines[2]["busy_tone"] = "425 205/600"
        stage.configure(office(lines=lines))
        await stage.wait(3)
        found = await examine(scene, stage)
        assert found["busy_learned"] == "ok" and "busy_seen" not in found

    play_scene(play)


async def examine(scene: Scene, stage: Stage) -> dict[str, str]:
    visit = Visit(stage)
    await stage.settle()
    scene.audio().hear("dial 0")
    keys = await visit.keys()
    await stage.wait(3)
    return keys
