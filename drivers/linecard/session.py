"""The host's side of the line card's protocol: greeting, baud rate, commands, silence.

PURE: octets and times in, octets and events out. A session begins with HELLO, may change the rate,
is kept alive by PING, and ends by silence, RESET or a link that failed; then it greets anew under
another number. docs/linecard-protocol.md §3–§7.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from drivers.linecard.frame import Frame, FrameReader, FrameType, encode_frame
from drivers.linecard.link import MISSED, UNSUPPORTED, Arrival, Link
from drivers.linecard.messages import (
    PROTOCOL,
    AudioUp,
    CardStatistics,
    Happening,
    HelloAnswer,
    decode_audio_up,
    decode_event,
    decode_hello_answer,
    decode_statistics,
    encode_audio_down,
    encode_hello,
)

FIRST_BAUD = 115200
_HELLO_S = 0.2
_TRIAL_S = 1.0
_REFUSED_S = 5.0  # a card of another version may be given another firmware
_PING_S = 0.1
_STATISTICS_S = 5.0
_SILENCE_S = 1.0
_MOST_UNANSWERED = 8


class State(Enum):
    GREETING = "greeting"
    SWITCHING = "switching"  # the rate was changed, nothing came by the new one yet
    UP = "up"


@dataclass(frozen=True, slots=True)
class Opened:
    answer: HelloAnswer


@dataclass(frozen=True, slots=True)
class Closed:
    """reason: ``silent reset failed``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Its card and we have no version of the protocol in common. protocol: what it named, 0 = it
    said NAK."""

    protocol: int


@dataclass(frozen=True, slots=True)
class BaudWanted:
    """The UART goes to this rate once what was written has left."""

    baud: int


@dataclass(frozen=True, slots=True)
class Responded:
    """The end of a command. status: messages.Status, or -1 if the session ended before."""

    ticket: int
    status: int
    details: bytes = b""


SessionEvent = (
    Opened | Closed | Refused | BaudWanted | Responded | Happening | AudioUp | CardStatistics
)


class CardSession:
    """``receive``, ``handle_timeout``, ``command``, ``send_audio``; then ``octets_to_send`` and
    ``next_event`` until they give nothing more."""

    def __init__(self, first_session: int, best_baud: int, now: float) -> None:
        """first_session: any number, another one each time the program starts. best_baud: 0 = the
        rate is as it is (USB, sockets)."""
        self._session = first_session
        self._wanted_baud = best_baud
        self._baud = FIRST_BAUD
        self._state = State.GREETING
        self._reader = FrameReader()
        self._link = Link()
        self._waiting: deque[tuple[int, int, bytes]] = deque()
        self._unanswered: dict[int, int] = {}  # sequence of a CMD -> ticket
        self._tickets = 0
        self._audio_sequence = 0
        self._heard_at = self._sent_at = self._trial_at = self._statistics_at = now
        self._greet_at = now
        self._out = bytearray()
        self._events: deque[SessionEvent] = deque()

    @property
    def state(self) -> State:
        return self._state

    @property
    def bad_frames(self) -> int:
        return self._reader.bad

    @property
    def repeated(self) -> int:
        return self._link.repeated

    def command(self, port: int, payload: bytes, now: float) -> int:
        """Queue a command; its Responded carries the ticket."""
        self._tickets += 1
        if self._state is State.UP:
            self._waiting.append((self._tickets, port, payload))
            self._run(now)
        else:
            self._events.append(Responded(self._tickets, -1))
        return self._tickets

    def send_audio(self, samples: int, blocks: dict[int, bytes], now: float) -> None:
        """10 ms for up to four ports, in answer to an AudioUp."""
        if self._state is State.UP:
            payload = encode_audio_down(samples, blocks)
            self._send(Frame(FrameType.AUDIO_DOWN, self._audio_sequence, 0, payload), now)
            self._audio_sequence = (self._audio_sequence + 1) % 256

    def receive(self, octets: bytes, now: float) -> None:
        for frame in self._reader.feed(octets):
            self._heard_at = now
            try:
                self._hear(frame, now)
            except ValueError:
                self._reader.bad += 1  # whole, and yet not what it says
        self._run(now)

    def handle_timeout(self, now: float) -> None:
        """The time of ``next_timeout`` has come."""
        if self._state is State.UP:
            if now - self._heard_at >= _SILENCE_S:
                self._close("silent", now)
            else:
                self._run(now)
                self._keep_alive(now)
        if self._state is State.SWITCHING and now - self._trial_at >= _TRIAL_S:
            self._wanted_baud = 0  # that rate does not get through
            self._close("silent", now)
        if self._state is not State.UP and now >= self._greet_at:
            self._greet_at = now + _HELLO_S
            wanted = self._baud if self._state is State.SWITCHING else self._wanted_baud
            self._send(Frame(FrameType.HELLO, 0, 0, encode_hello(self._session, wanted)), now)

    def next_timeout(self) -> float:
        if self._state is not State.UP:
            return self._greet_at
        due = [self._sent_at + _PING_S, self._heard_at + _SILENCE_S]
        if (repeat := self._link.next_timeout()) is not None:
            due.append(repeat)
        return min(due)

    def octets_to_send(self) -> bytes:
        octets = bytes(self._out)
        self._out.clear()
        return octets

    def next_event(self) -> SessionEvent | None:
        return self._events.popleft() if self._events else None

    def say_goodbye(self, now: float) -> None:
        """Everything on-hook and silent at once: the host goes."""
        self._send(Frame(FrameType.RESET, 0, 0, b"\0"), now)

    def _send(self, frame: Frame, now: float) -> None:
        self._out += encode_frame(frame)
        self._sent_at = now

    def _run(self, now: float) -> None:
        while (
            self._waiting
            and self._link.has_room
            and len(self._unanswered) < _MOST_UNANSWERED
            and self._state is State.UP
        ):
            ticket, port, payload = self._waiting.popleft()
            self._unanswered[self._link.push(FrameType.CMD, port, payload)] = ticket
        for frame in self._link.frames_to_send(now):
            self._send(frame, now)
        if self._link.is_failed:
            self._close("failed", now)

    def _keep_alive(self, now: float) -> None:
        wants_statistics = now - self._statistics_at >= _STATISTICS_S
        if now - self._sent_at >= _PING_S or wants_statistics:
            self._statistics_at = now if wants_statistics else self._statistics_at
            self._send(Frame(FrameType.PING, 0, 0), now)

    def _close(self, reason: str, now: float) -> None:
        was_up = self._state is State.UP
        lost = [*self._unanswered.values(), *(ticket for ticket, _, _ in self._waiting)]
        self._events.extend(Responded(ticket, -1) for ticket in lost)
        self._unanswered.clear()
        self._waiting.clear()
        self._link = Link()
        self._state = State.GREETING
        self._session = (self._session + 1) & 0xFFFFFFFF
        self._greet_at = now
        self._go_to(FIRST_BAUD)
        if was_up:
            self._events.append(Closed(reason))

    def _go_to(self, baud: int) -> None:
        if baud != self._baud:
            self._baud = baud
            self._events.append(BaudWanted(baud))

    def _hear(self, frame: Frame, now: float) -> None:
        if frame.type == FrameType.HELLO_ACK:
            self._hear_hello(decode_hello_answer(frame.payload), now)
        elif self._state is not State.UP:
            if frame.type == FrameType.NAK and frame.payload[:1] == bytes((UNSUPPORTED,)):
                self._refuse(0, now)
        elif frame.type in (FrameType.RESP, FrameType.EVENT):
            self._hear_reliable(frame, now)
        elif frame.type == FrameType.ACK:
            self._link.acknowledged(frame.sequence & 0x0F, now)
        elif frame.type == FrameType.NAK and frame.payload[:1] == bytes((MISSED,)):
            self._link.missed(frame.sequence & 0x0F, now)
        elif frame.type == FrameType.AUDIO_UP:
            self._events.append(decode_audio_up(frame.payload))
        elif frame.type == FrameType.PONG:
            self._events.append(decode_statistics(frame.payload))
        elif frame.type == FrameType.RESET:
            self._close("reset", now)

    def _hear_hello(self, answer: HelloAnswer, now: float) -> None:
        if answer.session != self._session or self._state is State.UP:
            return
        if answer.protocol != PROTOCOL:
            self._refuse(answer.protocol, now)
            return
        if answer.baud and self._state is State.GREETING:
            self._state = State.SWITCHING
            self._trial_at = now
            self._greet_at = now + 0.02  # the card needs a moment too
            self._go_to(answer.baud)
            return
        if not answer.baud:
            self._state = State.UP
            self._link = Link(answer.window)
            self._statistics_at = now
            self._events.append(Opened(answer))

    def _refuse(self, protocol: int, now: float) -> None:
        self._state = State.GREETING
        self._go_to(FIRST_BAUD)
        self._greet_at = now + _REFUSED_S
        self._events.append(Refused(protocol))

    def _hear_reliable(self, frame: Frame, now: float) -> None:
        arrival = self._link.accept(frame.sequence & 0x0F)
        if arrival is Arrival.AHEAD:
            payload = bytes((MISSED,))
            self._send(Frame(FrameType.NAK, self._link.expected, 0, payload), now)
            return
        self._send(Frame(FrameType.ACK, self._link.last, 0), now)
        if arrival is Arrival.KNOWN:
            return
        if frame.type == FrameType.EVENT:
            self._events.append(decode_event(frame.port, frame.payload))
        elif len(frame.payload) >= 2:
            ticket = self._unanswered.pop(frame.payload[0], None)
            if ticket is not None:
                self._events.append(Responded(ticket, frame.payload[1], frame.payload[2:]))
