"""Short messages as octets: SUBMIT made, DELIVER read, long texts in parts.

PURE. 3GPP TS 23.040 §9.2.2 (the PDUs), §9.1.2.5 (addresses), §9.2.3.11 (time stamps), §9.2.3.24.1
and .8 (concatenation with 8- and 16-bit references); TS 23.038 §4 (coding schemes). What is not a
message reads as PduError, whatever octets came.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from drivers.cellular import gsm7

_INTERNATIONAL, _UNKNOWN, _ALPHANUMERIC = 0x91, 0x81, 0xD0
_SUBMIT, _HEADER_FOLLOWS = 0x01, 0x40
_GSM7, _DATA, _UCS2 = 0x00, 0x04, 0x08
_USER_DATA_OCTETS = 140
_DIGITS = "0123456789*#abc"
_CONCATENATED_8, _CONCATENATED_16 = 0x00, 0x08
_MOST_PARTS = 255


class PduError(ValueError):
    """Octets that are not a message, or a text or number that cannot be one."""


class Place(NamedTuple):
    """Where a part belongs: the reference of its message, how many parts, which one (from 1)."""

    reference: int
    total: int
    number: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """One received short message, or a part of one.

    sender: digits (with + if international) or letters. sent_at: ISO 8601 with zone, or empty.
    place: None if the message is whole. alphabet, codes: what the text was read from; a sender may
    tear a letter at the end of a part, so that only all of them together can be read.
    """

    sender: str
    text: str
    sent_at: str
    place: Place | None = None
    alphabet: int = field(default=_GSM7, compare=False, repr=False)
    codes: tuple[int, ...] = field(default=(), compare=False, repr=False)


class Submit(NamedTuple):
    """What AT+CMGS takes: tpdu_octets (its argument, without the centre's address) and the hex."""

    tpdu_octets: int
    hex_text: str


def encode_submits(
    number: str, text: str, reference: int, *, has_wide_reference: bool = False
) -> list[Submit]:
    """A text to a number, in as many parts as it needs; PduError if either cannot be sent.

    reference: tells the parts' message from others (8 bits, 16 with has_wide_reference).
    """
    address = encode_address(number)
    scheme = _GSM7 if gsm7.is_encodable(text) else _UCS2
    units = _units(text, scheme)
    whole = 160 if scheme == _GSM7 else 70
    if sum(map(len, units)) <= whole:
        return [_submit(address, scheme, units, b"")]
    header_octets = 7 if has_wide_reference else 6
    room = _USER_DATA_OCTETS - header_octets
    parts = _share_out(units, room * 8 // 7 if scheme == _GSM7 else room // 2)
    if len(parts) > _MOST_PARTS:
        raise PduError(f"a text of {len(parts)} parts; at most {_MOST_PARTS} can be sent")
    return [
        _submit(
            address,
            scheme,
            part,
            _header(Place(reference, len(parts), index + 1), has_wide_reference),
        )
        for index, part in enumerate(parts)
    ]


def _units(text: str, scheme: int) -> list[tuple[int, ...]]:
    """Per letter what may not be torn apart: septets with their escape, a surrogate pair."""
    if scheme == _GSM7:
        return [gsm7.encode_septets(letter) for letter in text]
    units = []
    for letter in text:
        octets = letter.encode("utf-16-be", "replace")
        units.append(
            tuple(int.from_bytes(octets[i : i + 2], "big") for i in range(0, len(octets), 2))
        )
    return units


def _share_out(units: list[tuple[int, ...]], room: int) -> list[list[tuple[int, ...]]]:
    parts: list[list[tuple[int, ...]]] = [[]]
    used = 0
    for unit in units:
        if used + len(unit) > room:
            parts.append([])
            used = 0
        parts[-1].append(unit)
        used += len(unit)
    return parts


def _header(place: Place, is_wide: bool) -> bytes:
    if is_wide:
        reference = (place.reference & 0xFFFF).to_bytes(2, "big")
        element = bytes((_CONCATENATED_16, 4)) + reference + bytes((place.total, place.number))
    else:
        element = bytes((_CONCATENATED_8, 3, place.reference & 0xFF, place.total, place.number))
    return bytes((len(element),)) + element


def _submit(address: bytes, scheme: int, units: list[tuple[int, ...]], header: bytes) -> Submit:
    codes = [code for unit in units for code in unit]
    if scheme == _GSM7:
        header_septets = (8 * len(header) + 6) // 7
        fill = 7 * header_septets - 8 * len(header)
        data, length = header + gsm7.pack(codes, fill), header_septets + len(codes)
    else:
        data = header + b"".join(code.to_bytes(2, "big") for code in codes)
        length = len(data)
    first = _SUBMIT | (_HEADER_FOLLOWS if header else 0)
    tpdu = bytes((first, 0)) + address + bytes((0, scheme, length)) + data
    return Submit(len(tpdu), "00" + tpdu.hex().upper())


def encode_address(number: str) -> bytes:
    """Length in digits, kind, swapped digits; a number of another kind than ``+`` is national."""
    digits = number.removeprefix("+")
    if not 1 <= len(digits) <= 20 or any(digit not in _DIGITS for digit in digits):
        raise PduError(f"not a number for a message: {number!r}")
    nibbles = [_DIGITS.index(digit) for digit in digits]
    if len(nibbles) % 2:
        nibbles.append(0xF)
    swapped = bytes(nibbles[i] | nibbles[i + 1] << 4 for i in range(0, len(nibbles), 2))
    kind = _INTERNATIONAL if number.startswith("+") else _UNKNOWN
    return bytes((len(digits), kind)) + swapped


def decode_deliver(hex_text: str) -> Deliver | None:
    """A received message; None for a PDU of another kind (a report, a draft on the SIM).

    Raises PduError for anything else.
    """
    try:
        octets = bytes.fromhex(hex_text)
    except ValueError:
        raise PduError("not hexadecimal") from None
    reader = _Reader(octets)
    reader.take(reader.octet())  # the centre's address
    first = reader.octet()
    if first & 0x03 != 0:
        return None
    sender = _address(reader)
    reader.octet()  # protocol identifier
    scheme = reader.octet()
    sent_at = _time(reader.take(7))
    length = reader.octet()
    data = reader.rest()
    place, skipped = _place(data) if first & _HEADER_FOLLOWS else (None, 0)
    alphabet = _alphabet(scheme)
    codes = _codes(alphabet, data, skipped, length)
    return Deliver(sender, read_codes(alphabet, codes), sent_at, place, alphabet, codes)


def read_codes(alphabet: int, codes: tuple[int, ...]) -> str:
    """The text of septets, of UCS-2 units or of octets."""
    if alphabet == _GSM7:
        return gsm7.decode_septets(codes)
    if alphabet == _UCS2:
        units = b"".join(code.to_bytes(2, "big") for code in codes)
        return units.decode("utf-16-be", "replace")
    return bytes(codes).hex(" ").upper()  # 8-bit data: settings of operators, not for eyes


class _Reader:
    """Octets from the left; PduError when there are no more."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def take(self, count: int) -> bytes:
        taken = self._octets[self._at : self._at + count]
        if len(taken) < count:
            raise PduError("cut short")
        self._at += count
        return taken

    def octet(self) -> int:
        return self.take(1)[0]

    def rest(self) -> bytes:
        return self.take(len(self._octets) - self._at)


def _address(reader: _Reader) -> str:
    length, kind = reader.octet(), reader.octet()
    if length > 22:
        raise PduError("an address of more than 22 digits")
    octets = reader.take((length + 1) // 2)
    if kind & 0x70 == _ALPHANUMERIC & 0x70:
        return gsm7.decode_septets(gsm7.unpack(octets, length * 4 // 7))
    nibbles = [nibble for octet in octets for nibble in (octet & 0xF, octet >> 4)][:length]
    digits = "".join(_DIGITS[nibble] for nibble in nibbles if nibble != 0xF)
    return ("+" if kind & 0x70 == 0x10 else "") + digits


def _time(octets: bytes) -> str:
    """YY MM DD hh mm ss and quarter-hours of zone, digits swapped; empty if that is no time."""
    tens = [(octet & 0xF) * 10 + (octet >> 4) for octet in octets[:6]]
    zone = octets[6]
    quarters = (zone & 0x7) * 10 + (zone >> 4)
    year, month, day, hour, minute, second = tens
    is_time = 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60
    has_digits = all((octet & 0xF) < 10 and octet >> 4 < 10 for octet in octets[:6])
    if not is_time or not has_digits or quarters > 56 or zone >> 4 > 9:
        return ""
    sign = "-" if zone & 0x8 and quarters else "+"
    return (
        f"20{year:02}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        f"{sign}{quarters // 4:02}:{quarters % 4 * 15:02}"
    )


def _place(data: bytes) -> tuple[Place | None, int]:
    """The concatenation element of a user data header, and how long the header is."""
    reader = _Reader(data)
    header_octets = reader.octet()
    header = _Reader(reader.take(header_octets))
    left, found = header_octets, None
    while left >= 2:
        element, length = header.octet(), header.octet()
        value = header.take(length)
        left -= 2 + length
        if element == _CONCATENATED_8 and length == 3:
            found = Place(*value)
        elif element == _CONCATENATED_16 and length == 4:
            found = Place(int.from_bytes(value[:2], "big"), value[2], value[3])
    # TS 23.040 §9.2.3.24.1: a part that cannot be one of its total is read as a message of its own.
    if found and not 1 <= found.number <= found.total:
        found = None
    return found, header_octets + 1


def _codes(alphabet: int, data: bytes, skipped: int, length: int) -> tuple[int, ...]:
    """length: septets (GSM-7) or octets, the header included; skipped: octets of the header."""
    if alphabet == _GSM7:
        header_septets = (8 * skipped + 6) // 7
        fill = 7 * header_septets - 8 * skipped
        count = max(0, length - header_septets)
        return tuple(gsm7.unpack(data[skipped:], count, fill))
    body = data[skipped:length]
    if alphabet == _UCS2:
        return tuple(body[i] << 8 | body[i + 1] for i in range(0, len(body) - 1, 2))
    return tuple(body)


def _alphabet(scheme: int) -> int:
    """0 GSM-7, 8 UCS-2, 4 data (TS 23.038 §4; what is reserved reads as GSM-7, as it says)."""
    group = scheme >> 4
    if group <= 0x7:
        if scheme & 0x20:
            raise PduError("a compressed text")
        return {0x04: _DATA, 0x08: _UCS2}.get(scheme & 0x0C, _GSM7)
    if group == 0xE:
        return _UCS2
    if group == 0xF:
        return _DATA if scheme & 0x04 else _GSM7
    return _GSM7
