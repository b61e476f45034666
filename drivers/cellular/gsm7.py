"""The GSM 7-bit default alphabet with its extension table, and the packing of septets.

PURE. 3GPP TS 23.038 §6.1.2.1 (packing), §6.2.1 (alphabet), §6.2.1.1 (extension). A *septet* is an
int of 0–127; a character of the extension table takes two. National shift tables are not known:
their texts are read by the default alphabet.
"""

from __future__ import annotations

from collections.abc import Sequence

_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPE = 0x1B
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_SEPTETS = {letter: (code,) for code, letter in enumerate(_ALPHABET) if code != ESCAPE} | {
    letter: (ESCAPE, code) for code, letter in _EXTENSION.items()
}


def is_encodable(text: str) -> bool:
    """Whether the whole text is of the alphabet."""
    return all(letter in _SEPTETS for letter in text)


def encode_septets(letter: str) -> tuple[int, ...]:
    """One or two septets of a letter; KeyError if it has none."""
    return _SEPTETS[letter]


def decode_septets(septets: Sequence[int]) -> str:
    """The text of septets; an unknown extension reads as the plain letter (TS 23.038 §6.2.1.1)."""
    letters: list[str] = []
    is_escaped = False
    for septet in septets:
        if is_escaped:
            letters.append(_EXTENSION.get(septet, "" if septet == ESCAPE else _ALPHABET[septet]))
            is_escaped = False
        elif septet == ESCAPE:
            is_escaped = True
        else:
            letters.append(_ALPHABET[septet])
    return "".join(letters)


def pack(septets: Sequence[int], fill_bits: int = 0) -> bytes:
    """Septets, lowest bit first, after fill_bits (0–6) of zero."""
    packed = 0
    for index, septet in enumerate(septets):
        packed |= septet << (fill_bits + 7 * index)
    return packed.to_bytes((fill_bits + 7 * len(septets) + 7) // 8, "little")


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> list[int]:
    """As many septets as count says, or as are there."""
    bits = int.from_bytes(octets, "little") >> fill_bits
    there = max(0, (8 * len(octets) - fill_bits) // 7)
    return [(bits >> (7 * index)) & 0x7F for index in range(min(count, there))]
