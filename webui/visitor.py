"""Who asks: the browser behind this request, its session, role, language and clock.

Owns the cookies. ``visitor()`` is set by the gate before any view runs.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import cast

from flask import g, request
from werkzeug.wrappers import Response

from webui.access import Role
from webui.accounts import Account
from webui.i18n import LANGUAGES
from webui.parts import parts
from webui.sessions import LONGEST_S, Session, new_token

COOKIE = "dozvon_session"
LANGUAGE_COOKIE = "dozvon_language"
_YEAR_S = 365 * 86400


@dataclass(slots=True)
class Visitor:
    """token: what the browser's cookie holds, or what it is about to be given."""

    account: Account | None
    session: Session | None
    token: str
    is_token_new: bool = field(default=False)

    @property
    def role(self) -> Role:
        return self.account.role if self.account else Role.ANONYMOUS

    @property
    def name(self) -> str:
        """The account's name; empty for whoever has not signed in."""
        return self.account.name if self.account else ""


def visitor() -> Visitor:
    """Who asks now."""
    return cast(Visitor, g.visitor)


def address() -> str:
    """The address that the request came from."""
    return request.remote_addr or ""


def recognise() -> Visitor:
    """The visitor by the cookie of this request; a live page does not count as being used."""
    token = request.cookies.get(COOKIE, "")
    is_idle = request.path.endswith("/live")
    session = parts().sessions.find(token, is_idle=is_idle) if token else None
    account = parts().accounts.find(session.account) if session else None
    if account is None:
        session = None
    return Visitor(account, session, token or new_token(), is_token_new=not token)


def sign_in(account: Account) -> None:
    """Begin a session under a new token; whatever the browser held before is worth nothing."""
    old = visitor()
    if old.session is not None:
        parts().sessions.end(old.session.id)
    token = parts().sessions.begin(account, address(), request.headers.get("User-Agent", ""))
    session = parts().sessions.find(token)
    g.visitor = Visitor(account, session, token, is_token_new=True)
    g.language = account.language


def sign_out() -> None:
    """End the session; the browser is a stranger from now on."""
    session = visitor().session
    if session is not None:
        parts().sessions.end(session.id)
    g.visitor = Visitor(None, None, new_token(), is_token_new=True)


def form_token() -> str:
    """What every form of this page carries."""
    return parts().sessions.form_token(visitor().token)


def is_form_token(given: str) -> bool:
    """Whether a form came from a page that this browser was given."""
    return hmac.compare_digest(form_token().encode(), given.encode("utf-8", "replace"))


def preferred_language(site_language: str) -> str:
    """The account's, else what was chosen in this browser, else the browser's own, else the
    office's."""
    account = visitor().account
    chosen = account.language if account else request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or site_language


def keep_language(response: Response, language: str) -> None:
    """Remember the language in this browser."""
    _set_cookie(response, LANGUAGE_COOKIE, language, _YEAR_S)


def keep_token(response: Response) -> None:
    """Give the browser its token, when it has a new one."""
    if "visitor" in g and visitor().is_token_new:
        _set_cookie(response, COOKIE, visitor().token, int(LONGEST_S))


def _set_cookie(response: Response, name: str, value: str, age_s: int) -> None:
    response.set_cookie(
        name, value, max_age=age_s, httponly=True, samesite="Lax", secure=request.is_secure
    )
