"""A reader's own account: password, and the browsers that are signed in with it."""

from __future__ import annotations

import time

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webui.forms import Form
from webui.i18n import gettext
from webui.parts import parts
from webui.passwords import SHORTEST
from webui.views.claim import check_new_password
from webui.views.session import too_often
from webui.visitor import address, sign_in, visitor

page = Blueprint("account", __name__, url_prefix="/account")


@page.get("/")
def index() -> str:
    """The page."""
    return _show(Form())


@page.post("/password")
def password() -> Response | tuple[str, int]:
    """Another password: the old one is asked for, every other session ends."""
    account = visitor().account
    assert account is not None
    form = Form(values=request.form)
    keys = (f"old password of {account.name.casefold()}",)
    wait_s = parts().throttle.begin(keys, time.monotonic())
    if wait_s:
        form.general.append(too_often(wait_s))
        return _show(form), 429
    check_new_password(form, account.name)
    if parts().accounts.check(account.name, form.value("old")) is None:
        form.add("old", gettext("This is not your password now."))
    else:
        parts().throttle.succeeded(keys)
    if not form.is_sound:
        return _show(form), 422
    parts().accounts.set_password(account.name, form.value("password"))
    parts().sessions.end_all(account.name)
    parts().audit.note("password_changed", account=account.name, address=address())
    sign_in(account)
    return redirect(url_for("account.index", done="password"))


@page.post("/end")
def end() -> Response:
    """Every other browser is signed out."""
    session = visitor().session
    assert session is not None
    parts().sessions.end_all(visitor().name, but=session.id)
    parts().audit.note("sessions_ended", account=visitor().name, address=address())
    return redirect(url_for("account.index", done="sessions"))


def _show(form: Form) -> str:
    return render_template(
        "account/index.html",
        form=form,
        shortest=SHORTEST,
        sessions=parts().sessions.of(visitor().name),
        done=request.args.get("done", ""),
    )
