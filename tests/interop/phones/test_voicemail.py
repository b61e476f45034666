"""A message from a phone that nobody here wrote to another: left, told, listened to, deleted."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.kit.baresip import Baresip
from tests.kit.box import Box
from tests.kit.linphone import Linphone, LinphoneOptions
from tests.kit.office import extension, office, secret_of
from tests.kit.processes import wait_until
from tests.kit.tone import Sound, from_alaw

MakeBox = Callable[..., Box]
Phone = Callable[..., Baresip]
TONE_HZ = 1000.0
SPOKEN_S = 4.0
_GREETING_S = 15.0


def with_mailbox(**fields: Any) -> dict[str, Any]:
    owner = extension(2002, voicemail=True, voicemail_after_s=5, **fields)
    return office([2001, owner, 2003])


def files(box: Box, pattern: str = "*.wav") -> list[Path]:
    return sorted((box.data / "voicemail" / "2002").glob(pattern))


def wait_to_be_told(owner: Baresip, *counts: str) -> None:
    """Every NOTIFY so far, as new/old."""

    def told() -> list[str]:
        notified = [e["param"] for e in owner.events() if e["type"] == "MWI_NOTIFY"]
        return [text.rpartition("Voice-Message: ")[2].strip() for text in notified]

    wait_until(lambda: told() == list(counts), 5, f"{counts} are told", lambda: str(told()))


def pass_time(seconds: float) -> None:
    """Somebody speaks for so long."""
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began >= seconds, seconds + 5, "time passes")


def tone_of(phone: Baresip) -> tuple[float, float]:
    """How long a phone has heard the clean tone, and at which level."""
    sound = phone.heard()
    parts = [sound.part(n / 10, (n + 1) / 10) for n in range(int(sound.seconds * 10))]
    clean = [part.level_dbfs() for part in parts if part.share_of(TONE_HZ) > 0.95]
    return len(clean) / 10, median(clean or [-120.0])


def leave(box: Box, caller: Baresip, seconds: float = SPOKEN_S) -> None:
    """Call, hear the greeting, speak for so long, and hang up."""
    before = len(files(box))
    caller.dial("2002")
    wait_until(lambda: files(box, ".*.part"), _GREETING_S + 8, "it is recorded", box.log)
    pass_time(seconds)
    caller.hang_up()
    wait_until(lambda: len(files(box)) > before, 5, "the message is kept", box.log)


def as_sound(path: Path) -> Sound:
    content = path.read_bytes()
    assert content[20:22] == b"\x06\0"  # A-law
    return from_alaw(content[content.index(b"data") + 8 :])


def test_a_call_that_is_declined_reaches_the_mailbox(
    make_box: MakeBox, phone: Phone, tmp_path: Path
) -> None:
    box = make_box(with_mailbox())
    caller = phone(box, "2001", tone_hz=TONE_HZ)
    with Linphone(tmp_path, LinphoneOptions()) as owner:
        owner.register("2002", secret_of("2002"), f"127.0.0.1:{box.sip_port}")
        caller.dial("2002")
        owner.decline()
        wait_until(lambda: files(box, ".*.part"), _GREETING_S + 4, "it is recorded", box.log)
        pass_time(2.0)
        caller.hang_up()
    (row,) = box.wait_for_journal(1)
    assert row["answered_by"] == "voicemail 2002"
    assert row["reasons"][-1]["key"] == "voicemail.refused"
    (path,) = files(box)
    assert as_sound(path).heard().is_tone(TONE_HZ)


@pytest.mark.parametrize("codec", ["pcma", "pcmu"])
def test_a_message_is_left_told_played_and_deleted(
    make_box: MakeBox, phone: Phone, codec: str
) -> None:
    box = make_box(with_mailbox())
    caller = phone(box, "2001", tone_hz=TONE_HZ, codecs=codec)
    owner = phone(box, "2002", watches_messages=True, codecs=codec)
    leave(box, caller)

    greeting = caller.heard()
    assert greeting.heard().duration_ms > 7000  # words and a tone, heard whole
    (path,) = files(box)
    left = as_sound(path).heard()
    assert left.is_tone(TONE_HZ)
    assert left.duration_ms / 1000 == pytest.approx(SPOKEN_S, abs=0.2)
    assert left.level_dbfs == pytest.approx(-12, abs=1.0)
    assert left.gaps_ms == ()

    (row,) = box.wait_for_journal(1)
    assert (row["answered_by"], row["number"]) == ("voicemail 2002", "2002")
    keys = [reason["key"] for reason in row["reasons"]]
    assert keys[-1] == "voicemail.no_answer" and "voicemail.if_unanswered" in keys

    wait_to_be_told(owner, "0/0", "1/0")

    before = len(owner.events())
    owner.dial("*97")
    whole_s = left.duration_ms / 1000
    wait_until(lambda: tone_of(owner)[0] >= whole_s - 0.3, 25, "it is played", owner.tell)
    played_s, level_dbfs = tone_of(owner)
    assert played_s == pytest.approx(whole_s, abs=0.35)  # whole tenths are counted
    assert level_dbfs == pytest.approx(left.level_dbfs, abs=1.0)
    wait_to_be_told(owner, "0/0", "1/0", "0/1")
    owner.send_dtmf("7")  # in the middle of what is asked
    wait_until(lambda: not files(box), 10, "it is deleted", box.log)
    owner.wait_for_event("CALL_CLOSED", 15, after=before)
    wait_to_be_told(owner, "0/0", "1/0", "0/1", "0/0")


def test_a_power_cut_leaves_what_was_said_until_then(make_box: MakeBox, phone: Phone) -> None:
    box = make_box(with_mailbox())
    phone(box, "2001", tone_hz=TONE_HZ).dial("2002")  # 2002 has no phone
    wait_until(lambda: files(box, ".*.part"), _GREETING_S, "it is recorded", box.log)
    pass_time(SPOKEN_S)
    box.kill()
    assert not files(box)
    box.restart()
    (path,) = files(box)
    left = as_sound(path).heard()
    assert left.is_tone(TONE_HZ)
    assert left.duration_ms / 1000 == pytest.approx(SPOKEN_S, abs=1.5)
    owner = phone(box, "2002", watches_messages=True)
    wait_to_be_told(owner, "1/0")


def test_who_hangs_up_in_the_greeting_leaves_nothing(make_box: MakeBox, phone: Phone) -> None:
    box = make_box(with_mailbox())
    caller = phone(box, "2001")
    caller.dial("2002")
    caller.wait_for_event("CALL_ESTABLISHED")
    wait_until(lambda: caller.heard().seconds > 1, 5, "the greeting has begun", caller.tell)
    caller.hang_up()
    (row,) = box.wait_for_journal(1)
    assert [r["key"] for r in row["reasons"]][-1] == "voicemail.offline"
    assert not files(box) and not files(box, ".*.part")


def test_a_box_that_is_stopped_keeps_what_is_being_said(make_box: MakeBox, phone: Phone) -> None:
    box = make_box(with_mailbox())
    phone(box, "2001", tone_hz=TONE_HZ).dial("2002")
    wait_until(lambda: files(box, ".*.part"), _GREETING_S, "it is recorded", box.log)
    pass_time(2.0)
    assert box.stop() == 0
    (path,) = files(box)
    assert as_sound(path).heard().duration_ms / 1000 == pytest.approx(2.0, abs=0.4)
