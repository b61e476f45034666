"""A network's own hand at short messages: reads SUBMIT PDUs, writes DELIVER PDUs.

Written apart from the product, over strings of bits, so that both can judge each other. The letters
of the GSM alphabet are those of 3GPP TS 23.038 §6.2.1, by rows of 16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ROWS = (
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
)
_LETTERS = "".join(_ROWS)
_SHIFTED = {"\f": 10, "^": 20, "{": 40, "}": 41, "\\": 47, "[": 60, "~": 61, "]": 62, "|": 64}
_SHIFTED["€"] = 101


@dataclass(frozen=True)
class SentMessage:
    """One SUBMIT as the network got it. place: (reference, total, index) or None."""

    number: str
    text: str
    place: tuple[int, int, int] | None
    coding: int
    tpdu_octets: int


def _bits_of(octets: bytes) -> str:
    return "".join(f"{octet:08b}"[::-1] for octet in octets)


def _letters(bits: str) -> str:
    codes = [int(bits[i : i + 7][::-1], 2) for i in range(0, len(bits) - 6, 7)]
    text, unshift = "", {code: letter for letter, code in _SHIFTED.items()}
    position = 0
    while position < len(codes):
        if codes[position] == 27 and position + 1 < len(codes):
            position += 1
            text += unshift.get(codes[position], "?")
        else:
            text += _LETTERS[codes[position]]
        position += 1
    return text


def _digits(octets: bytes, count: int) -> str:
    return "".join(f"{o & 15:x}{o >> 4:x}" for o in octets)[:count]


def read_submit(hex_text: str) -> SentMessage:
    """What a phone hands over with AT+CMGS; ValueError if it is no SUBMIT."""
    octets = bytes.fromhex(hex_text)
    tpdu = octets[1 + octets[0] :]
    if tpdu[0] & 3 != 1 or tpdu[0] & 0x18:
        raise ValueError("no SUBMIT without validity")
    count, kind = tpdu[2], tpdu[3]
    end = 4 + (count + 1) // 2
    number = ("+" if kind == 0x91 else "") + _digits(tpdu[4:end], count)
    coding, length, data = tpdu[end + 1], tpdu[end + 2], tpdu[end + 3 :]
    header = data[: data[0] + 1] if tpdu[0] & 0x40 else b""
    place = None
    if header and header[1] == 0:
        place = (header[3], header[4], header[5])
    elif header:
        place = (header[3] * 256 + header[4], header[5], header[6])
    if coding == 8:
        if len(data) != length:
            raise ValueError("a length that is not true")
        text = data[len(header) :].decode("utf-16-be")
    else:
        skip = -(-8 * len(header) // 7) * 7
        text = _letters(_bits_of(data)[skip : 7 * length])
    if len(data) > 140:
        raise ValueError("more than 140 octets")
    return SentMessage(number, text, place, coding, len(tpdu))


@dataclass(frozen=True)
class Arriving:
    """One DELIVER to write. sender: digits, +digits or letters; place as above; when: YYMMDDhhmmss,
    zone: quarter-hours east."""

    sender: str
    text: str
    place: tuple[int, int, int] | None = None
    is_wide: bool = False  # a 16-bit reference
    when: str = "261127093000"
    zone: int = 12


def write_deliver(message: Arriving) -> str:
    """The PDU as AT+CMGR shows it, the centre's address included."""
    header = b""
    if message.place:
        reference, total, index = message.place
        if message.is_wide:
            header = bytes((6, 8, 4, reference >> 8, reference & 255, total, index))
        else:
            header = bytes((5, 0, 3, reference, total, index))
    is_plain = all(letter in _LETTERS or letter in _SHIFTED for letter in message.text)
    if is_plain:
        data, length = _plain(header, message.text)
    else:
        data = header + message.text.encode("utf-16-be")
        length = len(data)
    zone = abs(message.zone)
    stamp = _swapped(message.when + f"{zone:02}")
    if message.zone < 0:
        stamp = stamp[:-1] + bytes((stamp[-1] | 8,))
    first = bytes((0x44 if header else 0x04,))
    coding = bytes((0, 0 if is_plain else 8))
    tpdu = first + _originator(message.sender) + coding + stamp + bytes((length,)) + data
    return (bytes.fromhex("07919712690080F9") + tpdu).hex().upper()


def _plain(header: bytes, text: str) -> tuple[bytes, int]:
    bits = _bits_of(header)
    bits += "0" * (-len(bits) % 7)
    for letter in text:
        codes: Sequence[int] = (
            (27, _SHIFTED[letter]) if letter in _SHIFTED else (_LETTERS.index(letter),)
        )
        bits += "".join(f"{code:07b}"[::-1] for code in codes)
    length = len(bits) // 7
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8)), length


def _swapped(digits: str) -> bytes:
    return bytes.fromhex("".join(b + a for a, b in zip(digits[::2], digits[1::2], strict=True)))


def _originator(sender: str) -> bytes:
    if not sender.removeprefix("+").isdigit():
        packed, septets = _plain(b"", sender)
        return bytes((-(-septets * 7 // 4), 0xD0)) + packed
    digits = sender.removeprefix("+")
    padded = digits + "f" * (len(digits) % 2)
    return bytes((len(digits), 0x91 if sender[0] == "+" else 0x81)) + _swapped(padded)
