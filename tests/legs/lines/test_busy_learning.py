"""What a line learns of its busy tone: judged by what stood when calls ended."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from appliance.config.busy_tone import BusyTone, parse_busy_tone
from appliance.config.codec import decode
from appliance.config.store import ConfigStore
from appliance.legs.lines.busy_learning import BusyLearning, Standing, tone_of, watch_for
from appliance.lines.learning import LineLearning, with_busy_tone
from appliance.media.api import CadenceHeard, Listening, ToneHeard
from appliance.media.signals import Detectors
from appliance.store.sightings import SightingStore
from appliance.store.writer import StateWriter
from tests.kit import line_signals as signals

TONE = BusyTone((425,), 200, 600)


def cadence(on_ms: int = 200, off_ms: int = 600, lasted_ms: int = 3200) -> CadenceHeard:
    return CadenceHeard(1, (424.2,), on_ms, off_ms, -20.0, lasted_ms)


@pytest.mark.parametrize(
    "text", ["425 200/600", "480+620 250/250", "400 1000/75", "400 400/350 225/525"]
)
def test_a_setting_is_read_and_written_alike(text: str) -> None:
    assert str(parse_busy_tone(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "425",
        "425 200",
        "425 200/60",
        "299 200/600",
        "425 200/1001",
        "a 1/2",
        "1e3 99/99",
        "400 400/350 225",
        "400 400/350 225/60",
    ],
)
def test_what_is_no_tone_is_none(text: str) -> None:
    assert parse_busy_tone(text) is None


def test_measurements_of_one_tone_are_alike_and_others_are_not() -> None:
    assert TONE.is_like(BusyTone((430,), 210, 590))
    assert not TONE.is_like(BusyTone((425,), 240, 600))
    assert not TONE.is_like(BusyTone((450,), 200, 600))
    assert not TONE.is_like(BusyTone((425, 480), 200, 600))


def test_two_sounds_in_turn_are_one_tone_wherever_it_began() -> None:
    tone = BusyTone((400,), 400, 350, 225, 525)
    assert tone.is_like(BusyTone((400,), 220, 530, 405, 345))
    assert not tone.is_like(BusyTone((400,), 400, 350))
    assert not tone.is_like(BusyTone((400,), 400, 525, 225, 350))
    heard = CadenceHeard(1, (400.4,), 226, 524, -20.0, 4500, 399, 351)
    assert tone_of(heard) == tone
    standing = Standing()
    standing.hear(heard, 10.0)
    assert standing.tone(11.9) == tone and standing.tone(12.1) is None


def test_what_stands_is_what_was_told_within_its_last_period() -> None:
    standing = Standing()
    assert standing.tone(0.0) is None
    assert not standing.hear(cadence(), 10.0)
    assert standing.tone(11.0) == TONE and standing.tone(11.4) is None
    assert not standing.hear(cadence(lasted_ms=7900), 20.0)
    assert standing.hear(cadence(lasted_ms=8000), 20.8)


def test_the_second_ending_teaches_and_what_is_known_does_not() -> None:
    line = BusyLearning()
    assert line.ended_by(TONE, None) is None and line.times == 1
    assert line.ended_by(BusyTone((425,), 400, 200), None) is None  # another: counted anew
    assert line.ended_by(TONE, None) is None
    again = BusyTone((425,), 205, 595)
    assert line.ended_by(again, None) == again
    assert line.ended_by(TONE, again) is None
    other = BusyTone((450,), 300, 700)
    assert line.ended_by(other, TONE) is None and line.ended_by(other, TONE) == other


@pytest.mark.parametrize(
    ("hz", "on_ms", "off_ms"),
    [((425,), 200, 600), ((425,), 150, 150), ((480, 620), 300, 200), ((400,), 450, 450)],
)
def test_a_learned_tone_is_busy_within_three_seconds(
    hz: tuple[float, ...], on_ms: int, off_ms: int
) -> None:
    """Measured from the sound itself, then listened for as any country's."""
    learn_and_hear(hz, (on_ms, off_ms))


@pytest.mark.parametrize("lengths", [(400, 350, 225, 525), (225, 525, 400, 350)])
def test_two_sounds_in_turn_are_learned_alike(lengths: tuple[int, ...]) -> None:
    """The UK's congestion tone, wherever it begins; the longer sound's turn comes in 0.75 s."""
    learn_and_hear((400,), lengths, at_most_s=3.0 + 0.75)


def learn_and_hear(hz: tuple[float, ...], lengths: tuple[int, ...], at_most_s: float = 3.0) -> None:
    once: list[float] = []
    for on_ms, off_ms in zip(lengths[::2], lengths[1::2], strict=True):
        once += [*signals.chord(hz, on_ms, -18.0), *signals.silence(off_ms)]
    sound = signals.octets(
        signals.Noise().under([*signals.silence(300), *(once * 14), *signals.silence(9)], -40.0)
    )
    told = [t.event for t in Detectors(Listening(cadence=True)).feed(sound)]
    measured = [event for event in told if isinstance(event, CadenceHeard)]
    watch = watch_for(tone_of(measured[0]))
    found = [
        t
        for t in Detectors(Listening(tones=(watch,))).feed(sound)
        if isinstance(t.event, ToneHeard)
    ]
    at_s = found[0].at_s - 0.3
    print(f"{hz} Hz {lengths}: measured {tone_of(measured[0])}, busy {at_s:.2f} s")
    assert found[0].event.tone == "busy" and at_s <= at_most_s


def test_what_is_learned_stands_in_the_settings(tmp_path: Path) -> None:
    config = tmp_path / "config.db"
    row = {"name": "city", "kind": "fxo", "device": "sim:a"}
    document = decode({"lines": [row, row | {"name": "other", "port": 1}]}).document
    assert document is not None
    store = ConfigStore(config)
    store.save(document, store.load()[0], "test")
    reloaded: list[int | None] = []

    async def reload(revision: int | None) -> int:
        reloaded.append(revision)
        return revision or 0

    async def main() -> None:
        tasks: list[object] = []
        seen = SightingStore(StateWriter(tmp_path / "state.db"))
        LineLearning(config, seen, reload, tasks.append).learn("city", TONE)
        await tasks[0]  # type: ignore[misc]

    asyncio.run(main())
    revision, kept = store.load()
    assert [line.busy_tone for line in kept.lines] == ["425 200/600", ""]
    assert reloaded == [revision]
    store.close()


def test_a_line_that_is_gone_learns_nothing() -> None:
    document = decode({}).document
    assert document is not None and with_busy_tone(document, "city", TONE) == document


def test_what_was_seen_once_outlives_a_restart(tmp_path: Path) -> None:
    two = BusyTone((400,), 400, 350, 225, 525)

    async def run(work: object) -> BusyTone | None:
        """One life of the box."""
        state = StateWriter(tmp_path / "state.db")
        box = LineLearning(tmp_path / "config.db", SightingStore(state), None, None)  # type: ignore[arg-type]
        await box.restore()
        found = work(box)  # type: ignore[operator]
        state.close()
        return found  # type: ignore[no-any-return]

    def end(line: str, tone: BusyTone) -> object:
        def work(box: LineLearning) -> BusyTone | None:
            found = box.of(line).ended_by(tone, None)
            box.saw(line)
            return found

        return work

    assert asyncio.run(run(end("city", TONE))) is None
    assert asyncio.run(run(end("other", two))) is None
    assert asyncio.run(run(lambda box: box.of("city").seen)) == TONE
    assert asyncio.run(run(end("other", two))) == two
    assert asyncio.run(run(end("city", TONE))) == TONE


def test_a_row_that_makes_no_sense_was_never_seen(tmp_path: Path) -> None:
    async def main() -> None:
        state = StateWriter(tmp_path / "state.db")
        store = SightingStore(state)
        store.put("city", "425 Hz", 1)
        box = LineLearning(tmp_path / "config.db", store, None, None)  # type: ignore[arg-type]
        await box.restore()
        assert box.of("city").seen is None
        state.close()

    asyncio.run(main())
