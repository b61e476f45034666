"""What a cellular modem tells, line by line: typed reports of news and answers.

PURE. 3GPP TS 27.007 (+CLIP, +CLCC, +CREG, +CSQ, +COPS, +CPIN), TS 27.005 (+CMTI), and the makers'
own: Quectel ``+QIND: "ccinfo"``, ``^DSCI``, ``+QTONEDET``, ``+QPCMV``; SIMCom ``VOICE CALL``,
``MISSED_CALL``, ``+RXDTMF``. A line that says nothing to us reads as None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from drivers.at import NewsWords


class CallState(Enum):
    """A call in the modem's eyes (TS 27.007 §7.18)."""

    ACTIVE = 0
    HELD = 1
    DIALLING = 2
    ALERTING = 3
    INCOMING = 4
    WAITING = 5
    RELEASED = -1


@dataclass(frozen=True, slots=True)
class Ringing:
    """RING: somebody calls; who, +CLIP tells."""


@dataclass(frozen=True, slots=True)
class CallerShown:
    """+CLIP. is_withheld: the caller hides the number."""

    number: str
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class CallChanged:
    """index: which of the modem's calls it is, as AT+CLCC counts them; 0 where that is not told."""

    state: CallState
    is_incoming: bool
    number: str = ""
    index: int = field(default=0, compare=False)  # told twice, it is the same change


@dataclass(frozen=True, slots=True)
class CallBegun:
    """SIMCom: both ends hear each other."""


@dataclass(frozen=True, slots=True)
class CallOver:
    """reason: a word of ProgressReported: ``released busy no_answer``."""

    reason: str


@dataclass(frozen=True, slots=True)
class KeyHeard:
    digit: str


@dataclass(frozen=True, slots=True)
class MessageStored:
    slot: int


@dataclass(frozen=True, slots=True)
class AudioAllowed:
    """Quectel: the modem's buffer is full (False) or has room again."""

    may_send: bool


@dataclass(frozen=True, slots=True)
class Registration:
    """domain: ``CREG`` (calls) or ``CEREG`` (LTE). stat: TS 27.007 §7.2."""

    domain: str
    stat: int

    @property
    def is_registered(self) -> bool:
        return self.stat in (1, 5)


@dataclass(frozen=True, slots=True)
class SimState:
    """READY, SIM PIN, SIM PUK, NOT READY, NOT INSERTED …"""

    word: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The modem started (again), whoever asked it to."""


Report = (
    Ringing
    | CallerShown
    | CallChanged
    | CallBegun
    | CallOver
    | KeyHeard
    | MessageStored
    | AudioAllowed
    | Registration
    | SimState
    | Restarted
)

NEWS = NewsWords(
    (
        *("RING", "+CRING:", "+CLIP:", "+CCWA:", "+CLCC:", "+QIND:", "^DSCI:", "+CSSI:", "+CSSU:"),
        *("VOICE CALL:", "MISSED_CALL:", "+QTONEDET:", "+RXDTMF:", "+QPCMV:", "+CMTI:", "+CDSI:"),
        *("+CREG:", "+CEREG:", "+CGREG:", "+CPIN:", "+QUSIM:", "+CGEV:", "+QGPS:", "+CUSD:"),
        *("RDY", "START", "POWERED DOWN", "SMS DONE", "PB DONE", "SMS READY", "CALL READY"),
    )
)

#: ^DSCI stat (Quectel; SIMCom's 7600 leaves 6 out) -> our state.
_DSCI_STATES = {
    1: CallState.HELD,
    2: CallState.DIALLING,
    3: CallState.ACTIVE,
    4: CallState.INCOMING,
    5: CallState.WAITING,
    6: CallState.RELEASED,
    7: CallState.ALERTING,
}
_KEYS = "0123456789*#ABCD"
_FIELD = re.compile(r'\s*(?:"((?:[^"])*)"|([^,"]*))\s*(?:,|$)')


def fields_of(line: str) -> list[str]:
    """What stands behind the colon, parted by commas; quotes taken off."""
    text = line.partition(":")[2].strip()
    fields: list[str] = []
    at = 0
    while at <= len(text) and len(fields) < 64:
        found = _FIELD.match(text, at)
        if not found or (found.end() == at and at == len(text)):
            break
        fields.append(found.group(1) if found.group(1) is not None else found.group(2).strip())
        at = found.end()
    return fields


def parse_report(line: str) -> Report | None:
    """One line of news, or of an answer of the same form."""
    for beginning, read in _READERS.items():
        if line.startswith(beginning):
            try:
                return read(fields_of(line))
            except (ValueError, IndexError):
                return None
    if line in _CALL_ENDS:
        return CallOver(_CALL_ENDS[line])
    if line == "RING":
        return Ringing()
    if line in ("RDY", "START"):
        return Restarted()
    return None


def parse_registration_answer(line: str) -> Registration | None:
    """An answer to AT+CREG?: its first field is the mode, which news does not have."""
    report = parse_report(line)
    fields = fields_of(line)
    if isinstance(report, Registration) and len(fields) >= 2 and fields[1].isdecimal():
        return Registration(report.domain, int(fields[1]))
    return report if isinstance(report, Registration) else None


def parse_signal_dbm(line: str) -> float | None:
    """+CSQ: 0–31 -> dBm (TS 27.007 §8.5); None where it is not known."""
    fields = fields_of(line)
    if line.startswith("+CSQ:") and fields and fields[0].isdecimal() and int(fields[0]) <= 31:
        return -113.0 + 2 * int(fields[0])
    return None


def parse_operator(line: str) -> str:
    fields = fields_of(line)
    return fields[2] if line.startswith("+COPS:") and len(fields) >= 3 else ""


def _clip(fields: list[str]) -> Report:
    validity = fields[5] if len(fields) > 5 else ""
    return CallerShown(_number(fields[0], fields[1]), validity == "1" or not fields[0])


def _number(number: str, kind: str) -> str:
    """With + where its kind says international and the modem left it out."""
    digits = "".join(letter for letter in number if letter in "+0123456789*#")
    return f"+{digits}" if kind == "145" and digits and digits[0] != "+" else digits


def _call(fields: list[str]) -> Report | None:
    """idx, dir, state, mode, mpty, number, type"""
    if fields[3] != "0":
        return None  # no voice call
    number = _number(fields[5], fields[6]) if len(fields) > 6 else ""
    return CallChanged(CallState(int(fields[2])), fields[1] == "1", number, int(fields[0]))


def _ccinfo(fields: list[str]) -> Report | None:
    return _call(fields[1:]) if fields[0] == "ccinfo" else None


def _dsci(fields: list[str]) -> Report | None:
    """id, dir, stat, type, number, kind; nobody says that the id is AT+CLCC's index"""
    if fields[3] != "0" or int(fields[2]) not in _DSCI_STATES:
        return None
    number = _number(fields[4], fields[5]) if len(fields) > 5 else ""
    return CallChanged(_DSCI_STATES[int(fields[2])], fields[1] == "1", number)


def _voice_call(fields: list[str]) -> Report | None:
    word = fields[0].upper()
    if word.startswith("BEGIN"):
        return CallBegun()
    return CallOver("released") if word.startswith("END") else None


def _tone(fields: list[str]) -> Report | None:
    """Quectel tells the letter's ASCII code."""
    letter = chr(int(fields[0])).upper()
    return KeyHeard(letter) if letter in _KEYS else None


def _key(fields: list[str]) -> Report | None:
    letter = fields[0].upper()
    return KeyHeard(letter) if len(letter) == 1 and letter in _KEYS else None


def _flow(fields: list[str]) -> Report | None:
    """``0,0`` full, ``1,0`` room; the answer to AT+QPCMV? has the same form and is asked never."""
    return AudioAllowed(fields[0] == "1")


def _stored(fields: list[str]) -> Report:
    return MessageStored(int(fields[1]))


_CALL_ENDS = {
    "NO CARRIER": "released",
    "BUSY": "busy",
    "NO ANSWER": "no_answer",
    "NO DIALTONE": "no_dial_tone",
    "NO DIAL TONE": "no_dial_tone",
}
_READERS: Mapping[str, Callable[[list[str]], Report | None]] = {
    "+CLIP:": _clip,
    "+CLCC:": _call,
    "+QIND:": _ccinfo,
    "^DSCI:": _dsci,
    "VOICE CALL:": _voice_call,
    "+QTONEDET:": _tone,
    "+RXDTMF:": _key,
    "+QPCMV:": _flow,
    "+CMTI:": _stored,
    "+CREG:": lambda fields: Registration("CREG", int(fields[0])),
    "+CEREG:": lambda fields: Registration("CEREG", int(fields[0])),
    "+CPIN:": lambda fields: SimState(fields[0]),
    "+CRING:": lambda fields: Ringing(),
}
