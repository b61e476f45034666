"""The sheet of an extension: every value that a telephone must be told, to read, copy or print.

Owns nothing: the rows are the daemon's (``phone_sheet``), as ``dozvon phones sheet`` shows them.
The password is dots until somebody asks for it, and the audit log knows that he did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template

from appliance.commands.phone_sheet_words import SHEET_ROWS
from appliance.commands.words import word
from appliance.config.model import Extension
from webui import box
from webui.access import may
from webui.addresses import server_name
from webui.i18n import gettext, language
from webui.parts import parts
from webui.visitor import address, visitor

page = Blueprint("phone_sheet", __name__, url_prefix="/extensions/<number>/sheet")
_DOTS = "••••••••"


@dataclass(frozen=True, slots=True)
class _Row:
    """One value. is_secret: not to be copied as it stands, since it is dots."""

    label: str
    value: str
    is_secret: bool = False


@page.get("/")
def show(number: str) -> str:
    """All values, the password as dots."""
    return _show(_known(number), is_secret_shown=False)


@page.post("/")
def reveal(number: str) -> str:
    """The same with the password to be seen; the audit log is told."""
    extension = _known(number)
    who = visitor().name
    parts().audit.note("secret_shown", account=who, address=address(), detail=number)
    return _show(extension, is_secret_shown=True)


def _show(extension: Extension, *, is_secret_shown: bool) -> str:
    answer, why_not = box.try_asking("phone_sheet", extension=extension.number, host=server_name())
    secret = extension.secret if is_secret_shown else ""
    rows = [_row(row, secret) for row in (answer or {}).get("rows", ())]
    return render_template(
        "extensions/sheet.html",
        extension=extension,
        rows=rows,
        why_not=why_not,
        is_secret_shown=is_secret_shown,
        can_change=may(visitor().role, "phone_sheet.reveal"),
    )


def _row(row: dict[str, Any], secret: str) -> _Row:
    if row["is_secret"]:
        return _Row(str(gettext("Password")), secret or _DOTS, is_secret=not secret)
    return _Row(word(SHEET_ROWS, row["key"], language()), str(row["value"]))


def _known(number: str) -> Extension:
    found = box.settings()[1].extension_by_number.get(number)
    return found if found is not None else abort(404)
