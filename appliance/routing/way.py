"""A way out of the office as routing sees it: a trunk, or a line of wires or of a SIM.

PURE. Both have a name, a form in which they want numbers, and a number of ours that is seen at the
far end; a line carries one call and shows its own number whoever calls.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.config.model import Document, Line, LineKind, NumberForm, Trunk

#: A line is seized or not within so long; a network answers a dialling modem more slowly.
_SEIZED_S = 4.0
_ANSWERED_S = 10.0
#: What a line's leg says of tones that are the line's own fault (legs/lines/progress.py).
_LEAVE_ON = (408, 480, 488, 500, 503, 504)


@dataclass(frozen=True, slots=True)
class Way:
    """extension: who rings when it is called and no DID says so; announces: the prompt that
    answers its callers instead, or ``voicemail``, whatever they dialled; no_answer_s, leave_on: as
    of Trunk; needs_dial_tone: without one it is left, at first even in an emergency."""

    name: str
    is_enabled: bool
    max_calls: int
    number_form: NumberForm
    caller_id: str
    no_answer_s: float
    leave_on: tuple[int, ...]
    is_line: bool = False
    extension: str = ""
    announces: str = ""
    needs_dial_tone: bool = False


def ways_of(document: Document) -> tuple[Way, ...]:
    """All ways of a document, trunks before lines."""
    lines = (line for line in document.lines if line.is_way_out)
    return (*map(_trunk, document.trunks), *map(_line, lines))


def _trunk(trunk: Trunk) -> Way:
    return Way(
        trunk.name,
        trunk.is_enabled,
        trunk.max_calls,
        trunk.number_form,
        trunk.caller_id,
        trunk.no_answer_s,
        trunk.leave_on,
    )


def _line(line: Line) -> Way:
    return Way(
        line.name,
        line.is_enabled,
        1,
        line.number_form,
        line.number,
        _ANSWERED_S if line.kind is LineKind.CELLULAR else _SEIZED_S,
        _LEAVE_ON,
        is_line=True,
        extension=line.extension,
        announces=line.announces,
        needs_dial_tone=line.kind is LineKind.FXO and line.needs_dial_tone,
    )
