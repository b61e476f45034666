"""Models of voice modems as data: how each is known, set up, and what to make of its quirks.

PURE. A modem is known by what it says of itself (ATI, +GMI), never by its USB id alone; one that
nobody knows is ``generic``. docs/hardware.md tells which rows were seen on real units.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a ladder; is_tolerated: ERROR is an answer like any other."""

    command: str
    is_tolerated: bool = False
    timeout_s: float = 1.5


@dataclass(frozen=True, slots=True)
class Model:
    """A row. has_duplex: what manual or field report says of +VTR, None = unknown, it is tried.

    mask_line_current_s: DLE H and h count for nothing so long after off-hook; masks_dial_tone:
    DLE d counts for nothing while audio flows; loop_break_ms: what the chip calls an interruption;
    transmit_delay_ms: where the echo canceller begins to search.
    """

    name: str
    signs: str
    caller_id: tuple[Step, ...] = (Step("AT+VCID=1", is_tolerated=True),)
    voice: tuple[Step, ...] = ()
    has_duplex: bool | None = None
    mask_line_current_s: float = 1.0
    masks_dial_tone: bool = True
    masks_busy: bool = False
    reports_loop: bool = False
    reports_polarity: bool = False
    reports_extension: bool = False
    loop_break_ms: int = 250
    flash_by_dial: bool = False
    transmit_delay_ms: float = 80.0


_GAINS = (Step("AT+VGT=128", True), Step("AT+VGR=128", True))
_NO_SILENCE = (Step("AT+VSD=128,0", True), Step("AT+VIT=0", True))

MODELS = (
    Model(
        name="CX93010",
        signs=r"CONEXANT|CX930|CX8180|^56000$|SYNAPTICS",
        caller_id=(
            Step("AT-SCID=1", True),
            Step("AT+VCID=1", True),
            Step("AT-STE=7", True),
        ),
        voice=(Step("AT+VSD=0,0", True), Step("AT+VIT=0", True), *_GAINS),
        has_duplex=True,
        reports_loop=True,
        reports_extension=True,
        flash_by_dial=True,
    ),
    Model(
        name="USR5637",
        signs=r"U\.?\s?S\.?\s?ROBOTICS|^5601$",
        voice=(*_NO_SILENCE, *_GAINS),
        reports_loop=True,
    ),
    Model(
        name="MultiTech MT9234",
        signs=r"MULTI-?TECH|MT9234",
        voice=(*_NO_SILENCE, *_GAINS),
    ),
    Model(
        name="Si2494",
        signs=r"SILICON LAB|SKYWORKS|^24(94|39)$",
        caller_id=(
            Step("AT+VCDT=0", True),
            Step("AT+VCID=2", True),
        ),
        voice=(*_NO_SILENCE, *_GAINS),
        has_duplex=True,
        reports_loop=True,
        reports_polarity=True,
        reports_extension=True,
    ),
)
GENERIC = Model(name="generic V.253", signs="", voice=(*_NO_SILENCE, *_GAINS))

#: Questions of who it is; what answers is put together and searched for signs.
WHO = (Step("ATI0", True), Step("AT+GMI", True), Step("ATI9", True), Step("ATI3", True))
FIRMWARE = "ATI3"

#: After a reset and before anything else (V.250 §6); each of the two flow controls may be unknown.
BASICS = (
    Step("ATZ", timeout_s=3.0),
    Step("ATE0V1Q0"),
    Step("ATX4M0", True),
    Step("AT&D2", True),  # whoever dies lets DTR fall, and the line with it
    Step("AT+FCLASS=0", True),
    Step("AT+IFC=2,2", True),
    Step("AT+FLO=2", True),
    Step("AT+VDR=1,0", True),
)


def recognise(answers: tuple[str, ...]) -> Model:
    """The model whose signs stand in one of the answers; generic if none's do."""
    for model in MODELS:
        if any(re.search(model.signs, answer.strip(), re.IGNORECASE) for answer in answers):
            return model
    return GENERIC
