"""Lines in words: how each is, why it cannot be used, what somebody may do with a simulated one.

PURE. Words of states, kinds and reasons are those of the command line, so that a state has one name
in the house.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.commands.line_doctor_words import FINDINGS
from appliance.commands.line_words import LINE_STATES
from appliance.commands.words import word
from appliance.config.field_texts import FIELD_TEXTS
from appliance.routing.texts import say_why

_PILLS = {"idle": "ok", "down": "bad", "fault": "bad", "disabled": "idle", "starting": "busy"}
#: Reasons that pass by themselves: somebody talks, dials or calls.
PASSING = frozenset({"line.busy", "line.ringing", "line.off_hook", "line.releasing"})
#: What a simulated line's hand may do, by kind and state (and a flash, in a call of any city line);
#: the names of the buttons are the page's.
_TELEPHONE_DOWN = ("lift",)
_TELEPHONE_UP = ("dial", "flash", "hang_up")
_CITY_QUIET = ("ring",)
_CITY_BUSY = ("hang_up",)


@dataclass(frozen=True, slots=True)
class LineState:
    """One line. pill: ``ok bad busy idle``; why: empty unless no call can be made by it now;
    figures: (name, value) as the device tells them; levels in dBm0, None while it is silent;
    answers: how a device without sound both ways may answer: ``voicemail`` (or with words),
    ``words``, ``never``; empty = it has duplex, or is not there."""

    name: str
    pill: str
    text: str
    why: str
    is_broken: bool
    is_up: bool
    caller: str
    called_at: float | None
    changed_at: float | None
    model: str
    figures: tuple[tuple[str, str], ...]
    level_in: float | None
    level_out: float | None
    echo: float | None
    hands: tuple[str, ...]
    why_no_flash: str
    answers: str


def states_of(answer: Any, language: str) -> list[LineState]:
    """answer: of the operation ``lines``, or None."""
    return [_state(row, language) for row in (answer or {}).get("lines", ())]


def _state(row: Mapping[str, Any], language: str) -> LineState:
    state, why = str(row["state"]), str(row["why"])
    audio = row["audio"] or {}
    is_broken = state in ("down", "fault") or (bool(why) and why not in PASSING)
    return LineState(
        name=str(row["name"]),
        pill=_pill(state, is_broken=is_broken and state != "disabled"),
        text=word(LINE_STATES, state, language),
        why=say_why(why, language) if why else "",
        is_broken=is_broken and state != "disabled",
        is_up=state not in ("disabled", "down", "starting"),
        caller=f"{row['caller']} {row['caller_name']}".strip(),
        called_at=row["called_at"],
        changed_at=row["changed_at"],
        model=" ".join(filter(None, (str(row["model"]), str(row["firmware"])))),
        figures=_figures(row),
        level_in=audio.get("level_in_dbm0"),
        level_out=audio.get("level_out_dbm0"),
        echo=audio.get("erle_db"),
        hands=_hands(row, state),
        why_no_flash=say_why(row["why_no_flash"], language) if row["why_no_flash"] else "",
        answers=_answers(row["can"]),
    )


def _answers(can: Mapping[str, Any]) -> str:
    if not can or can["duplex"]:
        return ""
    if not can["announces"]:
        return "never"
    return "voicemail" if can["records"] else "words"


def _pill(state: str, *, is_broken: bool) -> str:
    return "bad" if is_broken else _PILLS.get(state, "busy")


def _figures(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    shown = [(str(name), f"{value:g}") for name, value in sorted(row["figures"].items())]
    if row["operator"]:
        shown.insert(0, ("operator", str(row["operator"])))
    return tuple(shown)


def _hands(row: Mapping[str, Any], state: str) -> tuple[str, ...]:
    is_flashed = row["kind"] == "fxo" and row["calls"] and not row["why_no_flash"]
    return (*_simulated(row, state), *(("flash",) if is_flashed else ()))


def _simulated(row: Mapping[str, Any], state: str) -> tuple[str, ...]:
    if not row["is_simulated"] or state in ("disabled", "down", "starting", "fault"):
        return ()
    if row["kind"] == "fxs":
        return _TELEPHONE_DOWN if state in ("idle", "ringing") else _TELEPHONE_UP
    return _CITY_QUIET if state == "idle" else _CITY_BUSY


def findings_of(answer: Any, language: str) -> list[tuple[str, str]]:
    """(kind of notice: ``ok warn bad``, sentence) of what the line doctor found; answer: of
    ``line_doctor``."""
    return [
        (str(row["verdict"]), word(FINDINGS, row["key"], language).format_map(row["params"]))
        for row in (answer or {}).get("findings", ())
    ]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A setting that would suit the line better. fields: of the form, as a browser sends them."""

    label: str
    shown: str
    fields: Mapping[str, str]


def proposals_of(
    answer: Any, language: str, choices: Mapping[str, Sequence[tuple[str, str]]]
) -> list[Proposal]:
    """What the line doctor proposes, as the form of the line understands it; choices: those of the
    form, whose words say what is proposed."""
    return [
        _proposal(name, value, language, dict(choices.get(name, ())))
        for name, value in (answer or {}).get("proposed", {}).items()
    ]


def _proposal(name: str, value: Any, language: str, words: Mapping[str, str]) -> Proposal:
    text = FIELD_TEXTS[f"lines.{name}"]
    label = text.ru if language == "ru" else text.en
    if isinstance(value, list):
        shown = ", ".join(words.get(item, item) for item in value)
        return Proposal(label, shown, {f"set.{name}.{item}": "yes" for item in value})
    wanted = str(value)
    return Proposal(label, words.get(wanted, wanted), {f"set.{name}": wanted})
