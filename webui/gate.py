"""The door of every request, before any view: host, visitor, role, origin, form token.

Owns the order of these questions and the security headers of every answer. Closed is the rule: a
route opens only to the roles that access.py names.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.errors import DozvonError
from webui import box
from webui.access import ACCESS, Role, may
from webui.parts import parts
from webui.visitor import is_form_token, keep_token, preferred_language, recognise, visitor

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ASSETS_S = 365 * 86400


def install(app: Flask) -> None:
    """Put the gate before every view of the application."""
    app.before_request(_check)
    app.after_request(_finish)
    app.teardown_request(box.close_store)


def _check() -> AnyResponse | None:
    g.now = parts().settings.now()
    if not is_our_host(request.host, parts().settings.hosts):
        abort(Response("unknown host\n", 421, mimetype="text/plain"))
    if request.endpoint == "static":
        return None
    g.visitor = recognise()
    _read_manner()
    if request.endpoint is None:
        return None  # Flask answers 404 or 405 itself
    if request.endpoint not in ACCESS:
        abort(404)
    if not may(visitor().role, request.endpoint):
        return _refuse()
    if request.method not in _SAFE:
        _check_origin()
    return None


def _read_manner() -> None:
    """The reader's language and the office's clock; damaged settings do not close the pages."""
    try:
        site = box.settings()[1].site
        g.zone = box.zone_of(box.settings()[1])
        site_language = site.language
    except (DozvonError, OSError):
        g.zone, site_language = None, "ru"
    g.language = preferred_language(site_language)


def _refuse() -> AnyResponse:
    """A stranger is shown the way in, whoever is known is told no."""
    if visitor().role is not Role.ANONYMOUS:
        abort(403)
    if request.method != "GET" or request.path.endswith("/live"):
        abort(401)
    if not parts().accounts.has_admin():
        return redirect(url_for("claim.claim"))
    target = request.full_path.rstrip("?")
    return redirect(url_for("session.login", next=None if target == "/" else target))


def _check_origin() -> None:
    """A form must come from a page of ours: by the browser's word, and by the form's token."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403, "origin")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, "origin")
    given = request.form.get("token") or request.headers.get("X-Form-Token", "")
    if not is_form_token(given):
        abort(403, "token")


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        is_versioned = "v" in request.args
        age_s = _ASSETS_S if is_versioned else 300
        response.headers["Cache-Control"] = f"public, max-age={age_s}"
        return response
    response.headers["Cache-Control"] = "no-store"
    keep_token(response)
    if response.mimetype == "text/event-stream":
        response.headers["Cache-Control"] = "no-store, no-transform"
    return response


def is_our_host(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a Host header may be ours: a literal address, localhost, a name of this machine, of
    the local link (RFC 6762), or one that was configured. Others are somebody else's names that
    were made to lead here (DNS rebinding)."""
    name = _without_port(host).lower().rstrip(".")
    try:
        ipaddress.ip_address(name.strip("[]").partition("%")[0])
        return True
    except ValueError:
        own = socket.gethostname().lower()
        names = {"localhost", own, own.partition(".")[0], *(h.lower() for h in allowed)}
        return name in names or name.endswith((".local", ".localhost"))


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
