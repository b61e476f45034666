"""Caller id as octets, keys and symbols: what is shown to a phone and what a line said.

PURE. FSK messages of EN 300 659-3 and GR-30 (SDMF, MDMF, message waiting), the DTMF forms of EN
300 659-3 annex B and of national networks, and the Russian AON packet (order 36 of 02.09.2008).
The signals themselves are the media core's (native/detect.h, generate.h), which has already checked
the sum of an FSK message. caller_name.py reads names in code pages that nobody agreed upon.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from drivers.caller_name import decode_name, encode_name
from drivers.events import CallerIdRecord, CallerIdStatus

SDMF, MDMF, MESSAGE_WAITING_SHORT, MESSAGE_WAITING = 0x04, 0x80, 0x06, 0x82
DATE, NUMBER, NUMBER_ABSENT, NAME, NAME_ABSENT, INDICATOR = 0x01, 0x02, 0x04, 0x07, 0x08, 0x0B
LONGEST_NUMBER, LONGEST_NAME = 20, 15  # EN 300 659-3 allows 20 and 50, GR-30 10 and 15
ABSENT = {CallerIdStatus.WITHHELD: "P", CallerIdStatus.UNAVAILABLE: "O"}
_STATUSES = {letter: status for status, letter in ABSENT.items()}


@dataclass(frozen=True, slots=True)
class MessageWaiting:
    """The other thing that such a message may say."""

    is_waiting: bool


# ---- FSK


def checksum(octets: bytes) -> int:
    """The two's complement of the sum: the whole message then sums to 0 (EN 300 659-3 §5.1)."""
    return -sum(octets) & 0xFF


def encode_mdmf(record: CallerIdRecord, *, code_page: str = "ascii") -> bytes:
    """A call set-up message with its length and sum. code_page: of the name, for phones that know
    one (``cp1251`` …); ``ascii`` writes Cyrillic in Latin letters."""
    parts = []
    if record.time:
        parts.append(_parameter(DATE, record.time.encode("ascii")))
    number = _digits(record)
    if number:
        parts.append(_parameter(NUMBER, number))
    else:
        parts.append(_parameter(NUMBER_ABSENT, _absence(record)))
    if record.name:
        name = encode_name(record.name, code_page)[:LONGEST_NAME]
        parts.append(_parameter(NAME, name))
    elif record.status is not CallerIdStatus.GIVEN:
        parts.append(_parameter(NAME_ABSENT, _absence(record)))
    return _message(MDMF, b"".join(parts))


def decode_fsk(message: bytes) -> CallerIdRecord | MessageWaiting:
    """Reads a whole message; ValueError when it is cut short, damaged or of a type that is none."""
    if len(message) < 3 or len(message) != message[1] + 3:
        raise ValueError("caller id: the length is wrong")
    if sum(message) & 0xFF:
        raise ValueError("caller id: the checksum is wrong")
    kind, body = message[0], message[2:-1]
    if kind == SDMF:
        return _read_sdmf(body)
    if kind == MESSAGE_WAITING_SHORT:
        return MessageWaiting(body[:1] == b"\x42")
    if kind >= MDMF:
        return _read_mdmf(kind, body)
    raise ValueError(f"caller id: unknown type {kind:#04x}")


def _message(kind: int, body: bytes) -> bytes:
    head = bytes([kind, len(body)]) + body
    return head + bytes([checksum(head)])


def _parameter(kind: int, value: bytes) -> bytes:
    return bytes([kind, len(value)]) + value


def _digits(record: CallerIdRecord) -> bytes:
    if record.status is not CallerIdStatus.GIVEN:
        return b""
    return re.sub(r"[^0-9*#]", "", record.number)[-LONGEST_NUMBER:].encode("ascii")


def _absence(record: CallerIdRecord) -> bytes:
    return ABSENT.get(record.status, "O").encode("ascii")


def _read_sdmf(body: bytes) -> CallerIdRecord:
    date, number = _text(body[:8]), _text(body[8:])
    if number[:1] in _STATUSES:
        return CallerIdRecord("", time=date, status=_STATUSES[number[:1]], source="fsk")
    return CallerIdRecord(_clean(number), time=date, source="fsk")


def _read_mdmf(kind: int, body: bytes) -> CallerIdRecord | MessageWaiting:
    values = dict(_parameters(body))
    if kind == MESSAGE_WAITING or (INDICATOR in values and NUMBER not in values):
        return MessageWaiting(values.get(INDICATOR, b"\x00")[:1] != b"\x00")
    number = _clean(_text(values.get(NUMBER, b"")))
    absence = _STATUSES.get(_text(values.get(NUMBER_ABSENT, b""))[:1])
    status = CallerIdStatus.GIVEN if number else absence or CallerIdStatus.UNAVAILABLE
    return CallerIdRecord(
        number,
        decode_name(values.get(NAME, b"")),
        _text(values.get(DATE, b"")),
        status,
        "fsk",
    )


def _parameters(body: bytes) -> Iterator[tuple[int, bytes]]:
    while body:
        if len(body) < 2 or len(body) < 2 + body[1]:
            raise ValueError("caller id: a parameter is cut short")
        yield body[0], body[2 : 2 + body[1]]
        body = body[2 + body[1] :]


def _text(value: bytes) -> str:
    return value.decode("ascii", "ignore").strip()


def _clean(number: str) -> str:
    sign = "+" if number.startswith("+") else ""
    return sign + re.sub(r"[^0-9*#]", "", number)


# ---- DTMF

_DTMF = re.compile(r"(?:A(?P<number>\d*))?(?:D(?P<other>\d*))?(?:B(?P<cause>\d*))?[C#]")
_BARE = re.compile(r"(?P<number>\d{3,})[C#]?")
_WITHHELD_CAUSES = {"10", "1"}  # B10; D1# in some networks [M]
_OTHER_CAUSES = {"00", "2", "3"}


def encode_dtmf(record: CallerIdRecord, form: str = "A{}C") -> str:
    """The keys that show it; form: ``A{}C D{}C A{}# D{}# {}#`` with the number in the middle."""
    number = _digits(record).decode("ascii")
    if number:
        return form.format(number)
    return "B10C" if record.status is CallerIdStatus.WITHHELD else "B00C"


def decode_dtmf(keys: str) -> CallerIdRecord:
    """Reads the keys of a caller id, whichever form; ValueError when they are none.

    A… caller, B… why there is none, D… whose call was diverted (or, alone, the caller).
    """
    found = _DTMF.fullmatch(keys)
    if not found:
        bare = _BARE.fullmatch(keys)
        if not bare:
            raise ValueError("caller id: these keys are none")
        return CallerIdRecord(bare["number"], source="dtmf")
    number, other, cause = found["number"], found["other"], found["cause"]
    if number is None and other in ("1", "2", "3"):
        other, cause = None, other
    digits = number or other or ""
    if digits:
        return CallerIdRecord(digits, source="dtmf")
    if cause in _WITHHELD_CAUSES:
        return CallerIdRecord("", status=CallerIdStatus.WITHHELD, source="dtmf")
    if cause in _OTHER_CAUSES or cause is None:
        return CallerIdRecord("", status=CallerIdStatus.UNAVAILABLE, source="dtmf")
    raise ValueError("caller id: these keys are none")


# ---- AON

AON_DIGITS = 7
AON_PACKET = 2 + AON_DIGITS  # start, category, digits


def decode_aon(symbols: str) -> CallerIdRecord:
    """The number in what was heard, whole packets and parts of them, each place put to the vote.

    Symbols 0-9, S start, R repeat, ? unreadable; it may begin anywhere. That the digits come from
    last to first is to be checked on a recording of a line. ValueError when a place stays unknown.
    """
    votes: list[Counter[str]] = [Counter() for _ in range(AON_PACKET - 1)]
    first, *others = _without_repeats(symbols).split("S")
    for place, symbol in enumerate(reversed(first[-(AON_PACKET - 1) :])):
        votes[-1 - place][symbol] += 1
    for packet in others:
        for place, symbol in enumerate(packet[: AON_PACKET - 1]):
            votes[place][symbol] += 1
    elected = [_winner(vote) for vote in votes]
    if None in elected or not others:
        raise ValueError("caller id: too little of it was heard")
    digits = [digit for digit in elected if digit is not None]
    return CallerIdRecord("".join(digits[:0:-1]), source="aon")


def _without_repeats(symbols: str) -> str:
    plain = ""
    for symbol in symbols:
        plain += (plain[-1:] or "?") if symbol == "R" else symbol
    return plain


def _winner(vote: Counter[str]) -> str | None:
    del vote["?"]
    ranked = vote.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


# ---- whatever came


def read_caller_id(method: str, message: bytes) -> CallerIdRecord | MessageWaiting:
    """What the media core heard (media.api.CallerIdHeard); ValueError when it says nothing."""
    if method == "fsk":
        return decode_fsk(message)
    text = message.decode("ascii")
    return decode_aon(text) if method == "aon" else decode_dtmf(text)
