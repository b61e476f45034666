"""A cellular modem as its host meets it: AT commands in, answers and news out, a SIM, a network.

Speaks 3GPP TS 27.007 and 27.005 as Quectel EC25 and SIMCom SIM7600 do (gsm_profiles.py holds what
differs). Runs on the event loop of the test over given descriptors (gsm_plug.py makes them): with
virtual time over socket pairs, in real time over ptys. Faults are fields that a test sets.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from tests.kit.gsm_commands import COMMANDS
from tests.kit.gsm_messages import Arriving, SentMessage, read_submit, write_deliver


@dataclass
class Sim:
    """A card. slots: place -> PDU as AT+CMGR shows it."""

    pin: str = ""  # empty: none wanted
    iccid: str = "89701012345678901234"
    own_number: str = "+79160000001"
    tries_left: int = 3
    is_unlocked: bool = False
    is_inserted: bool = True
    slots: dict[int, str] = field(default_factory=dict)
    capacity: int = 20

    @property
    def state(self) -> str:
        if self.tries_left == 0:
            return "SIM PUK"
        return "READY" if self.is_unlocked or not self.pin else "SIM PIN"


@dataclass
class Faults:
    """What goes wrong, until the test takes it back."""

    answer_delay_s: float = 0.005
    writes_bytes_one_by_one: bool = False
    glued_news: str = ""  # comes glued to the end of the next answer line
    news_between: list[str] = field(default_factory=list)  # between echo and answer of the next
    is_deaf: bool = False  # answers nothing
    loses_prompt: bool = False  # AT+CMGS stays without its "> "
    refuses_messages: bool = False
    forgets_call_news: bool = False  # no RING, no ccinfo, no NO CARRIER: only AT+CLCC knows
    audio_needs_restart: bool = False  # the first switching on gives no audio
    audio_dies_after_call: bool = False  # SIM7600 LE20B05: the second call is half-dead


@dataclass
class Call:
    """state: TS 27.007 §7.18; direction 0 = ours, 1 = theirs."""

    number: str
    direction: int
    state: int
    is_withheld: bool = False


class GsmModem:
    """``attach`` a descriptor and it talks. Network: ``call_in``, ``far_…``, ``send_in``."""

    maker = "GENERIC"
    model = "MODEM"
    firmware = "R01"

    def __init__(self, sim: Sim | None = None) -> None:
        self.sim = sim or Sim()
        self.faults = Faults()
        self.call: Call | None = None
        self.registration = 1
        self.operator = "Beeline"
        self.signal = 20
        self.sent: list[SentMessage] = []
        self.commands: list[str] = []  # every command line that came
        self.keys_sent = ""
        self.on_reset: Callable[[], None] = lambda: None
        self.is_audio_on = False
        self.echoes = True
        self._reference = 0
        self._line = bytearray()
        self._prompt_for = 0
        self._descriptor = -1
        self._out = bytearray()
        self.audio_is_dead = False

    # ---- the host's side

    def attach(self, descriptor: int) -> None:
        """Talk on this descriptor (non-blocking, ours to close)."""
        self.detach()
        self._descriptor = descriptor
        self.echoes, self._prompt_for = True, 0
        self._line.clear()
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def detach(self) -> None:
        """Unplugged: the power is gone too."""
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
        self._descriptor = -1
        self.call = None
        self.is_audio_on = False
        self.sim.is_unlocked = False

    def pull_card(self, news: str = "") -> None:
        """The SIM is taken out: the network is gone with it, and so is a call. news: what this
        modem says of it, if anything."""
        self.sim.is_inserted = self.sim.is_unlocked = False
        if self.call:
            self._end("NO CARRIER")
        if news:
            self.tell(news)
        self.registration = 0
        self.tell("+CREG: 0")

    def put_card(self) -> None:
        self.sim.is_inserted, self.registration = True, 1

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            try:
                octets = os.read(self._descriptor, 4096)
            except BlockingIOError:
                raise
            except OSError:
                octets = b""
            if not octets:  # the host let go: the modem stays
                asyncio.get_running_loop().remove_reader(self._descriptor)
                return
            for octet in octets:
                self._take(octet)

    def _take(self, octet: int) -> None:
        if self._prompt_for:
            if octet in (0x1A, 0x1B):
                self._end_prompt(octet == 0x1A)
            else:
                self._line.append(octet)
            return
        if octet == 0x1B:
            self._line.clear()
            return
        if self.echoes and octet != 0x1A:
            self._write(bytes((octet,)))
        if octet == 0x0D:
            line, self._line = self._line.decode("latin-1").strip(), bytearray()
            if line[:2].upper() == "AT" and not self.faults.is_deaf:
                self.commands.append(line)
                self.later(lambda: self._obey(line))
        elif octet != 0x0A:
            self._line.append(octet)

    def _obey(self, line: str) -> None:
        for news in self.faults.news_between:
            self.tell(news)
        self.faults.news_between = []
        for part in _split(line[2:]):
            answer = self._answer(part)
            if answer is None:
                return  # a prompt
            for text in answer[:-1]:
                glued, self.faults.glued_news = self.faults.glued_news, ""
                self.tell(text + glued)
            if answer[-1] != "OK":
                self.tell(answer[-1])
                return
        self.tell("OK")

    def tell(self, text: str) -> None:
        self._write(f"\r\n{text}\r\n".encode())

    def _write(self, octets: bytes) -> None:
        step = 1 if self.faults.writes_bytes_one_by_one else max(1, len(octets))
        with contextlib.suppress(OSError):
            for at in range(0, len(octets), step):
                if self._descriptor >= 0:
                    os.write(self._descriptor, octets[at : at + step])

    def later(self, work: Callable[[], None], delay_s: float | None = None) -> None:
        descriptor = self._descriptor

        def go() -> None:
            if self._descriptor == descriptor:
                work()

        asyncio.get_running_loop().call_later(
            self.faults.answer_delay_s if delay_s is None else delay_s, go
        )

    # ---- commands

    def _answer(self, part: str) -> list[str] | None:
        """Lines and the final one; None when a prompt was given."""
        name = part.upper()
        for pattern, work in {**COMMANDS, **self.own_commands}.items():
            if found := re.fullmatch(pattern, name):
                return work(self, found)
        return ["ERROR"]

    own_commands: ClassVar[dict[str, Callable[..., list[str] | None]]] = {}

    def _end_prompt(self, is_sent: bool) -> None:
        wanted, self._prompt_for = self._prompt_for, 0
        text, self._line = self._line.decode("latin-1").strip(), bytearray()
        if not is_sent:
            self.tell("OK")
            return
        try:
            message = read_submit(text)
        except (ValueError, IndexError):
            self.tell("+CMS ERROR: 304")
            return
        if message.tpdu_octets != wanted or self.faults.refuses_messages:
            self.tell("+CMS ERROR: 500")
            return
        self.sent.append(message)
        self._reference = (self._reference + 1) % 256
        self.later(lambda: self._confirm(self._reference), 0.3)

    def _confirm(self, reference: int) -> None:
        self.tell(f"+CMGS: {reference}")
        self.tell("OK")

    # ---- calls

    def call_in(self, number: str, is_withheld: bool = False) -> None:
        """Somebody calls: RING each 5 s until it is taken or given up."""
        self.call = Call(number, 1, 4, is_withheld)
        self._ring(self.call)

    def _ring(self, call: Call) -> None:
        if self.call is not call or call.state != 4:
            return
        if not self.faults.forgets_call_news:
            self.tell("RING")
            self.tell_call(call)
            number = "" if call.is_withheld else call.number
            kind = 145 if number.startswith("+") else 129 if number else 128
            self.tell(f'+CLIP: "{number}",{kind},,,,{1 if call.is_withheld else 0}')
        self.later(lambda: self._ring(call), 5.0)

    def far_alerts(self) -> None:
        self._move(3)

    def far_answers(self) -> None:
        self._move(0)
        self.on_connected()

    def far_hangs_up(self) -> None:
        self._end("NO CARRIER")

    def far_is_busy(self) -> None:
        self._end("BUSY")

    def _move(self, state: int) -> None:
        assert self.call is not None
        self.call.state = state
        if not self.faults.forgets_call_news:
            self.tell_call(self.call)

    def _end(self, word: str) -> None:
        call, self.call = self.call, None
        if call and not self.faults.forgets_call_news:
            call.state = -1
            self.tell_call(call)
            self.tell_end(call, word)
        self.after_call()

    def dial(self, number: str) -> list[str]:
        if self.call or self.registration not in (1, 5):
            return ["NO CARRIER"]
        self.call = Call(number, 0, 2)
        self.later(lambda: self._move(2) if self.call and self.call.state == 2 else None, 0.05)
        return ["OK"]

    def take(self) -> list[str]:
        if self.call is None or self.call.state != 4:
            return ["NO CARRIER"]
        self._move(0)
        self.on_connected()
        return ["OK"]

    def hang_up(self) -> list[str]:
        if self.call:
            self.later(lambda: self._end("NO CARRIER"), 0.05)
        return ["OK"]

    # ---- what makers do in their own way (gsm_profiles.py)

    def tell_call(self, call: Call) -> None:
        """News of a call's state."""

    def tell_end(self, call: Call, word: str) -> None:
        self.tell(word)

    def on_connected(self) -> None:
        """Both ends speak."""

    def after_call(self) -> None:
        """The call is over."""
        if self.faults.audio_dies_after_call:
            self.audio_is_dead = True

    def switch_audio(self, is_on: bool) -> list[str]:
        """The PCM port."""
        if is_on and self.audio_is_dead:
            if not self._refused_once:
                self._refused_once = True
                return ["ERROR"]
            return ["OK"]  # and no audio comes
        self._refused_once = False
        if is_on and self.faults.audio_needs_restart:
            self.faults.audio_needs_restart = False
            return ["OK"]
        self.is_audio_on = is_on
        return ["OK"]

    _refused_once = False

    def restart(self) -> list[str]:
        self.audio_is_dead = self._refused_once = False
        self.later(self.on_reset, 0.1)
        return ["OK"]

    # ---- messages

    def send_in(self, message: Arriving | str) -> int:
        """A message (or its PDU) arrives on the SIM; its slot, or 0 when the SIM is full."""
        pdu = message if isinstance(message, str) else write_deliver(message)
        free = [slot for slot in range(1, self.sim.capacity + 1) if slot not in self.sim.slots]
        if not free:
            return 0
        self.sim.slots[free[0]] = pdu
        self.tell(f'+CMTI: "SM",{free[0]}')
        return free[0]

    def prompt(self, octets: int) -> None:
        if self.faults.loses_prompt:
            self.faults.loses_prompt = False
            return
        self._prompt_for = octets
        self._write(b"\r\n> ")


def _split(text: str) -> list[str]:
    """Commands of one line; a dial string reaches to its own semicolon."""
    parts = [part for part in text.split(";") if part]
    return parts or [""]
