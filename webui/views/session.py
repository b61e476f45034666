"""Signing in and out, and the choice of a language."""

from __future__ import annotations

import time

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webui.accounts import Account
from webui.forms import Form
from webui.i18n import LANGUAGES, gettext
from webui.parts import parts
from webui.throttle import address_key
from webui.visitor import address, keep_language, sign_in, sign_out, visitor

page = Blueprint("session", __name__)
_KNOWN_FOR_S = 30 * 86400.0


@page.route("/login", methods=["GET", "POST"])
def login() -> str | Response | tuple[str, int]:
    """Name and password."""
    target = own_page(request.values.get("next", ""))
    if request.method == "GET":
        if visitor().account is not None:
            return redirect(target)
        if not parts().accounts.has_admin():
            return redirect(url_for("claim.claim"))
        return render_template("session/login.html", form=Form(), next=target)
    form = Form(values=request.form)
    account, code = _try(form)
    if account is None:
        return render_template("session/login.html", form=form, next=target), code
    sign_in(account)
    return redirect(target)


@page.post("/logout")
def logout() -> Response:
    """The session ends here and on the server."""
    parts().audit.note("signed_out", account=visitor().name, address=address())
    sign_out()
    return redirect(url_for("session.login"))


@page.post("/language")
def language() -> Response:
    """Another language for this browser, and for the account when there is one."""
    response = redirect(own_page(request.form.get("next", "")))
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        account = visitor().account
        if account is not None:
            parts().accounts.set_language(account.name, chosen)
        keep_language(response, chosen)
    return response


def own_page(target: str) -> str:
    """A path of ours to go on to, whatever was asked for (no other site, no ``//host``)."""
    is_ours = target.startswith("/") and not target.startswith("//") and "\\" not in target
    return target if is_ours and target.isprintable() else url_for("home.index")


def _try(form: Form) -> tuple[Account | None, int]:
    name, password = form.value("name").strip(), form.value("password")
    keys, now = _keys(name), time.monotonic()
    wait_s = parts().throttle.begin(keys, now)
    if wait_s:
        form.general.append(too_often(wait_s))
        return None, 429
    account = parts().accounts.check(name, password)
    if account is None:
        parts().audit.note("login_failed", account=name, address=address())
        form.general.append(
            gettext("Name or password is wrong. Check the keyboard's language and try again.")
        )
        return None, 403
    parts().throttle.succeeded(keys)
    parts().audit.note("signed_in", account=account.name, address=address())
    return account, 200


def _keys(name: str) -> tuple[str, ...]:
    """What a failure counts for: the address, and the account unless this is its usual address."""
    since = parts().settings.now() - _KNOWN_FOR_S
    if parts().audit.has_signed_in(name, address(), since):
        return (address_key(address()),)
    return (address_key(address()), f"account {name.casefold()[:80]}")


def too_often(wait_s: float) -> str:
    """What a reader is told who tries too often."""
    return gettext(
        "Too many attempts from here. Wait %(seconds)s seconds and try again.",
        seconds=int(wait_s) + 1,
    )
