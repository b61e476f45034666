"""A mailbox behind a city line whose modem says or hears, one at a time, end to end.

A real box, an emulated modem without +VTR on a pty, its exchange, and the caller, who speaks a
tone: what he hears is measured, and so is what the mailbox kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.interop.lines.test_modem_lines import CALLER, states, with_line
from tests.interop.phones.test_phones import phone
from tests.interop.phones.test_voicemail import files, pass_time, wait_to_be_told
from tests.kit.baresip import Baresip
from tests.kit.box import Box
from tests.kit.office import extension
from tests.kit.processes import wait_until
from tests.kit.v253_audio import (
    ALAW,
    RATE_HZ,
    Player,
    Sound,
    key_samples,
    level_at,
    level_dbm0,
)
from tests.kit.v253_line import FarState
from tests.kit.v253_modem import Modem
from tests.kit.v253_stream import Way

__all__ = ["phone"]
Phone = Callable[..., Baresip]
MakeBox = Callable[..., Box]
TONE = Sound((1000.0,), (), -12.0)
LEVEL_DBM0 = -18.0  # 6 dB are lost on the wires (kit/v253_line.py)
SPOKEN_S = 4.0
BEEP_HZ = 700.0
_BLOCK = RATE_HZ // 50
_SAYS, _HEARS = Way.TO_LINE, Way.FROM_LINE
GREETED = [_SAYS, _SAYS, _HEARS]  # words, a tone, his message


#: Of another make, which is slow, writes 8-bit linear and wants its DLE three times.
SLOW = {"has_duplex": False, "reply_ms": (250, 300)}


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[Modem]:
    """Its firmware tells of keys, broken loops and quiet, as V.253 has them."""
    reports = "Rbdsuo/~clq"
    with Modem(tmp_path / "dev", "multitech", reply_ms=(5, 200), reports=reports) as made:
        yield made


def takes_messages(make_box: MakeBox, modem: Modem) -> Box:
    document = with_line(modem, announces="voicemail", device=f"{modem.url}?duplex=no")
    document["extensions"] = [extension(2001), extension(2002, voicemail=True)]
    box = make_box(document)
    wait_until(lambda: modem.machine.is_ready, 15.0, "the modem answers", modem.tell)
    wait_until(lambda: "idle" in states(box), 15.0, "the line is there", box.log)
    return box


def greeted(box: Box, modem: Modem) -> None:
    """Somebody calls, is greeted, and hears the tone: he is listened to now."""
    modem.ring(CALLER, "IVANOV")
    modem.wait_for_state(FarState.TALKING, 15.0)
    wait_until(lambda: ways(modem) == GREETED, 25.0, "the modem hears", box.log)
    wait_until(lambda: files(box, ".*.part"), 3.0, "it is recorded", box.log)


def speak_and_hang_up(box: Box, modem: Modem, clue: str, count: int = 1) -> None:
    """He speaks for two seconds and goes; so many messages are kept by then."""
    modem.line.far_end.speaks(TONE, repeats=True)
    pass_time(2.0)
    modem.line.far_end.hang_up(clue)
    modem.wait_for_hook(False, 10.0)
    wait_until(lambda: len(files(box)) == count, 5.0, f"{count} are kept", box.log)


def ways(modem: Modem) -> list[Way]:
    with modem.lock:
        return [stream.way for stream in modem.machine.past_streams]


def blocks_of(samples: list[int]) -> list[list[int]]:
    return [samples[at : at + _BLOCK] for at in range(0, len(samples) - _BLOCK + 1, _BLOCK)]


def kept(box: Box) -> list[int]:
    """The samples of the one message."""
    (path,) = files(box)
    content = path.read_bytes()
    assert content[20:22] == b"\x06\0"  # A-law
    return ALAW.to_samples(content[content.index(b"data") + 8 :])


def tone_in(samples: list[int]) -> tuple[float, float]:
    """How long the tone is from its first to its last block, and its level there: no block between
    them is less."""
    levels = [level_at(block, 1000.0) for block in blocks_of(samples)]
    there = [at for at, level in enumerate(levels) if level > LEVEL_DBM0 - 3.0]
    inside = levels[there[0] + 1 : there[-1]]  # it may begin and end in the middle of one
    assert min(inside) > LEVEL_DBM0 - 1.5 and max(inside) < LEVEL_DBM0 + 1.5, inside
    whole = samples[(there[0] + 1) * _BLOCK : there[-1] * _BLOCK]
    return len(there) / 50, level_at(whole, 1000.0)


@pytest.mark.parametrize("clue", ["busy", "loop"])
def test_a_message_is_left_and_the_caller_hangs_up(
    make_box: MakeBox, phone: Phone, modem: Modem, clue: str
) -> None:
    box = takes_messages(make_box, modem)
    owner = phone(box, "2002", watches_messages=True)
    greeted(box, modem)
    heard = modem.line.far_end.hears()
    spoken = [block for block in blocks_of(heard) if level_dbm0(block) > -45.0]
    last = spoken[-25:]  # half a second of sound
    beep = [block for block in last if level_at(block, BEEP_HZ) > level_dbm0(block) - 1.0]
    print(f"he heard {len(spoken) / 50:.1f} s of sound, and {len(beep) / 50:.2f} s of the tone")
    assert len(spoken) / 50 > 5.0 and len(beep) >= 15

    modem.line.far_end.speaks(TONE, repeats=True)
    pass_time(SPOKEN_S)
    began = time.monotonic()
    modem.line.far_end.hang_up(clue)
    modem.wait_for_hook(False, 10.0)
    print(f"the line was free {time.monotonic() - began:.1f} s after the caller was gone")

    wait_until(lambda: files(box), 5.0, "the message is kept", box.log)
    seconds, level = tone_in(kept(box))
    print(f"the message has {seconds:.2f} s of the tone at {level:.2f} dBm0")
    assert seconds == pytest.approx(SPOKEN_S, abs=0.3)
    assert level == pytest.approx(LEVEL_DBM0, abs=1.5)
    wait_to_be_told(owner, "0/0", "1/0")

    (row,) = box.wait_for_journal(1)
    assert (row["answered_by"], row["number"]) == ("voicemail 2002", "2002")
    assert row["cause"] == "normal" and "4951234567" in str(row["caller"])
    assert row["reasons"][-1]["key"] == "did.voicemail"
    assert not [event for event in owner.events() if event["type"] == "CALL_INCOMING"]
    assert ways(modem) == GREETED and modem.machine.violations == []


@pytest.mark.parametrize("who", ["core", "chip"])
def test_a_key_ends_the_message_and_the_caller_hears_that_it_is_kept(
    make_box: MakeBox, modem: Modem, who: str
) -> None:
    """The key's sound is found by the box itself; or the chip tells it, as far as chips do."""
    leave_with_a_key(make_box, modem, who)


def test_a_modem_that_turns_slowly_is_waited_for(make_box: MakeBox, tmp_path: Path) -> None:
    with Modem(tmp_path / "dev", "cx93010_pcm", **SLOW) as modem:
        leave_with_a_key(make_box, modem, "core")


def leave_with_a_key(make_box: MakeBox, modem: Modem, who: str) -> None:
    box = takes_messages(make_box, modem)
    greeted(box, modem)
    said = Player(TONE).take(round(SPOKEN_S * RATE_HZ))
    modem.line.far_end.speaks(said + (key_samples("#", 100) if who == "core" else []))
    pass_time(SPOKEN_S)
    with modem.lock:
        modem.line.far_end.forget()
        if who == "chip":
            modem.machine.keys_heard("#")
    modem.wait_for_hook(False, 20.0)
    heard = modem.line.far_end.hears()
    spoken_s = sum(level_dbm0(block) > -45.0 for block in blocks_of(heard)) / 50
    print(f"he heard {spoken_s:.1f} s of words after the key")
    assert spoken_s > 1.5
    assert ways(modem) == [*GREETED, _SAYS, _SAYS] and modem.machine.violations == []
    seconds, level = tone_in(kept(box))
    assert seconds == pytest.approx(SPOKEN_S, abs=0.3)
    assert level == pytest.approx(LEVEL_DBM0, abs=1.5)
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "normal"


def test_a_key_skips_the_greeting(make_box: MakeBox, modem: Modem) -> None:
    """As far as the chip tells of keys while words are said."""
    box = takes_messages(make_box, modem)
    modem.ring(CALLER)
    modem.wait_for_state(FarState.TALKING, 15.0)
    pass_time(1.5)
    with modem.lock:
        modem.machine.keys_heard("1")
    began = time.monotonic()
    wait_until(lambda: ways(modem) == GREETED, 25.0, "the modem hears", box.log)
    took_s = time.monotonic() - began
    print(f"listened to {took_s:.1f} s after the key")
    assert took_s < 4.0, "the greeting has more than 7 s"
    speak_and_hang_up(box, modem, "busy")
    assert tone_in(kept(box))[0] == pytest.approx(2.0, abs=0.4)
    assert modem.machine.violations == []


def test_a_line_takes_one_message_after_the_other(make_box: MakeBox, modem: Modem) -> None:
    """Whoever hangs up in the greeting leaves nothing, and the line is free for the next."""
    box = takes_messages(make_box, modem)
    modem.ring(CALLER)
    modem.wait_for_state(FarState.TALKING, 15.0)
    pass_time(1.0)
    modem.line.far_end.hang_up("loop")
    modem.wait_for_hook(False, 10.0)
    box.wait_for_journal(1)
    for count in (1, 2):
        with modem.lock:
            modem.machine.past_streams.clear()
        wait_until(lambda: "idle" in states(box), 10.0, "the line is free", box.log)
        greeted(box, modem)
        speak_and_hang_up(box, modem, "loop", count)
    assert modem.machine.violations == []


def test_a_box_that_is_stopped_keeps_what_was_said_and_leaves_the_line_on_hook(
    make_box: MakeBox, modem: Modem
) -> None:
    box = takes_messages(make_box, modem)
    greeted(box, modem)
    modem.line.far_end.speaks(TONE, repeats=True)
    pass_time(2.0)
    assert box.stop() == 0
    modem.wait_for_hook(False, 1.0)
    assert modem.machine.stream is None and modem.machine.violations == []
    seconds, _ = tone_in(kept(box))
    assert seconds == pytest.approx(2.0, abs=0.4)


def test_a_modem_that_gives_no_sound_any_more_frees_the_line(
    make_box: MakeBox, modem: Modem
) -> None:
    box = takes_messages(make_box, modem)
    greeted(box, modem)
    modem.line.far_end.speaks(TONE, repeats=True)
    pass_time(2.0)
    modem.machine.is_mute = True
    modem.wait_for_hook(False, 10.0)
    wait_until(lambda: files(box), 5.0, "what was said is kept", box.log)
    seconds, _ = tone_in(kept(box))
    assert seconds == pytest.approx(2.0, abs=0.3)
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "media_lost"
