"""What a modem said it can do: +FCLASS=?, +VSM=?, +VLS=? read into one record.

PURE: V.253 §10.1 (classes), §10.1.7 (+VSM rows), §10.1.6 (+VLS rows). Rows are read by name and
bits, never by label: 130 is A-law in one modem and 8-bit linear in the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from drivers.api import Encoding

_ROW = re.compile(r'\s*(\d+)\s*[,;]\s*"?([^",;]*)"?\s*(?:[,;]\s*(.*))?')
_RATE = "8000"


@dataclass(frozen=True, slots=True)
class Method:
    """A row of +VSM=?. bits: 0 = the row does not say."""

    label: int
    name: str
    bits: int
    rates: tuple[str, ...]

    @property
    def encoding(self) -> Encoding | None:
        """How the media core reads it; None for what it does not know or the wire cannot carry."""
        name = self.name.upper().replace("-", " ").replace(".", "")
        if self.rates and _RATE not in self.rates:
            return None
        if re.search(r"\bA ?LAW|G711 ?A", name):
            return Encoding.ALAW
        if re.search(r"\b(U|MU|µ) ?LAW|G711 ?U", name):
            return Encoding.ULAW
        is_eight_bit = self.bits == 8 or name.startswith("8 BIT")
        is_linear = "ADPCM" not in name and ("LINEAR" in name or "UNSIGNED PCM" in name)
        return Encoding.U8 if is_eight_bit and is_linear else None


@dataclass(frozen=True, slots=True)
class CapabilityRecord:
    """One unit's abilities, kept by its serial number.

    has_duplex: None = nobody has tried. start_lines: what sets it up; voice_lines: what makes it
    ready for voice. has_receive: False for an hour once it refused +VRX, or until it is
    plugged in anew.
    is_tripled: end codes need their DLE three times. joins_start: it goes off-hook and streams by
    one line.
    """

    has_voice: bool
    methods: tuple[Method, ...] = ()
    sources: tuple[int, ...] = ()  # +VLS labels; empty = not told
    start_lines: tuple[str, ...] = ()
    voice_lines: tuple[str, ...] = ()
    has_duplex: bool | None = None
    has_receive: bool = True
    has_caller_id: bool = False
    is_tripled: bool = False
    joins_start: bool = True

    @property
    def method(self) -> Method | None:
        """The best one: A-law, µ-law, then 8-bit linear."""
        for wanted in (Encoding.ALAW, Encoding.ULAW, Encoding.U8):
            for method in self.methods:
                if method.encoding is wanted:
                    return method
        return None


def parse_classes(lines: tuple[str, ...]) -> tuple[str, ...]:
    """``0,1,1.0,2,8`` of +FCLASS=?, with or without brackets and name."""
    return tuple(re.findall(r"\d+(?:\.\d)?", " ".join(lines).upper().replace("+FCLASS", "")))


def parse_methods(lines: tuple[str, ...]) -> tuple[Method, ...]:
    """Rows of +VSM=?; what is no row is left out."""
    return tuple(method for line in lines if (method := _method_of(line)) is not None)


def _method_of(line: str) -> Method | None:
    found = _ROW.fullmatch(re.sub(r"^\+VSM:\s*", "", line.strip(), flags=re.IGNORECASE))
    if found is None:
        return None
    label, name, rest = found.groups(default="")
    first = rest.split(",")[0].strip()
    is_bits = first.isdigit() and int(first) <= 16
    rates = tuple(part for part in re.findall(r"\d+", rest) if int(part) >= 4000)
    return Method(int(label), name.strip(), int(first) if is_bits else 0, rates)


def parse_sources(lines: tuple[str, ...]) -> tuple[int, ...]:
    """Labels of +VLS=?: rows with names and masks, or a bare list ``(0,1,2,4)``."""
    labels: list[int] = []
    for line in lines:
        text = re.sub(r"^\+VLS:\s*", "", line.strip(), flags=re.IGNORECASE)
        row = re.match(r'(\d+)\s*,\s*"', text)
        if row:
            labels.append(int(row[1]))
        elif re.fullmatch(r"[(\d][\d,() -]*", text):
            labels += [int(part) for part in re.findall(r"\d+", text)]
    return tuple(dict.fromkeys(labels))
