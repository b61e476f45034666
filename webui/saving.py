"""Saving what a form made of the settings, or saying on the form why not.

Owns nothing. One way for every page: all problems beside their fields, and who saved meanwhile is
told before anything of theirs is written over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g, render_template

from appliance.config.checking import problems_of
from appliance.config.codec import Decoded
from appliance.config.store import RevisionConflict
from appliance.config.validate import refusals
from appliance.errors import ConfigErrors, StoreError, UserError
from webui import box, changes
from webui.forms import Form
from webui.i18n import gettext, language

FieldOf = Callable[[str], str] | Mapping[str, str]


def keep(form: Form, wanted: Decoded, field_of: FieldOf, note: str) -> box.Saved | None:
    """Save a document; None when the form says why not."""
    form.place(wanted.problems, field_of, language())
    if form.is_sound:
        form.place(refusals(problems_of(wanted.document)), field_of, language())
    if not form.is_sound or is_behind(form):
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


def form_page(template: str, form: Form, **context: Any) -> str | tuple[str, int]:
    """The page of a form: 422 when something is wrong with it, and what others saved meanwhile."""
    text = render_template(
        template,
        form=form,
        revision=box.settings()[0],
        meanwhile=changes.rows(g.get("meanwhile", ()), language()),
        **context,
    )
    return text if form.is_sound else (text, 422)


def is_behind(form: Form) -> bool:
    """Whether somebody saved since this form was made; the form tells what. Sending it again says
    that it was seen."""
    text = form.value("base")
    found = box.saved_since(int(text)) if text.isdecimal() else ()
    if not found:
        return False
    g.meanwhile = found
    form.general.append(
        gettext("Somebody saved other settings meanwhile. Look at them, then save once more.")
    )
    return True
