"""The messages of a mailbox: played in the page, taken away as a file, marked, deleted.

Owns nothing. Messages are as private as the extension's password: the same people may hear them,
and the audit log knows who did. The page's player marks what it plays as heard (dozvon.js), and
the lamp goes out: by a form, for nothing changes by GET.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.config.model import Extension
from appliance.errors import StoreError, UserError
from webui import box, voicemail
from webui.forms import Form
from webui.parts import parts
from webui.visitor import address, visitor
from webui.words import N_

page = Blueprint("voicemail", __name__, url_prefix="/extensions")
_PLAYED = "voice_message_played"
#: How long after its beginning parts of a message are those of one listening.
_LISTENING_S = 600.0
Answer = str | AnyResponse | tuple[str, int]
#: Why a message cannot be played.
WHY_NOT = {
    "gone": N_("Its sound is gone."),
    "damaged": N_("Its sound is damaged."),
    "unreadable": N_("Its sound cannot be read: check the disk, and who may read it."),
}


@page.get("/<number>/messages")
def index(number: str) -> str:
    """All of them, the newest first."""
    return _page(_known(number))


@page.get("/<number>/messages/<ident>.wav")
def sound(number: str, ident: str) -> AnyResponse:
    """Its sound, for the page's player and as a file."""
    path = _file(number, ident)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        abort(404)
    except OSError:
        abort(503)
    is_download = "download" in request.args
    if _is_beginning() or not _listens(number, ident):
        _note(_PLAYED, number, ident)
    answer: Response = send_file(
        io.BytesIO(content),
        mimetype="audio/wav",
        as_attachment=is_download,
        download_name=f"{number}-{ident}.wav",
        conditional=True,
    )
    return answer


@page.post("/<number>/messages/<ident>/mark")
def mark(number: str, ident: str) -> Answer:
    """Heard, or new again."""
    is_heard = request.form.get("heard") == "yes"
    return _ask("voicemail_mark", number, ident, is_heard=is_heard)


@page.post("/<number>/messages/<ident>/remove")
def remove(number: str, ident: str) -> Answer:
    """It is gone for good; the audit log is told."""
    answer = _ask("voicemail_delete", number, ident)
    if isinstance(answer, AnyResponse):
        _note("voice_message_deleted", number, ident)
    return answer


def _ask(operation: str, number: str, ident: str, **args: Any) -> Answer:
    extension = _known(number)
    _file(number, ident)
    try:
        box.ask(operation, extension=number, message=ident, **args)
    except UserError as error:
        form = Form()
        form.general.append(box.say(error))
        return _page(extension, form), 409
    return redirect(url_for("voicemail.index", number=number))


def _page(extension: Extension, form: Form | None = None) -> str:
    why_not, messages = "", []
    try:
        messages = voicemail.mailbox_of(parts().settings.data, extension.number)
    except StoreError as error:
        why_not = box.say(error)
    return render_template(
        "extensions/messages.html",
        extension=extension,
        messages=messages,
        why_not=why_not,
        whys=WHY_NOT,
        form=form or Form(),
        code=box.settings()[1].dialling.voicemail_code,
    )


def _is_beginning() -> bool:
    """Players ask for a file in parts; the first is somebody who begins to listen."""
    wanted = request.range
    return wanted is None or not wanted.ranges or wanted.ranges[0][0] == 0


def _listens(number: str, ident: str) -> bool:
    """Whether this visitor began lately, so that another part is nothing new."""
    return parts().audit.has_lately(
        _PLAYED, account=visitor().name, detail=f"{number} {ident}", within_s=_LISTENING_S
    )


def _known(number: str) -> Extension:
    found = box.settings()[1].extension_by_number.get(number)
    return found if found is not None else abort(404)


def _file(number: str, ident: str) -> Path:
    _known(number)
    try:
        return voicemail.file_of(parts().settings.data, number, ident)
    except ValueError:
        abort(404)


def _note(action: str, number: str, ident: str) -> None:
    detail = f"{number} {ident}"
    parts().audit.note(action, account=visitor().name, address=address(), detail=detail)
