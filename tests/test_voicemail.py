"""The mailboxes of a box on a true disk: what is kept, counted, mended, and what is refused."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance import voicemail as module
from appliance.call.leg import Party
from appliance.call.record import VoiceMessage
from appliance.clock import LoopClock
from appliance.config.model import Snapshot
from appliance.config.presets import make_snapshot
from appliance.errors import UserError
from appliance.secret_ids import SecretIds
from appliance.sip.message_summary import MessageCounts
from appliance.store.voice_files import FOLDER, header_of, path_of
from appliance.store.voice_messages import VoiceMessageStore, messages_of
from appliance.store.writer import StateWriter
from appliance.voicemail import MOST_MESSAGES, MOST_WRONG_PINS, Voicemail, VoicemailParts
from tests.kit.office import extension, office
from tests.kit.stage import document_of

WORDS = b"\x55" * 16000  # two seconds
CALLER = Party("+7495", "Anna")


def settings(*extensions: Any) -> Snapshot:
    data = office(extensions)
    del data["format"]
    return make_snapshot(1, document_of(data))


class Box:
    """Mailboxes of 2001 (PIN 4812) and 2002; 2003 has none."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.alerts: list[tuple[str, str]] = []
        self.changed: list[str] = []
        self.snapshot = settings(
            extension(2001, voicemail=True, voicemail_pin="4812"),
            extension(2002, voicemail=True),
            2003,
        )
        self.now = 1000.0

    def run(self, play: Callable[[Voicemail], Coroutine[Any, Any, None]]) -> None:
        """Start, play, stop."""

        async def main() -> None:
            writer = StateWriter(self.data / "state.db")
            clock = LoopClock(asyncio.get_running_loop())
            clock.wall = lambda: 1.7e9
            clock.now = lambda: self.now
            parts = VoicemailParts(
                self.data,
                VoiceMessageStore(writer),
                clock,
                SecretIds(),
                lambda: self.snapshot,
                lambda key, detail: self.alerts.append((key, detail)),
            )
            boxes = Voicemail(parts)
            boxes.on_changed = self.changed.append
            await boxes.restore()
            try:
                await play(boxes)
            finally:
                await boxes.close()
                writer.close()

        asyncio.run(main())

    def rows(self, number: str = "2002") -> Sequence[VoiceMessage]:
        return messages_of(self.data / "state.db", number)

    def file(self, message: VoiceMessage) -> Path:
        return path_of(self.data / FOLDER, message.extension, message.ident)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


async def leave(
    boxes: Voicemail, sound: bytes = WORDS, number: str = "2002", caller: Party = CALLER
) -> None:
    recording = boxes.record(number, caller)
    recording.write(sound)
    recording.close()
    await boxes._unbroken.settle(10.0)


def test_a_message_is_kept_counted_heard_and_deleted(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        assert await boxes.why_closed("2002") == ""
        await leave(boxes)
        assert boxes.counts("2002") == MessageCounts(1, 0)
        (message,) = boxes.messages("2002")
        assert (message.caller, message.caller_name, message.at) == ("+7495", "Anna", 1.7e9)
        assert message.seconds == 2.0 and await boxes.sound(message) == WORDS
        assert box.rows() == [message]
        await boxes.mark(message, is_heard=True)
        assert boxes.counts("2002") == MessageCounts(0, 1)
        assert box.rows() == [replace(message, is_heard=True)]
        assert box.changed == ["2002", "2002"]
        await boxes.mark(message, is_heard=True)
        assert len(box.changed) == 2
        assert await boxes.delete(message)
        assert boxes.counts("2002") == MessageCounts(0, 0) and box.rows() == []
        assert not box.file(message).exists() and len(box.changed) == 3

    box.run(play)
    assert box.alerts == []


def test_it_is_all_there_after_a_restart(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        await leave(boxes)
        await leave(boxes)
        await boxes.mark(boxes.messages("2002")[0], is_heard=True)

    async def look(boxes: Voicemail) -> None:
        assert boxes.counts("2002") == MessageCounts(1, 1)
        assert [m.is_heard for m in boxes.messages("2002")] == [False, True]

    box.run(play)
    box.run(look)


def test_a_box_that_stops_keeps_what_is_being_spoken(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        recording = boxes.record("2002", CALLER)
        recording.write(WORDS)
        recording.close()

    box.run(play)
    assert [m.seconds for m in box.rows()] == [2.0]


def test_state_that_was_lost_comes_back_from_the_files(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        await leave(boxes)

    async def look(boxes: Voicemail) -> None:
        (message,) = boxes.messages("2002")
        assert (message.caller, message.seconds, message.is_heard) == ("+7495", 2.0, False)

    box.run(play)
    for path in box.data.glob("state.db*"):
        path.unlink()
    box.run(look)
    assert len(box.rows()) == 1


def test_files_that_are_gone_leave_no_row(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        await leave(boxes)

    async def look(boxes: Voicemail) -> None:
        assert boxes.counts("2002") == MessageCounts(0, 0)

    box.run(play)
    shutil.rmtree(box.data / FOLDER)
    box.run(look)
    assert box.rows() == []


def test_a_hidden_caller_stays_hidden(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        await leave(boxes, caller=Party("+7495", "Anna", is_hidden=True))
        (message,) = boxes.messages("2002")
        assert (message.caller, message.caller_name) == ("", "")
        assert b"7495" not in box.file(message).read_bytes()

    box.run(play)


def test_too_short_and_too_long(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        await leave(boxes, WORDS[:7999])
        assert boxes.messages("2002") == []
        await leave(boxes, WORDS * 100)
        (message,) = boxes.messages("2002")
        assert message.seconds == module.LONGEST_S

    box.run(play)
    assert len(list((box.data / FOLDER / "2002").iterdir())) == 1


def test_a_full_mailbox_says_so_and_calls_that_go_on_count(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_MESSAGES", 2)
    assert MOST_MESSAGES == 100

    async def play(boxes: Voicemail) -> None:
        await leave(boxes)
        recording = boxes.record("2002", CALLER)
        assert await boxes.why_closed("2002") == "voicemail_full"
        assert await boxes.why_closed("2001") == ""
        recording.close()
        await boxes._unbroken.settle(10.0)
        assert await boxes.why_closed("2002") == ""

    box.run(play)
    assert box.alerts == []


def test_a_disk_with_little_room_takes_none(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FLOOR_OCTETS", 1 << 60)

    async def play(boxes: Voicemail) -> None:
        assert await boxes.why_closed("2002") == "voicemail_no_room"

    box.run(play)
    assert box.alerts == [("voicemail.disk_full", "2002")]


def test_a_disk_that_fails_is_told_and_harms_nothing(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        (box.data / FOLDER).touch()  # no folder can be made
        recording = boxes.record("2002", CALLER)
        await asyncio.wrap_future(boxes._spool.do(lambda: None))
        assert recording.trouble == "voicemail_no_room"
        recording.close()
        await boxes._unbroken.settle(10.0)
        assert boxes.messages("2002") == []

    box.run(play)
    assert ("voicemail.disk_fails", "2002") in box.alerts


def test_a_file_that_is_damaged_or_gone_is_told(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        await leave(boxes)
        (message,) = boxes.messages("2002")
        box.file(message).write_bytes(b"\0" * 100)
        assert await boxes.sound(message) == b""
        box.file(message).unlink()
        assert await boxes.sound(message) == b""
        assert await boxes.delete(message)
        box.alerts.append(("told", "so far"))
        assert await boxes.sound(message) == b""  # who still has it listed hears no alarm

    box.run(play)
    assert box.alerts.pop() == ("told", "so far")
    assert {key for key, _ in box.alerts} == {"voicemail.unreadable"}


def test_messages_of_an_extension_that_is_no_more_stay_and_are_told(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        await leave(boxes)
        box.snapshot = settings(2001)
        boxes.configure(box.snapshot)
        assert boxes.counts("2002") is None
        assert len(boxes.messages("2002")) == 1

    async def again(boxes: Voicemail) -> None:
        assert len(boxes.messages("2002")) == 1

    box.run(play)
    box.run(again)
    assert box.alerts == [("voicemail.ownerless", "2002")] * 2


def test_who_has_no_mailbox_has_no_counts(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        assert boxes.counts("2003") is None and boxes.counts("nobody") is None
        assert boxes.counts("2001") == MessageCounts(0, 0)

    box.run(play)


def test_pins(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        assert boxes.asks_pin("2001") and not boxes.asks_pin("2002")
        assert boxes.admits("2001", "4812") and not boxes.admits("2003", "")
        for _ in range(MOST_WRONG_PINS):
            assert not boxes.admits("2001", "1111")
        assert not boxes.admits("2001", "4812")  # nobody guesses all day
        box.now += module.WITHIN_S + 1
        assert boxes.admits("2001", "4812")

    box.run(play)


def test_what_pages_ask_for(box: Box) -> None:
    async def play(boxes: Voicemail) -> None:
        await leave(boxes)
        (message,) = boxes.messages("2002")
        named = {"extension": "2002", "message": message.ident}
        mark, delete = boxes.operations["voicemail_mark"], boxes.operations["voicemail_delete"]
        assert await mark(named) == {"is_heard": True}
        assert await mark(named | {"is_heard": False}) == {"is_heard": False}
        assert boxes.counts("2002") == MessageCounts(1, 0)
        assert await delete(named) == {"deleted": message.ident}
        for wrong in (named, {}, {"extension": "..", "message": "../x"}):
            for operation in (mark, delete):
                with pytest.raises(UserError, match=r"voicemail\.no_message"):
                    await operation(wrong)

    box.run(play)


# ---- names, and who hangs up early


@pytest.mark.parametrize("name", ["Caf\udce9", "Ж" * 700])
def test_no_name_on_the_wire_harms_a_mailbox(box: Box, name: str) -> None:
    """Octets that are no UTF-8 come as surrogates; long names are cut as displays cut them."""

    async def play(boxes: Voicemail) -> None:
        await leave(boxes, caller=Party("+7495", name))
        (message,) = boxes.messages("2002")
        await boxes.mark(message, is_heard=True)

    box.run(play)
    (row,) = box.rows()
    assert row.is_heard and row.caller_name == ("Caf?" if "C" in name else name[:64])
    box.run(nothing)
    assert box.alerts == []


async def nothing(boxes: Voicemail) -> None:
    """The box starts and stops."""


def test_a_file_whose_note_no_database_takes_is_listed_again(box: Box) -> None:
    """As an earlier version wrote it, or anybody."""
    path = box.data / FOLDER / "2002" / "20260302T070000-00000001.wav"
    path.parent.mkdir(parents=True)
    message = VoiceMessage(path.stem, "2002", "+7495", "Caf\udce9", 1.7e9, 2.0)
    path.write_bytes(header_of(message, len(WORDS)) + WORDS)
    box.run(nothing)
    assert [row.caller_name for row in box.rows()] == ["Caf?"]


def test_a_message_that_the_box_cannot_write_down_stops_nothing(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: VoiceMessageStore, message: VoiceMessage) -> None:
        raise UnicodeEncodeError("utf-8", "x", 0, 1, "surrogates not allowed")

    async def play(boxes: Voicemail) -> None:
        await leave(boxes)

    monkeypatch.setattr(VoiceMessageStore, "put", refuse)
    box.run(play)

    async def look(boxes: Voicemail) -> None:
        assert boxes.counts("2002") == MessageCounts(1, 0)

    box.run(look)


def test_who_hangs_up_behind_delete_has_deleted(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    is_removing, may_go_on = threading.Event(), threading.Event()
    remove = module._remove

    def slow(path: Path) -> None:
        is_removing.set()
        assert may_go_on.wait(10)
        remove(path)

    monkeypatch.setattr(module, "_remove", slow)

    async def play(boxes: Voicemail) -> None:
        await leave(boxes)
        (message,) = boxes.messages("2002")
        box.changed.clear()
        listening = asyncio.get_running_loop().create_task(boxes.delete(message))
        await asyncio.to_thread(is_removing.wait, 10)
        listening.cancel()
        await asyncio.wait([listening])
        may_go_on.set()
        await boxes._unbroken.settle(10.0)
        assert not box.file(message).exists()
        assert boxes.counts("2002") == MessageCounts(0, 0) and box.changed == ["2002"]

    box.run(play)
    assert box.rows() == []
