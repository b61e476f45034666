"""How far the wizard has come: it may be left at any step and taken up again.

Owns the note ``wizard`` of ``web.db``: the step that comes next, or ``done``.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.config.model import Document
from webui.database import WebDatabase
from webui.words import N_

DONE = "done"
_NOTE = "wizard"


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its route is ``wizard.<name>``."""

    name: str
    title: str


STEPS = (
    Step("office", N_("Office")),
    Step("dialling", N_("Dialling")),
    Step("extensions", N_("Extensions")),
    Step("trunk", N_("Trunk")),
    Step("summary", N_("Summary")),
)
_NAMES = tuple(step.name for step in STEPS)


def next_step(database: WebDatabase) -> str:
    """The step to go on with, or DONE."""
    noted = database.note(_NOTE)
    return noted if noted in (*_NAMES, DONE) else _NAMES[0]


def finished(database: WebDatabase, step: str) -> str:
    """A step is done: the one behind it; progress never goes back."""
    following = (*_NAMES, DONE)[_NAMES.index(step) + 1]
    now = next_step(database)
    if now != DONE and (*_NAMES, DONE).index(following) > (*_NAMES, DONE).index(now):
        database.remember(_NOTE, following)
    return following


def is_needed(database: WebDatabase, document: Document) -> bool:
    """Whether a reader should begin with the wizard: nobody has set this box up yet."""
    noted = database.note(_NOTE)
    return noted != DONE if noted else not document.extensions
