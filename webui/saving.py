"""Saving what a form made of the settings, or saying on the form why not.

Owns nothing. One way for every page: all problems beside their fields, and who saved meanwhile is
told before anything of theirs is written over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import g, render_template

from appliance.config.checking import problems_of
from appliance.config.checks.fields import UNREACHABLE
from appliance.config.codec import Decoded
from appliance.config.store import RevisionConflict
from appliance.config.validate import refusals
from appliance.errors import ConfigErrors, Problem, StoreError, UserError
from webui import box, changes
from webui.forms import Form
from webui.i18n import gettext, language

FieldOf = Callable[[str], str] | Mapping[str, str]
_LONGEST_REVISION = 18  # figures; what SQLite counts by has room for them


def keep(form: Form, wanted: Decoded, field_of: FieldOf, note: str) -> box.Saved | None:
    """Save a document; None when the form says why not."""
    form.place(wanted.problems, field_of, language())
    if form.is_sound:
        found = problems_of(wanted.document)
        form.place((*refusals(found), *_new_unreachable(found)), field_of, language())
    if is_behind(form) or not form.is_sound:
        return None
    try:
        return box.save(wanted.document, box.settings()[0], note)
    except ConfigErrors as errors:
        form.place(errors.problems, field_of, language())
    except RevisionConflict:
        g.pop("loaded", None)
        is_behind(form)
    except (UserError, StoreError) as error:
        form.general.append(box.say(error))
    return None


def _new_unreachable(found: Iterable[Problem]) -> list[Problem]:
    """Names by which no page could be opened: refused here, unless the settings have them already,
    so that all else can still be saved."""
    named = [p for p in found if p.key == UNREACHABLE]
    had = {(p.key, p.path) for p in problems_of(box.settings()[1])} if named else ()
    return [replace(p, is_warning=False) for p in named if (p.key, p.path) not in had]


def form_page(template: str, form: Form, **context: Any) -> str | tuple[str, int]:
    """The page of a form: 422 when something is wrong with it, and what others saved meanwhile."""
    text = render_template(
        template,
        form=form,
        revision=base_of(form),
        meanwhile=changes.rows(g.get("meanwhile", ()), language()),
        **context,
    )
    return text if form.is_sound else (text, 422)


def base_of(form: Form) -> int:
    """The revision that a form stands on: its own until it was told what others saved since."""
    typed = revision_in(form.value("base"))
    return box.settings()[0] if typed is None or "meanwhile" in g else typed


def revision_in(text: str) -> int | None:
    """The revision that a field of a form names; None when that is no number of one."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_REVISION
    return int(text) if is_one else None


def is_behind(form: Form) -> bool:
    """Whether somebody saved since this form was made; the form tells what. Sending it again says
    that it was seen."""
    base = revision_in(form.value("base"))
    found = box.saved_since(base) if base is not None else ()
    if not found:
        return False
    g.meanwhile = found
    form.general.append(
        gettext("Somebody saved other settings meanwhile. Look at them, then save once more.")
    )
    return True
