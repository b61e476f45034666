"""Accounts of all people: an admin adds them, gives them roles, and takes them away.

A new account's password is made here and shown once; nobody can look it up later.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webui.access import ROLES, Role
from webui.accounts import Account, is_name
from webui.forms import Form
from webui.i18n import LANGUAGES, gettext, language
from webui.parts import parts
from webui.views.claim import NAME_HINT
from webui.visitor import address, visitor
from webui.words import N_

page = Blueprint("people", __name__, url_prefix="/people")

#: Role -> (its name, what it may do).
ROLE_TEXTS = {
    Role.ADMIN: (N_("Administrator"), N_("Everything, people too")),
    Role.INSTALLER: (N_("Installer"), N_("Sets the box up; cannot manage people")),
    Role.SUPERVISOR: (N_("Supervisor"), N_("Sees calls, phones and the journal; changes nothing")),
    Role.USER: (N_("User"), N_("Sees only his own account")),
}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@page.get("/")
def index() -> str:
    """Everybody, and a form for one more."""
    return _show(Form())


@page.post("/add")
def add() -> str | tuple[str, int]:
    """One more; the answer shows the password."""
    form = Form(values=request.form)
    name, role = form.value("name").strip(), _role(form.value("role"))
    if not is_name(name):
        form.add("name", gettext(NAME_HINT))
    elif parts().accounts.find(name) is not None:
        form.add("name", gettext("There is an account by this name. Choose another one."))
    if role is None:
        form.add("role", gettext("Choose one of the roles."))
    if not form.is_sound or role is None:
        return _show(form), 422
    chosen = form.value("language")
    account, password = _with_password(name, role, chosen if chosen in LANGUAGES else language())
    _note("account_added", f"{account.name}: {role.value}")
    return _show(Form(), account=account, password=password)


@page.post("/<name>/role")
def role(name: str) -> Response:
    """Another role."""
    account, wanted = _known(name), _role(request.form.get("role", ""))
    if account is None or wanted is None:
        return redirect(url_for("people.index"))
    if not parts().accounts.set_role(account.name, wanted):
        return redirect(url_for("people.index", refused="last"))
    _note("account_changed", f"{account.name}: {account.role.value} → {wanted.value}")
    return redirect(url_for("people.index"))


@page.post("/<name>/password")
def password(name: str) -> str | Response:
    """A new password for who forgot his; his sessions end."""
    account = _known(name)
    if account is None:
        return redirect(url_for("people.index"))
    account, given = _with_password(account.name, account.role, account.language)
    parts().sessions.end_all(account.name)
    _note("password_changed", account.name)
    return _show(Form(), account=account, password=given)


@page.post("/<name>/remove")
def remove(name: str) -> Response:
    """The account and its sessions are gone."""
    account = _known(name)
    if account is not None and not parts().accounts.remove(account.name):
        return redirect(url_for("people.index", refused="last"))
    if account is not None:
        parts().sessions.end_all(account.name)  # those that the database does not know
        _note("account_removed", account.name)
    return redirect(url_for("people.index"))


def _show(form: Form, account: Account | None = None, password: str = "") -> str:
    return render_template(
        "people/index.html",
        form=form,
        people=parts().accounts.all(),
        roles=[(r.value, *(gettext(text) for text in ROLE_TEXTS[r])) for r in ROLES],
        account=account,
        password=password,
        refused=request.args.get("refused", ""),
    )


def _with_password(name: str, role: Role, language: str) -> tuple[Account, str]:
    words = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    password = "-".join(words)
    return parts().accounts.put(name, password, role, language), password


def _known(name: str) -> Account | None:
    return parts().accounts.find(name)


def _role(text: str) -> Role | None:
    return next((role for role in ROLES if role.value == text), None)


def _note(action: str, detail: str) -> None:
    parts().audit.note(action, account=visitor().name, address=address(), detail=detail)
