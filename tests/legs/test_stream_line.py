"""Tests of appliance/legs/app.py: an app's line is let go while it plays."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from appliance.errors import MediaError
from appliance.legs.app import StreamLine
from appliance.media.sounds import Sounds
from appliance.sdp.negotiate import default_offer
from tests.kit.stage import StagePlane, StageStream
from tests.kit.virtual_loop import elapse, run_virtually


class _Stream(StageStream):
    """Knows nothing of itself once it is closed, as the core's streams."""

    silenced = 0

    def close(self) -> None:
        self.is_closed = True

    def stop_playing(self) -> None:
        if self.is_closed:
            raise MediaError("media.no_such_stream")
        self.silenced += 1


async def _cancel_during_a_tone(stream: _Stream, *, is_released: bool) -> object:
    """What the app's task ended with."""
    line = StreamLine(stream, default_offer(), Sounds("ru", "RU"))
    task = asyncio.ensure_future(line.tone("busy", 30.0))
    await asyncio.sleep(0)
    task.cancel()
    if is_released:
        line.let_go()
        stream.close()
    return (await asyncio.gather(task, return_exceptions=True))[0]


def test_a_line_that_was_let_go_is_not_silenced_once_more() -> None:
    async def main() -> None:
        stream = _Stream(StagePlane(), 1, "127.0.0.1")
        ended = await _cancel_during_a_tone(stream, is_released=True)
        assert isinstance(ended, asyncio.CancelledError)
        assert stream.silenced == 0

    run_virtually(main())


def test_a_line_that_is_held_falls_silent() -> None:
    async def main() -> None:
        stream = _Stream(StagePlane(), 1, "127.0.0.1")
        ended = await _cancel_during_a_tone(stream, is_released=False)
        assert isinstance(ended, asyncio.CancelledError)
        assert stream.silenced == 1

    run_virtually(main())


class _Ear(_Stream):
    """Keeps what is played to it."""

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        self.payload = payload
        super().play(payload, payload_type=payload_type, repeats=repeats)


def _play(sound: bytes, codec: str = "PCMA", *, key_after_s: float = 0.0) -> tuple[str, _Ear]:
    """(the key that ended it, the stream) of a recording that was played."""

    found: list[tuple[str, _Ear]] = []

    async def main() -> None:
        plane = StagePlane()
        ear = _Ear(plane, 1, "127.0.0.1")
        offer = default_offer()
        codecs = tuple(c for c in offer.codecs if c.name.upper() == codec)
        line = StreamLine(ear, replace(offer, codecs=codecs), Sounds("ru", "RU"))
        plane.tell = lambda event: line.on_play_ended()
        if key_after_s:
            asyncio.get_running_loop().call_later(key_after_s, line.on_key, "5")
        began = asyncio.get_running_loop().time()
        key = await line.play(sound)
        took_s = asyncio.get_running_loop().time() - began
        assert took_s == pytest.approx(key_after_s or len(ear.payload) / 8000, abs=0.05)
        found.append((key, ear))

    run_virtually(main())
    return found[0]


def test_a_recording_is_played_in_whole_frames() -> None:
    sound = bytes(range(256)) * 33
    key, ear = _play(sound)
    assert (key, ear.silenced) == ("", 0)
    assert ear.payload.startswith(sound) and len(ear.payload) == 53 * 160
    assert set(ear.payload[len(sound) :]) == {0xD5}


def test_a_recording_is_put_into_what_the_party_understands() -> None:
    _, ear = _play(b"\xd5" * 1600, "PCMU")
    assert set(ear.payload) <= {0xFF, 0x7F, 0xFE} and len(ear.payload) == 1600


def test_a_key_ends_a_recording() -> None:
    key, ear = _play(b"\x55" * 80_000, key_after_s=1.0)
    assert (key, ear.silenced) == ("5", 1)


def test_a_key_that_waits_is_taken_before_a_recording() -> None:
    async def main() -> None:
        ear = _Ear(StagePlane(), 1, "127.0.0.1")
        line = StreamLine(ear, default_offer(), Sounds("ru", "RU"))
        line.on_key("7")
        assert await line.play(b"\x55" * 8000) == "7"
        assert ear.played == []


@pytest.mark.parametrize("after_s", [0.0, 0.4])
def test_a_key_cuts_a_question_short_and_is_there_to_be_read(after_s: float) -> None:
    async def main() -> None:
        ear = _Ear(plane := StagePlane(), 1, "127.0.0.1")
        line = _line_over(ear)
        plane.tell = lambda event: line.on_play_ended()
        loop = asyncio.get_running_loop()
        if after_s:
            loop.call_later(after_s, line.on_key, "7")
        else:
            line.on_key("7")
        began = loop.time()
        await line.say("voicemail_delete", until_key=True)
        await line.say("voicemail_next", until_key=True)
        assert loop.time() - began == pytest.approx(after_s, abs=0.01)
        assert (ear.silenced, len(ear.played)) == ((1, 1) if after_s else (0, 0))
        assert await line.digit(0) == "7"
        assert await line.digit(0) == ""

    run_virtually(main())


def test_no_key_cuts_an_announcement_short() -> None:
    async def main() -> None:
        ear = _Ear(plane := StagePlane(), 1, "127.0.0.1")
        line = _line_over(ear)
        plane.tell = lambda event: line.on_play_ended()
        line.on_key("7")
        began = asyncio.get_running_loop().time()
        await line.say("goodbye")
        took_s = asyncio.get_running_loop().time() - began
        assert took_s == pytest.approx(len(ear.payload) / 8000, abs=0.05) and ear.silenced == 0

    run_virtually(main())


def _line_over(stream: StageStream) -> StreamLine:
    return StreamLine(stream, default_offer(), Sounds("ru", "RU"))


def test_what_the_party_says_is_the_apps() -> None:
    async def main() -> None:
        stream = StageStream(StagePlane(), 1, "127.0.0.1")
        line = _line_over(stream)
        stream.speak_words(b"before")
        assert line.can_record and line.recorded() == b""
        line.record()
        stream.speak_words(b"hello")
        assert (line.recorded(), line.recorded()) == (b"hello", b"")
        stream.speak_words(b", bye")
        line.stop_recording()
        stream.speak_words(b"after")
        assert line.recorded() == b", bye"

    run_virtually(main())


def test_whoever_hangs_up_loses_none_of_his_words() -> None:
    """The stream is closed by then."""

    async def main() -> None:
        stream = StageStream(plane := StagePlane(), 1, "127.0.0.1")
        plane.streams.append(stream)
        line = _line_over(stream)
        line.record()
        stream.speak_words(b"to the very end")
        line.let_go()
        stream.close()
        line.record()
        line.stop_recording()
        assert not stream.is_recording, "a closed stream is asked nothing"
        assert (line.recorded(), line.recorded()) == (b"to the very end", b"")

    run_virtually(main())


def test_an_app_that_records_nothing_asks_nothing() -> None:
    async def main() -> None:
        stream = StageStream(StagePlane(), 1, "127.0.0.1")
        stream.is_recording = True  # somebody else's
        line = _line_over(stream)
        line.let_go()
        assert stream.is_recording and line.recorded() == b""

    run_virtually(main())


def test_a_line_without_duplex_cannot_be_recorded() -> None:
    async def main() -> None:
        stream = StageStream(StagePlane(), 1, "127.0.0.1")
        stream.can_record = False
        assert not _line_over(stream).can_record

    run_virtually(main())


def test_a_key_in_the_turn_in_which_the_call_ends_does_not_keep_the_app_alive() -> None:
    async def main() -> None:
        line = StreamLine(
            _Stream(StagePlane(), 1, "127.0.0.1"), default_offer(), Sounds("ru", "RU")
        )
        task = asyncio.ensure_future(line.digit(30.0))
        await elapse(1)
        line.on_key("5")
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError)

    run_virtually(main())
