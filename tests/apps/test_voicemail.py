"""What a caller hears of a mailbox, and its owner; what is kept, whenever somebody hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from appliance.apps.line import Line
from appliance.apps.numbers import digits_of, said_count
from appliance.apps.voicemail import LONGEST_S, leaving_app, listening_app
from appliance.call.record import VoiceMessage
from appliance.media.prompts import prompt_map
from appliance.sip.message_summary import MessageCounts
from tests.kit.noted_mailboxes import NotedMailboxes
from tests.kit.scripted_line import ScriptedLine

GREETING = ["voicemail_greeting", "beep"]
HALF = b"\x55" * 4000  # half a second of speech


def leave(line: ScriptedLine, boxes: NotedMailboxes) -> list[str]:
    """What a caller to the mailbox of 2002 hears; hanging up is no error."""
    return run(line, leaving_app(boxes)(line, "2002"))


def listen(boxes: NotedMailboxes, *keys: str, number: str = "2002") -> list[str]:
    line = ScriptedLine(keys)
    return run(line, listening_app(boxes)(line, number))


def run(line: ScriptedLine, app: object) -> list[str]:
    async def main() -> None:
        task = asyncio.ensure_future(app)  # type: ignore[call-overload]
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    asyncio.run(main())
    return line.heard


def box_of(*messages: tuple[str, bool], pin: str = "") -> NotedMailboxes:
    """The mailbox of 2002 with (caller, is heard); each is as many hundred octets long as its
    place."""
    boxes = NotedMailboxes(e2002=pin)
    for number, (caller, is_heard) in enumerate(messages, 1):
        message = VoiceMessage(f"m{number}", "2002", caller, "", float(number), 1.0, is_heard)
        boxes.leave(message, b"\x55" * 100 * number)
    return boxes


# ---- leaving


def test_a_message_that_ends_with_a_key_is_kept_whole() -> None:
    boxes = NotedMailboxes(e2002="")
    heard = leave(ScriptedLine(["5", "#"], says=[HALF] * 6), boxes)
    assert heard == [*GREETING, "voicemail_saved", "voicemail_goodbye"]
    (message,) = boxes.kept
    assert (message.caller, message.caller_name) == ("+74951234567", "Anna")
    assert message.seconds == 3.0 and boxes.sounds[message.ident] == HALF * 6


def test_who_hangs_up_after_speaking_has_left_it() -> None:
    boxes = NotedMailboxes(e2002="")
    heard = leave(ScriptedLine(says=[HALF] * 4), boxes)
    assert heard == GREETING
    assert [m.seconds for m in boxes.kept] == [2.0]
    assert boxes.recordings[0].is_closed


def test_the_last_words_before_hanging_up_are_taken() -> None:
    class Late(ScriptedLine):
        def stop_recording(self) -> None:
            self.speak_words(HALF)  # came after the last look
            super().stop_recording()

    boxes = NotedMailboxes(e2002="")
    leave(Late(says=[HALF] * 2), boxes)
    assert [m.seconds for m in boxes.kept] == [1.5]


@pytest.mark.parametrize("prompt", GREETING)
def test_who_hangs_up_in_the_greeting_leaves_nothing(prompt: str) -> None:
    boxes = NotedMailboxes(e2002="")
    line = ScriptedLine(says=[HALF])
    line.hangs_up_at = prompt
    leave(line, boxes)
    assert boxes.kept == [] and boxes.recordings == []


def test_less_than_a_second_is_not_kept_and_that_is_said() -> None:
    boxes = NotedMailboxes(e2002="")
    heard = leave(ScriptedLine(["#"], says=[HALF]), boxes)
    assert heard == [*GREETING, "voicemail_too_short", "voicemail_goodbye"]
    assert boxes.kept == []


def test_the_longest_message_ends_by_itself() -> None:
    boxes = NotedMailboxes(e2002="")
    leave(ScriptedLine(["#"], says=[HALF] * 1000), boxes)
    assert [m.seconds for m in boxes.kept] == [LONGEST_S]


def test_a_phone_that_sends_no_silence_does_not_hold_the_line() -> None:
    boxes = NotedMailboxes(e2002="")
    line = ScriptedLine(["5"] * 3 + [""] * 2000, says=[HALF] * 4)
    heard = leave(line, boxes)
    assert heard[-1] == "voicemail_goodbye"
    assert [m.seconds for m in boxes.kept] == [2.0]
    assert line.looks == 3 + 900  # keys take no time


@pytest.mark.parametrize("why", ["voicemail_full", "voicemail_no_room"])
def test_a_mailbox_that_takes_nothing_says_why(why: str) -> None:
    boxes = NotedMailboxes(e2002="")
    boxes.closed = why
    assert leave(ScriptedLine(says=[HALF] * 4), boxes) == [why]
    assert boxes.recordings == []


def test_a_disk_that_fills_up_meanwhile_is_told() -> None:
    boxes = NotedMailboxes(e2002="")
    boxes.breaks_after = 1
    heard = leave(ScriptedLine(says=[HALF] * 4), boxes)
    assert heard == [*GREETING, "voicemail_no_room", "voicemail_goodbye"]


def test_a_key_skips_the_greeting_and_ends_no_message() -> None:
    boxes = NotedMailboxes(e2002="")
    line = ScriptedLine(says=[HALF] * 4)
    line.cuts = {"voicemail_greeting": "##"}
    assert leave(line, boxes) == GREETING
    assert [m.seconds for m in boxes.kept] == [2.0]


def test_a_line_that_hears_nothing_is_told_so() -> None:
    line = ScriptedLine()
    line.can_record = False
    assert leave(line, NotedMailboxes(e2002="")) == ["cannot_complete"]


# ---- listening

ASKED = ["voicemail_again", "voicemail_next", "voicemail_delete"]


def test_new_messages_are_counted_and_played_with_who_called() -> None:
    boxes = box_of(("2001", False), ("+7495", False), ("", True))
    heard = listen(boxes, "", "2", "", "6", "", "2")
    assert heard == [
        "voicemail_you_have",
        "number_2",
        "voicemail_new_few",
        "voicemail_from",
        *digits_of("2001"),
        "<100>",
        *ASKED,
        "voicemail_from",
        *digits_of("7495"),
        "<200>",
        *ASKED,
        "voicemail_from_unknown",
        "<300>",
        *ASKED,
        "voicemail_no_more",
        "voicemail_goodbye",
    ]
    assert all(m.is_heard for m in boxes.kept)


@pytest.mark.parametrize("again", ["1", "5"])
def test_a_message_is_played_again(again: str) -> None:
    heard = listen(box_of(("2001", False)), "", again, again, "2")
    assert heard.count("<100>") == 3


def test_a_key_in_the_middle_goes_on_at_once() -> None:
    boxes = box_of(("2001", False), ("2003", False))
    heard = listen(boxes, "2", "#")
    assert not set(ASKED) & set(heard)
    assert [m.is_heard for m in boxes.kept] == [True, True]


def test_the_menu_need_not_be_heard_out() -> None:
    boxes = box_of(("2001", False), ("2003", False))
    line = ScriptedLine(["", "", "#"])
    line.cuts = {"voicemail_again": "7"}
    heard = run(line, listening_app(boxes)(line, "2002"))
    assert heard.count("voicemail_next") == 1, "of the second message alone"
    assert heard[heard.index("voicemail_again") + 1] == "voicemail_deleted"
    assert [m.caller for m in boxes.kept] == ["2003"]


def test_who_calls_need_not_be_heard_out() -> None:
    boxes = box_of(("2001", False), ("2003", False))
    line = ScriptedLine(["#"])
    line.cuts = {"voicemail_from": "6"}
    heard = run(line, listening_app(boxes)(line, "2002"))
    assert "<100>" not in heard and "<200>" in heard


def test_a_pin_may_be_typed_while_it_is_asked_for() -> None:
    line = ScriptedLine(["#"])
    line.cuts = {"voicemail_pin": "4812#"}
    heard = run(line, listening_app(box_of(("2001", False), pin="4812"))(line, "2002"))
    assert heard[:2] == ["voicemail_pin", "voicemail_you_have"]


def test_a_message_is_deleted() -> None:
    boxes = box_of(("2001", False), ("2003", False))
    heard = listen(boxes, "7", "", "*")
    assert "voicemail_deleted" in heard
    assert [m.caller for m in boxes.kept] == ["2003"]


@pytest.mark.parametrize("end", [("#",), ("*",), ("", "#"), ("", "9", "*"), ("", "")])
def test_the_owner_ends_and_the_rest_stays_new(end: Sequence[str]) -> None:
    boxes = box_of(("2001", False), ("2003", False))
    heard = listen(boxes, *end)
    assert heard[-1] == "voicemail_goodbye" and "voicemail_no_more" not in heard
    assert [m.is_heard for m in boxes.kept] == [True, False]


def test_who_is_cut_off_in_the_middle_finds_it_new() -> None:
    class Cut(ScriptedLine):
        async def play(self, sound: bytes) -> str:
            raise asyncio.CancelledError

    boxes = box_of(("2001", False))
    line = Cut()
    run(line, listening_app(boxes)(line, "2002"))
    assert [m.is_heard for m in boxes.kept] == [False]


def test_a_message_that_cannot_be_read_stays_and_the_next_is_played() -> None:
    boxes = box_of(("2001", False), ("2003", False))
    boxes.sounds["m1"] = b""
    heard = listen(boxes, "", "2")
    assert "cannot_complete" in heard and "<200>" in heard
    assert [m.is_heard for m in boxes.kept] == [False, True]


def test_an_empty_mailbox() -> None:
    assert listen(box_of()) == ["voicemail_none", "voicemail_goodbye"]


def test_a_pin_is_asked_three_times_at_most() -> None:
    boxes = box_of(("2001", False), pin="4812")
    assert "voicemail_you_have" in listen(boxes, *"4812#")
    heard = listen(boxes, *"1111#", *"4812#", "#")
    assert heard[:3] == ["voicemail_pin", "voicemail_pin_wrong", "voicemail_pin"]
    assert "voicemail_you_have" in heard
    heard = listen(boxes, *"1#2#3#")
    assert heard.count("voicemail_pin_wrong") == 3 and "voicemail_you_have" not in heard
    assert listen(boxes, "#") == ["voicemail_pin"]
    assert "voicemail_you_have" in listen(boxes, *"4812", "")  # the time ends it, too


# ---- words


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ((1, 1), ["number_1n", "voicemail_new_one"]),
        ((0, 1), ["number_1n", "voicemail_old_one"]),
        ((3, 9), ["number_3", "voicemail_new_few"]),
        ((11, 11), ["number_11", "voicemail_new_many"]),
        ((13, 13), ["number_13", "voicemail_new_many"]),
        ((20, 20), ["number_20", "voicemail_new_many"]),
        ((0, 21), ["number_20", "number_1n", "voicemail_old_ones"]),
        ((34, 50), ["number_30", "number_4", "voicemail_new_few"]),
        ((90, 90), ["number_90", "voicemail_new_many"]),
        ((100, 100), ["number_100", "voicemail_new_many"]),
    ],
)
def test_how_many_are_said(count: tuple[int, int], said: list[str]) -> None:
    assert said_count(*count) == ["voicemail_you_have", *said]


def test_every_prompt_has_words_in_both_languages() -> None:
    said = {prompt for count in range(101) for prompt in said_count(count, 100)}
    said |= {prompt for count in range(101) for prompt in said_count(0, count)}
    said |= {*GREETING, *ASKED, *digits_of("0123456789")}
    said |= {f"voicemail_{name}" for name in ("full", "no_room", "too_short", "saved", "goodbye")}
    said |= {f"voicemail_{name}" for name in ("pin", "pin_wrong", "no_more", "deleted", "from")}
    said |= {"voicemail_from_unknown"}
    for prompt in said:
        assert {"ru", "en"} <= set(prompt_map().prompts[prompt].recordings), prompt


def test_the_scripted_line_is_a_line() -> None:
    line: Line = ScriptedLine()
    assert line.caller.number


# ---- keys that nobody meant


@pytest.mark.parametrize("key", ["3", "0"])
def test_a_key_that_means_nothing_leaves_the_message_new_and_asks(key: str) -> None:
    boxes = box_of(("2001", False), ("2003", False))
    heard = listen(boxes, key)
    assert heard[heard.index("<100>") + 1 :][:3] == [
        "voicemail_again",
        "voicemail_next",
        "voicemail_delete",
    ]
    assert boxes.counts("2002") == MessageCounts(2, 0)


def test_behind_such_a_key_the_next_one_counts() -> None:
    boxes = box_of(("2001", False), ("2003", False))
    heard = listen(boxes, "3", "6", "#")
    assert "<200>" in heard
    assert boxes.counts("2002") == MessageCounts(0, 2)


def test_the_hash_behind_a_pin_of_eight_ends_the_pin_alone() -> None:
    boxes = box_of(("2001", False), ("2003", False), pin="48120753")
    line = ScriptedLine()
    line.cuts = {"voicemail_pin": "48120753#"}
    heard = run(line, listening_app(boxes)(line, "2002"))
    assert heard[-5:-1] == ["<100>", "voicemail_again", "voicemail_next", "voicemail_delete"]


def test_what_was_deleted_meanwhile_is_passed_over() -> None:
    boxes = box_of(("2001", False), ("2003", False))
    line = ScriptedLine(["6"])
    delete_first = [boxes.messages("2002")[0]]
    line.on_say = lambda prompt: delete_first and boxes.drop(delete_first.pop())
    heard = run(line, listening_app(boxes)(line, "2002"))
    assert "cannot_complete" not in heard
    assert "<100>" not in heard and "<200>" in heard


def test_a_message_that_cannot_be_read_is_told_and_stays_new() -> None:
    boxes = box_of(("2001", False))
    boxes.sounds["m1"] = b""
    assert "cannot_complete" in listen(boxes)
    assert boxes.counts("2002") == MessageCounts(1, 0)
