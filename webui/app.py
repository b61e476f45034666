"""The web application: builds its parts, puts the gate before them, and hangs up the views.

Owns nothing at import time. ``create_app(settings)`` may be called as often as wanted; gunicorn
calls it once (server.py).
"""

from __future__ import annotations

import hashlib
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from appliance.commands.words import trunk_text
from appliance.errors import DozvonError
from appliance.store.trouble import StateError, is_passing, key_of
from webui import box, gate, i18n, qr
from webui.navigation import navigation
from webui.parts import build_parts
from webui.proxies import BehindProxies
from webui.settings import WebSettings
from webui.shown import finalize
from webui.views import BLUEPRINTS
from webui.visitor import form_token, visitor

LARGEST_REQUEST_OCTETS = 256 * 1024
MOST_FORM_FIELDS = 2000
_FOLDER = Path(__file__).parent


def create_app(settings: WebSettings) -> Flask:
    """The application on one data folder; raises StoreError when ``web.db`` cannot be used."""
    app = Flask("webui", root_path=str(_FOLDER))
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_OCTETS,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST_OCTETS,
        MAX_FORM_PARTS=MOST_FORM_FIELDS,
    )
    app.extensions["dozvon"] = build_parts(settings)
    _set_up_templates(app)
    gate.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(DozvonError, _show_error)
    app.register_error_handler(sqlite3.OperationalError, _show_refused)
    app.register_error_handler(Exception, _show_defect)
    if settings.proxies:
        app.wsgi_app = BehindProxies(app.wsgi_app, settings.proxies)  # type: ignore[method-assign]
    return app


def _set_up_templates(app: Flask) -> None:
    app.jinja_options = {"undefined": StrictUndefined, "finalize": finalize}
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        _=i18n.gettext,
        ngettext=i18n.ngettext,
        language=i18n.language,
        languages=i18n.NAMES,
        form_token=form_token,
        visitor=visitor,
        navigation=navigation,
        asset=asset,
        qr=qr.svg,
        trunk_text=trunk_text,
    )
    environment.filters.update(
        moment=i18n.moment, moment_of_day=i18n.moment_of_day, day=i18n.day, duration=i18n.duration
    )


def asset(name: str) -> str:
    """The address of a static file; a changed file has another address."""
    return url_for("static", filename=name, v=_print_of(name))


@cache
def _print_of(name: str) -> str:
    return hashlib.sha256((_FOLDER / "static" / name).read_bytes()).hexdigest()[:12]


def _show_http_error(error: HTTPException) -> Any:
    """Flask's own refusals as a page in the reader's language."""
    if error.response is not None or error.code is None or error.code < 400:
        return error
    return _error_page(error.code, str(error.description or "")), error.code


def _show_error(error: DozvonError) -> Any:
    """What could not be done, in words, with what to do."""
    return _error_page(500, "", box.say(error)), 500


def _show_refused(error: sqlite3.OperationalError) -> Any:
    """The pages' own database takes or gives nothing: nothing of this request was done."""
    key = key_of(error)
    if not is_passing(key):
        return _show_defect(error)
    current_app.logger.error("%s %s: %s", request.method, request.path, error)
    return _error_page(503, "", box.say(StateError(key, f"web.db: {error}"))), 503


def _show_defect(error: Exception) -> Any:
    """A defect of ours: the log has it all, the reader is told so."""
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return _error_page(500), 500


def _error_page(code: int, detail: str = "", said: str = "") -> str | Response | Markup:
    if "language" not in g or "visitor" not in g:
        return Response(f"{code}\n", code, mimetype="text/plain")
    return render_template("error.html", code=code, detail=detail, said=said)
