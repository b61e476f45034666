"""Claiming the box: whoever can read its console makes the first admin.

There is no default password.
"""

from __future__ import annotations

import threading
import time

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webui.access import Role
from webui.accounts import is_name
from webui.forms import Form
from webui.i18n import LANGUAGES, gettext
from webui.parts import parts
from webui.passwords import SHORTEST, password_problem
from webui.throttle import address_key
from webui.views.session import too_often
from webui.visitor import address, keep_language, sign_in
from webui.words import N_

page = Blueprint("claim", __name__)
_ONE_AT_A_TIME = threading.Lock()  # a code makes one admin, however many send it at once
NAME_HINT = N_("Begin with a letter or a figure; letters, figures, dots and dashes, at most 40.")


@page.route("/claim", methods=["GET", "POST"])
def claim() -> str | Response | tuple[str, int]:
    """The code, a name, a password."""
    if not parts().claim.read():
        return _nothing_to_claim()
    if request.method == "GET":
        return render_template("claim/claim.html", form=Form(), shortest=SHORTEST)
    with _ONE_AT_A_TIME:
        return _claim(Form(values=request.form))


def _claim(form: Form) -> Response | tuple[str, int]:
    code = _check(form)
    if code:
        return render_template("claim/claim.html", form=form, shortest=SHORTEST), code
    language = g.language if g.language in LANGUAGES else "en"
    name = form.value("name").strip()
    account = parts().accounts.put(name, form.value("password"), Role.ADMIN, language)
    parts().sessions.end_all(account.name)
    parts().claim.use_up()
    parts().audit.note("claimed", account=account.name, address=address())
    sign_in(account)
    response = redirect(url_for("home.index"))
    keep_language(response, language)
    return response


def _nothing_to_claim() -> str | Response | tuple[str, int]:
    if not parts().accounts.has_admin():
        parts().claim.ensure()
        return redirect(url_for("claim.claim"))
    return render_template("claim/claimed.html"), 404


def _check(form: Form) -> int:
    """What is wrong goes to the form; the HTTP status, 0 when all is well."""
    key, now = (f"claim {address_key(address())}",), time.monotonic()
    wait_s = parts().throttle.begin(key, now)
    if wait_s:
        form.general.append(too_often(wait_s))
        return 429
    if parts().claim.fits(form.value("code")):
        parts().throttle.succeeded(key)
    else:
        parts().audit.note("claim_failed", account="", address=address())
        form.add("code", gettext("This is not the code. Read it from the box's console again."))
    check_new_account(form)
    return 0 if form.is_sound else 422


def check_new_account(form: Form) -> None:
    """Name and a new password, typed twice."""
    name = form.value("name").strip()
    if not is_name(name):
        form.add("name", gettext(NAME_HINT))
    check_new_password(form, name)


def check_new_password(form: Form, name: str) -> None:
    """A new password for an account of that name, typed twice."""
    password = form.value("password")
    problem = password_problem(password, name)
    if problem == "short":
        form.add("password", gettext("At least %(count)s characters.", count=SHORTEST))
    elif problem:
        form.add("password", gettext("Too easy to guess. Take several words or more signs."))
    elif password != form.value("again"):
        form.add("again", gettext("The passwords differ. Type the same one twice."))
