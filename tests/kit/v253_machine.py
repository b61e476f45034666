"""An emulated V.253 voice modem, octets and moments in, octets out: faults and timing included.

PURE: ``receive`` takes what the host wrote, ``advance`` moves the modem's own crystal and all that
is behind it; what it sends gathers in ``out``. v253_modem.py puts it on a pty in real time, tests
in virtual time call it straight. It judges its host: ``violations`` lists what no host may do.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from tests.kit.v253_audio import RATE_HZ, key_samples
from tests.kit.v253_commands import Commands
from tests.kit.v253_line import Line
from tests.kit.v253_models import Model
from tests.kit.v253_stream import DLE, ETX, Stream, Way

_BLOCK = 160
_CHIP_BUSY_S = 2.8  # the chip's own detector
_CALLER_ID_S = 0.6  # after the end of the first ring
_CALLER_ID_LINE_S = 0.012


class Machine:
    """The modem. country: of the exchange at the other end of the wires."""

    def __init__(
        self, model: Model, country: str, lock: AbstractContextManager[object], seed: int = 1
    ) -> None:
        self.model = model
        self.lock = lock
        self.line = Line(country, lock)
        self.line.tell = self._signal
        self.out = bytearray()
        self.stream: Stream | None = None
        self.past_streams: list[Stream] = []
        self.commands: list[str] = []  # every line that the host sent
        self.violations: list[str] = []
        self.stuck_ends = 0  # the next stream is deaf to so many end codes
        self.is_deaf = False  # answers nothing at all (wedged)
        self.is_mute = False  # its streams give codes and no sound any more
        self.settings: dict[str, str] = {}
        self.now_s = 0.0
        self.caller_told_at_s = 0.0  # when the last field of a caller id left
        self._interpreter = Commands(self)
        self._random = random.Random(seed)
        self._typed = bytearray()
        self._is_busy = False
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self._samples_done = 0
        self._keys: list[int] = []
        self._caller: tuple[str, str, str] | None = None
        self._rings = 0
        self.reset()

    def reset(self) -> None:
        self.settings = {"E": "1", "+FCLASS": "0", "+VSM": "", "+VCID": "0"}
        self.hang()

    @property
    def is_ready(self) -> bool:
        """Every command so far was answered."""
        return not self._is_busy and self.stream is None

    # ---- what a test does to it

    def ring(self, number: str = "", name: str = "", time: str = "11220930") -> None:
        """A call comes; number ``P`` or ``O``: withheld, unavailable; empty: no caller id."""
        self._caller = (number, name, time) if number else None
        self._rings = 0
        self.line.ring()

    # ---- the host's side

    def receive(self, octets: bytes) -> None:
        """What the host wrote."""
        if self.stream is not None:
            before = self.stream.unwanted
            self.stream.receive(octets)
            if self.stream.unwanted > before:
                self.violations.append(f"octets for the line while it is heard: {octets[:20]!r}")
            return
        for at, octet in enumerate(octets):
            if octet == 0x0D:
                self._line(bytes(self._typed))
                self._typed.clear()
                if self.stream is not None:
                    self.stream.receive(octets[at + 1 :])
                    return
            elif octet in (0x08, 0x7F):
                del self._typed[-1:]
            elif octet >= 0x20:
                self._typed.append(octet)
        del self._typed[:-200]

    def dropped(self) -> None:
        """DTR fell, or the host closed the port: on-hook, no stream."""
        self.stream = None
        self.out.clear()
        self._typed.clear()
        self.is_deaf = False
        self._is_busy = False
        self.reset()

    def _line(self, typed: bytes) -> None:
        text = typed.decode("latin-1")
        start = text.upper().find("AT")
        if start < 0 or self.is_deaf:
            return
        if self.settings["E"] == "1":
            self.out += typed[start:] + b"\r"
        text = text[start:]
        self.commands.append(text)
        if self._is_busy:
            self.violations.append(f"{text!r} while a command was being carried out")
            return
        self._is_busy = True
        low, high = self.model.reply_ms
        self.after(self._random.uniform(low, high) / 1000, lambda: self._carry_out(text[2:]))

    def _carry_out(self, text: str) -> None:
        lines, result = self._interpreter.answer(text)
        if lines:
            self.out += b"".join(b"\r\n" + line.encode("latin-1") for line in lines) + b"\r\n"
        if result:
            self.say(result)

    def say(self, *lines: str) -> None:
        """Result codes; a final one makes it ready for the next command."""
        for line in lines:
            self.out += f"\r\n{line}\r\n".encode("latin-1")
            if not line.startswith("RING"):
                self._is_busy = False

    # ---- time

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        self._order += 1
        self._later.append((self.now_s + delay_s, self._order, action))

    def advance(self, now_s: float) -> None:
        """Move on to this moment of real time."""
        while True:
            self._later.sort(key=lambda entry: entry[:2])
            upto = min(now_s, self._later[0][0]) if self._later else now_s
            self._pass_samples(upto)
            self.now_s = max(self.now_s, upto)
            if not self._later or self._later[0][0] > now_s:
                return
            self._later.pop(0)[2]()

    def next_due_s(self) -> float | None:
        return min((entry[0] for entry in self._later), default=None)

    def _pass_samples(self, now_s: float) -> None:
        wanted = int(now_s * RATE_HZ * (1 + self.model.clock_ppm / 1e6)) - self._samples_done
        while wanted > 0:
            count = min(_BLOCK, wanted)
            wanted -= count
            self._samples_done += count
            self._block(count)

    def _block(self, count: int) -> None:
        stream = self.stream
        sent, is_dry = stream.take(count) if stream else ([0] * count, False)
        if self._keys:
            keys = self._keys[:count]
            del self._keys[:count]
            sent = keys + [0] * (count - len(keys))
        received = self.line.pass_samples(sent)
        if stream is None or stream is not self.stream:
            return
        heard = stream.heard(sent, received)
        if len(self.out) < 16000:
            self.out += b"" if self.is_mute else heard
        else:
            stream.overruns += 1
        if is_dry:
            self.code("u")
        if stream.is_over():
            self._end_stream()

    # ---- what commands do

    def lift(self) -> None:
        was_up = self.line.is_off_hook
        self.line.lift()
        if was_up:
            return
        if self.model.tells_false_h:
            self.after(0.3, lambda: self.code("H"))
        self.after(self.line.dial_tone_after_s + 0.5, self._tell_dial_tone)

    def _tell_dial_tone(self) -> None:
        if self.line._is_collecting and not self.line.dialled and self.stream is None:
            self.code("d")

    def hang(self) -> None:
        self.line.hang()
        self._keys.clear()

    def play_key(self, key: str, duration_ms: int) -> None:
        self._keys += key_samples(key, duration_ms)

    def begin_stream(self, way: Way) -> str:
        if way is Way.DUPLEX and not self.model.has_duplex:
            return "ERROR"
        form = self.model.formats.get(int(self.settings["+VSM"] or -1))
        if form is None:
            return "ERROR"
        self.say("CONNECT")
        self.stream = Stream(self.model, form, way)
        self.stream.ignored_ends, self.stuck_ends = self.stuck_ends, 0
        self.past_streams.append(self.stream)
        if self.model.tells_false_d:
            self.after(1.5, lambda: self.code("d"))
        return ""

    def _end_stream(self) -> None:
        """What comes from the line ends with DLE ETX; of +VTX there is the result code alone."""
        stream, self.stream = self.stream, None
        if stream is not None and stream.way is Way.TO_LINE:
            self.say(self.model.off_hook_reply)
            return
        self.out += bytes((DLE, ETX))
        self.say("OK")

    # ---- what the line tells

    def code(self, letter: str) -> None:
        """DLE and a code, where this firmware knows it: in the stream, or in class 8."""
        if letter in self.model.reports and (self.stream or self.settings["+FCLASS"] == "8"):
            self.out += bytes((DLE, ord(letter)))

    def keys_heard(self, key: str) -> None:
        """The chip's own DTMF detector: a pair of brackets, the key every 70 ms in between."""
        for part in f"/{key}{key}~":
            self.out += bytes((DLE, ord(part)))

    def _signal(self, signal: str) -> None:
        if self.is_deaf:
            return
        if signal == "ring_on":
            self._rings += 1
            if self.settings["+FCLASS"] == "8":
                self.code("R")
            else:
                self.say("RING")
        elif signal == "ring_off" and self._rings == 1 and self._caller is not None:
            self.after(_CALLER_ID_S, self._tell_caller)
        if signal == "busy":
            self.after(_CHIP_BUSY_S, self._chip_hears_busy)
        codes = {"loop_open": "l", "reversal": "L", "extension_up": "P", "extension_down": "p"}
        if signal in codes:
            self.code(codes[signal])

    def _chip_hears_busy(self) -> None:
        if self.line.tone_now == "busy" and self.line.exchange.is_national:
            self.code("b")

    def _tell_caller(self) -> None:
        if self._caller is None or self.settings.get("+VCID", "0") == "0":
            return
        lines = self._caller_lines(*self._caller)
        if self.settings["+FCLASS"] == "8" and self.model.has_complex_caller_id:
            text = "\r\n".join(["CIDM", *lines, ""])
            self.out += bytes((DLE, ord("X"))) + text.encode("latin-1") + bytes((DLE, ord(".")))
            self.caller_told_at_s = self.now_s
            return
        for index, line in enumerate(lines):
            self.after(index * _CALLER_ID_LINE_S, partial(self._tell_line, line))

    def _tell_line(self, text: str) -> None:
        self.out += f"\r\n{text}\r\n".encode("latin-1")
        self.caller_told_at_s = self.now_s

    def _caller_lines(self, number: str, name: str, time: str) -> list[str]:
        equals = " = " if self.model.has_spaces_in_caller_id else "="
        if self.settings["+VCID"] == "2" and self.model.has_raw_caller_id:
            return [f"MESG{equals}{packet(number, name, time).hex().upper()}"]
        pairs = [("DATE", time[:4]), ("TIME", time[4:]), ("NMBR", number), ("NAME", name)]
        return [f"{key}{equals}{value}" for key, value in pairs if value]


def packet(number: str, name: str, time: str) -> bytes:
    """The MDMF packet of an FSK caller id, with its checksum (GR-30)."""
    body = b""
    number_kind = 0x04 if number in ("O", "P") else 0x02
    for kind, text in ((0x01, time), (number_kind, number), (0x07, name)):
        if text:
            octets = text.encode("cp1251")
            body += bytes((kind, len(octets))) + octets
    whole = bytes((0x80, len(body))) + body
    return whole + bytes(((-sum(whole)) & 0xFF,))
