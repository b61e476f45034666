"""Mailboxes (002.24): a caller leaves a message after the tone, the owner listens to his.

PURE coroutines. What was said is handed on as it is spoken, so that hanging up, or a power cut,
costs less than a second of it. The keys are those that the recordings name: 5 again, 6 next, 7
delete; 1 and 2 do as 5 and 6. A message counts as heard when it was played to its end or left by a
key: whoever is cut off in the middle finds it new.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from appliance.apps.line import App, Line
from appliance.apps.numbers import digits_of, said_count
from appliance.call.leg import Party
from appliance.call.record import VoiceMessage
from appliance.config.checks.voicemail import LONGEST as LONGEST_PIN
from appliance.sip.message_summary import MessageCounts

LONGEST_S, SHORTEST_S = 180.0, 1.0
#: How long what was said may wait before it is handed on.
_TAKE_S = 0.2
_AGAIN, _NEXT, _DELETE, _END = "15", "26", "7", "#*"
_KEYS = _AGAIN + _NEXT + _DELETE + _END
_KEY_S, _PIN_DIGIT_S, _HASH_S = 8.0, 6.0, 1.0
_TRIES = 3


class Recording(Protocol):
    """A message that is being spoken."""

    @property
    def seconds(self) -> float: ...
    @property
    def trouble(self) -> str:
        """Why no more is taken: the prompt that says so, or empty."""

    def write(self, sound: bytes) -> None: ...
    def close(self) -> None:
        """It is over, and is kept or not, whatever becomes of the caller."""


class Mailboxes(Protocol):
    """Who keeps messages (appliance/voicemail.py)."""

    def counts(self, extension: str) -> MessageCounts | None:
        """Of its mailbox; None where it has none."""

    async def why_closed(self, extension: str) -> str:
        """The prompt that says why no message can be taken, or empty."""

    def record(self, extension: str, caller: Party) -> Recording: ...
    def messages(self, extension: str) -> Sequence[VoiceMessage]:
        """New ones first, then those that were heard; the oldest of each first."""

    def asks_pin(self, extension: str) -> bool: ...
    def admits(self, extension: str, pin: str) -> bool: ...
    async def sound(self, message: VoiceMessage) -> bytes:
        """A-law octets; none where its file cannot be read."""

    async def mark(self, message: VoiceMessage, *, is_heard: bool) -> None: ...
    async def delete(self, message: VoiceMessage) -> bool: ...


def leaving_app(mailboxes: Mailboxes) -> App:
    """Takes a message for the extension that is the argument."""

    async def leave(line: Line, argument: str) -> None:
        closed = await mailboxes.why_closed(argument)
        if closed or not line.can_record:
            await line.say(closed or "cannot_complete")
            return
        await line.say("voicemail_greeting", until_key=True)
        while await line.digit(0):  # who knows the greeting has cut it short
            pass
        await line.say("beep")
        recording = mailboxes.record(argument, line.caller)
        try:
            await _record(line, recording)
        finally:
            recording.close()
        if recording.trouble:
            await line.say(recording.trouble)
        elif recording.seconds < SHORTEST_S:
            await line.say("voicemail_too_short")
        else:
            await line.say("voicemail_saved")
        await line.say("voicemail_goodbye")

    return leave


async def _record(line: Line, recording: Recording) -> None:
    """Until a ``#``, the longest time, or a disk that takes no more; or the caller goes.

    The time is counted by the looks for a key, too: of a phone that sends no silence nothing comes.
    """
    line.record()
    looks_left = round(LONGEST_S / _TAKE_S)
    try:
        while looks_left and recording.seconds < LONGEST_S and not recording.trouble:
            key = await line.digit(_TAKE_S)
            looks_left -= not key
            recording.write(line.recorded())
            if key == "#":
                return
    finally:
        line.stop_recording()
        recording.write(line.recorded())


def listening_app(mailboxes: Mailboxes) -> App:
    """Plays the messages of the extension that is the argument."""

    async def listen(line: Line, argument: str) -> None:
        if mailboxes.asks_pin(argument) and not await _is_admitted(line, mailboxes, argument):
            return
        messages = mailboxes.messages(argument)
        for prompt in said_count(sum(not m.is_heard for m in messages), len(messages)):
            await line.say(prompt)
        for message in messages:
            if not await _play(line, mailboxes, message):
                break
        else:
            if messages:
                await line.say("voicemail_no_more")
        await line.say("voicemail_goodbye")

    return listen


async def _is_admitted(line: Line, mailboxes: Mailboxes, extension: str) -> bool:
    """Asks for the PIN, three times at most; ``#`` ends it early."""
    for _ in range(_TRIES):
        await line.say("voicemail_pin", until_key=True)
        pin = ""
        while len(pin) < LONGEST_PIN and (key := await line.digit(_PIN_DIGIT_S)) not in ("", "#"):
            pin += key
        if len(pin) == LONGEST_PIN:
            await line.digit(_HASH_S)  # the # that ends a shorter one, by habit
        if not pin:
            return False
        if mailboxes.admits(extension, pin):
            return True
        await line.say("voicemail_pin_wrong")
    await line.say("voicemail_goodbye")
    return False


async def _play(line: Line, mailboxes: Mailboxes, message: VoiceMessage) -> bool:
    """One message and what its owner does with it; False = he ends."""
    sound = await mailboxes.sound(message)
    if not sound:
        if any(message.ident == left.ident for left in mailboxes.messages(message.extension)):
            await line.say("cannot_complete")  # it stays, and stays new
        return True
    key = _AGAIN[0]
    while key and key in _AGAIN:
        for prompt in _said_caller(message):
            await line.say(prompt, until_key=True)
        key = await line.play(sound)
        is_meant = bool(key) and key in _KEYS
        if is_meant or not key:
            await mailboxes.mark(message, is_heard=True)
        if not is_meant:
            key = await _ask(line)
        if key:
            await mailboxes.mark(message, is_heard=True)
    if key == _DELETE and await mailboxes.delete(message):
        await line.say("voicemail_deleted")
    return key not in _END if key else False


async def _ask(line: Line) -> str:
    """What shall become of the message that was played; empty when nobody says."""
    for prompt in ("voicemail_again", "voicemail_next", "voicemail_delete"):
        await line.say(prompt, until_key=True)
    while key := await line.digit(_KEY_S):
        if key in _KEYS:
            return key
    return ""


def _said_caller(message: VoiceMessage) -> list[str]:
    digits = digits_of(message.caller)
    return ["voicemail_from", *digits] if digits else ["voicemail_from_unknown"]
