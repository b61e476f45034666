"""A device that says or hears, one at a time: what is asked keeps its order, nobody is bridged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from appliance.errors import LocalProtocolError
from appliance.legs.lines.one_way_stream import OneWayStream, OneWayTools, in_encoding
from appliance.media.api import KeyPressed, LineEnded, Listening, PlayEnded
from appliance.rtp.g711 import Law
from drivers.api import AudioDescriptor, Capabilities, Encoding, PortKind
from tests.drivers.modem_v253.stage import pause
from tests.kit.lines import LineRoom, ScriptedPort, StageLine
from tests.kit.virtual_loop import run_virtually

WORDS, MORE = b"\x55" * 800, b"\x56" * 400
_TURN_S = 0.3
_SAID_S = len(WORDS) / 8000


class Stand:
    """A stream with its scripted port; done: what the port and its audio had to do, in order."""

    def __init__(self, **can: Any) -> None:
        able = {"duplex": False, "announces": Encoding.ALAW, "records": True} | can
        self.port = ScriptedPort(0, PortKind.FXO, Capabilities(**able))
        self.port.took_s = {"open_audio": _TURN_S, "close_audio": _TURN_S}
        self.room = LineRoom()
        self.told: list[Any] = []
        tools = OneWayTools(self.told.append, self._open, self._close)
        self.stream = OneWayStream(self.port, Encoding.ALAW, tools)

    @property
    def done(self) -> list[str]:
        return [done.split()[0] for done in self.port.done]

    @property
    def ear(self) -> StageLine:
        return self.room.lines[-1]

    async def _open(self) -> StageLine:
        await self.port.open_audio()
        return self.room.open_line(AudioDescriptor(Encoding.ALAW, is_receive_only=True))

    async def _close(self, ear: Any) -> None:
        ear.close()
        self.port.done.append("let_go")
        await self.port.close_audio(b"")

    def say(self) -> None:
        self.stream.play(WORDS, payload_type=8, repeats=False)


def play(scene: Callable[[Stand], Awaitable[None]], **can: Any) -> None:
    async def main() -> None:
        stand = Stand(**can)
        await scene(stand)
        await stand.stream.end()
        assert all(line.is_closed for line in stand.room.lines)

    run_virtually(main())


def test_a_recording_is_written_as_the_device_wants_it() -> None:
    """0xD5 and 0xFF are silence of A-law and µ-law, 0x80 of 8-bit linear (drivers.api.Encoding)."""
    assert in_encoding(b"\xd5\x55", Law.PCMA, Encoding.ALAW) == b"\xd5\x55"
    assert in_encoding(b"\xff\x7f", Law.PCMU, Encoding.ALAW) == b"\xd5\xd5"
    assert in_encoding(b"\xaa\x2a", Law.PCMA, Encoding.U8) == b"\xfe\x02"
    assert in_encoding(b"\xff", Law.PCMU, Encoding.U8) == b"\x80"
    assert in_encoding(b"\xd5", Law.PCMA, Encoding.ULAW) == b"\xfe"
    assert in_encoding(b"\xff", Law.PCMU, Encoding.S16LE) == b"\0\0"


def test_it_is_connected_to_nobody() -> None:
    one, other = Stand(), Stand()
    assert one.stream.number < 0 and one.stream.number != other.stream.number  # never the core's
    with pytest.raises(LocalProtocolError):
        one.stream.connect(other)
    assert one.stream.close() == b"" and one.told == []


def test_a_device_that_hears_nobody_is_not_recorded() -> None:
    stand = Stand(records=False)
    assert not stand.stream.can_record
    with pytest.raises(LocalProtocolError):
        stand.stream.record()
    stand.stream.stop_recording()
    assert stand.stream.take_recorded() == b"" and stand.done == []


def test_what_is_asked_at_once_is_done_in_its_order() -> None:
    """Two words, a recording, another word: each waits until the device has turned."""

    async def scene(s: Stand) -> None:
        s.say()
        s.stream.record()
        await pause(_SAID_S + _TURN_S + 0.05)
        assert s.done == ["announce", "open_audio"] and s.told == [PlayEnded(s.stream.number)]
        s.ear.speak_words(WORDS)
        assert s.stream.take_recorded() == WORDS
        s.ear.speak_words(MORE)
        s.say()
        await pause(_TURN_S + _SAID_S + 0.05)
        assert s.done[2:] == ["let_go", "close_audio", "announce"]
        assert s.told == [PlayEnded(s.stream.number)] * 2
        assert s.stream.take_recorded() == MORE and s.stream.take_recorded() == b""

    play(scene)


def test_a_recording_that_is_asked_for_before_words_ended_another_is_one_of_its_own() -> None:
    async def scene(s: Stand) -> None:
        s.stream.record()
        await pause(_TURN_S + 0.05)
        s.ear.speak_words(WORDS)
        s.say()
        s.stream.record()
        await pause(2 * _TURN_S + _SAID_S + 0.05)
        assert s.done == ["open_audio", "let_go", "close_audio", "announce", "open_audio"]
        s.ear.speak_words(MORE)
        assert s.stream.take_recorded() == MORE

    play(scene)


def test_a_recording_that_is_stopped_gives_its_rest_at_once() -> None:
    async def scene(s: Stand) -> None:
        s.stream.record()
        await pause(_TURN_S + 0.05)
        s.ear.speak_words(WORDS)
        s.stream.stop_recording()
        s.ear.speak_words(MORE)
        assert s.stream.take_recorded() == WORDS
        await pause(_TURN_S + 0.05)
        assert s.done == ["open_audio", "let_go", "close_audio"] and s.stream.take_recorded() == b""
        s.stream.record()
        await pause(_TURN_S + 0.05)
        assert s.done[3:] == ["open_audio"] and len(s.room.lines) == 2

    play(scene)


def test_a_recording_that_is_stopped_while_the_device_turns_keeps_nothing() -> None:
    async def scene(s: Stand) -> None:
        s.stream.record()
        await pause(_TURN_S / 2)
        s.stream.stop_recording()
        await pause(2 * _TURN_S)
        assert s.done == ["open_audio", "let_go", "close_audio"]
        assert s.stream.take_recorded() == b"" and not s.ear.is_recording

    play(scene)


def test_a_recording_that_is_stopped_before_the_device_turns_does_not_turn_it() -> None:
    async def scene(s: Stand) -> None:
        s.say()
        s.stream.record()
        s.stream.stop_recording()
        await pause(1)
        assert s.done == ["announce"]

    play(scene)


def test_words_that_others_replace_are_not_said() -> None:
    async def scene(s: Stand) -> None:
        s.say()
        await pause(0.01)
        s.say()
        s.say()
        await pause(3 * _SAID_S)
        assert s.done == ["announce"] * 2  # the first one, which the device has, and the last
        assert s.told == [PlayEnded(s.stream.number)]

    play(scene)


def test_words_that_are_cut_short_leave_the_line_to_the_next() -> None:
    async def scene(s: Stand) -> None:
        s.stream.play(WORDS * 100, payload_type=8, repeats=False)
        s.say()
        await pause(0.01)
        s.stream.stop_playing()
        s.say()
        await pause(_SAID_S + 0.05)
        assert s.done == ["announce"] * 2 and s.told == [PlayEnded(s.stream.number)]

    play(scene)


@pytest.mark.parametrize("after_s", [0.0, _TURN_S / 2, _TURN_S + 0.1])
def test_whoever_hangs_up_leaves_nothing_open(after_s: float) -> None:
    """Before the device turns, while it does, and while it hears: its words are not lost."""

    async def scene(s: Stand) -> None:
        s.stream.record()
        await pause(after_s)
        is_heard = bool(s.room.lines)
        if is_heard:
            s.ear.speak_words(WORDS)
        s.stream.disconnect()
        s.stream.stop_recording()
        assert s.stream.take_recorded() == (WORDS if is_heard else b"")
        await s.stream.end()
        assert s.done.count("let_go") == len(s.room.lines)
        s.say()
        s.stream.record()
        await pause(1)
        assert "announce" not in s.done and s.done.count("open_audio") <= 1

    play(scene)


@pytest.mark.parametrize("command", ["announce", "open_audio"])
def test_a_device_that_does_not_turn_ends_the_call(command: str) -> None:
    async def scene(s: Stand) -> None:
        s.port.fails[command] = "line.unsupported"
        s.say() if command == "announce" else s.stream.record()
        s.stream.record()
        await pause(1)
        (ended,) = s.told
        assert isinstance(ended, LineEnded) and ended.error
        assert s.done == [command]  # what was asked after it is not tried

    play(scene)


def test_words_that_a_hang_up_cut_short_are_no_failure() -> None:
    async def scene(s: Stand) -> None:
        s.port.fails["announce"] = "line.aborted"
        s.say()
        await pause(1)
        assert s.told == []

    play(scene)


def test_what_is_listened_for_goes_to_each_ear() -> None:
    async def scene(s: Stand) -> None:
        first, second = Listening(keys=True), Listening(silence_s=60)
        s.stream.listen(first)
        s.stream.record()
        await pause(_TURN_S + 0.05)
        assert s.ear.listening == first
        s.stream.listen(second)
        assert s.ear.listening == second

    play(scene)


def test_a_key_that_core_and_device_tell_counts_once() -> None:
    async def scene(s: Stand) -> None:
        s.stream.press("5")  # the device, as it begins
        await pause(0.1)
        s.stream.press("5", 120)  # the core, when it is over
        await pause(0.5)
        s.stream.press("5", 80)  # another press, which the device did not know
        await pause(0.1)
        s.stream.press("5")  # a slow word of the device for it
        await pause(0.5)
        s.stream.press("5")
        s.stream.press("6")
        digits = [(event.digit, event.stream) for event in s.told if isinstance(event, KeyPressed)]
        assert digits == [(digit, s.stream.number) for digit in "5556"]

    play(scene)
