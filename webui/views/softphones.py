"""A softphone gets an extension: choose the program, scan the code, see it come up.

Owns nothing. What the code holds is a link that serves once within minutes, never a password: of
the service that sets phones up for programs that fetch their account (appliance/phones), of these
pages (views/sheet.py) for every other one, whose owner types the account in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.config.model import Extension
from appliance.errors import UserError
from webui import box
from webui.addresses import link_for_phones, server_name
from webui.forms import Form
from webui.i18n import gettext, language
from webui.links import LIFE_S
from webui.live import Answers, stream
from webui.parts import parts
from webui.phone_states import states_of
from webui.visitor import address, visitor
from webui.words import N_

page = Blueprint("softphones", __name__, url_prefix="/extensions/<number>/softphone")
Answer = str | AnyResponse | tuple[str, int]
OTHER = "other"
#: What to do on the telephone, step by step; programs of an installer's own tables: the usual way.
_STEPS: Mapping[str, tuple[str, ...]] = {
    "linphone": (
        N_("Install Linphone and open it in the office's network."),
        N_("Choose “Scan QR code” (or “Fetch remote configuration”) and scan this code."),
        N_("It takes the account and connects by itself."),
    ),
    "acrobits": (
        N_("Install Groundwire. The phone must be in the office's network."),
        N_("Scan this code with the phone's camera: Groundwire opens and takes the account."),
        N_("If it does not trust the box's certificate, choose “Another program” here."),
    ),
    "sipnetic": (
        N_("Install Sipnetic. The phone must be in the office's network."),
        N_("Scan this code with the phone's camera, open the link and touch “Show it”."),
        N_("Copy the line that is shown and paste it where Sipnetic adds an account."),
    ),
    OTHER: (
        N_("Scan this code with the phone's camera: a page opens, without signing in."),
        N_("It shows server, user name and password once: type them into the program."),
    ),
}
_ORDER = {name: place for place, name in enumerate(_STEPS)}
_WAYS = (N_("It scans the code and is ready."), N_("A line of settings is copied and pasted."))
_TYPED_IN = N_("Its owner types in what a page shows once on his phone.")
_USUAL = (
    N_("Open the program in the office's network."),
    N_("Scan this code with it, or paste the link."),
)


@dataclass(frozen=True, slots=True)
class _Code:
    """What is shown. code: what the QR code holds; url: the link to be copied."""

    code: str
    url: str
    title: str
    minutes: int


@page.get("/")
def choose(number: str) -> Answer:
    """Which program?"""
    return _choose(_known(number), Form(values=request.args))


@page.post("/")
def connect(number: str) -> Answer:
    """A link for that program, and its code; links of this extension made before serve no more."""
    extension = _known(number)
    app = request.form.get("app", "")
    try:
        code = _page_link(number) if app == OTHER else _program_link(number, app)
    except UserError as error:
        form = Form(values=request.form)
        form.general.append(box.say(error))
        return _choose(extension, form), 409
    _note("link_made", f"{number} {app}")
    steps = [gettext(text) for text in _STEPS.get(app, _USUAL)]
    answer, _ = box.try_asking("registrations")
    return render_template(
        "softphones/code.html",
        extension=extension,
        app=app,
        code=code,
        steps=steps,
        phones=_phones(answer, number),
    )


@page.get("/live")
def live(number: str) -> Response:
    """Whether it has come up, while somebody looks."""
    _known(number)

    def fragments(answers: Answers) -> dict[str, Any]:
        phones = _phones(answers["registrations"], number)
        return {"softphone": render_template("softphones/state.html", phones=phones)}

    return stream(parts().broker, ("registrations",), fragments, box.say)


def _choose(extension: Extension, form: Form) -> str:
    answer, why_not = box.try_asking("softphones")
    programs = [
        (app["name"], app["title"], gettext(way))
        for app in (answer or {}).get("apps", ())
        for way in (_WAYS[app["by_browser"]],)
    ]
    programs.sort(key=lambda program: _ORDER.get(program[0], len(_ORDER)))
    programs.append((OTHER, gettext("Another program"), gettext(_TYPED_IN)))
    return render_template(
        "softphones/choose.html",
        extension=extension,
        form=form,
        programs=programs,
        why_not=why_not,
    )


def _program_link(number: str, app: str) -> _Code:
    host, by = server_name(), visitor().name
    made = box.ask("softphone_link", extension=number, app=app, host=host, by=by)
    return _Code(made["code"], made["url"], made["title"], int(made["left_s"]) // 60)


def _page_link(number: str) -> _Code:
    token = parts().links.make(number, visitor().name)
    href = link_for_phones(url_for("sheet.open", token=token))
    return _Code(href, href, str(gettext("Another program")), int(LIFE_S // 60))


def _phones(answer: Any, number: str) -> list[Any]:
    return [p for p in states_of(answer, language()).get(number, []) if p.contact]


def _known(number: str) -> Extension:
    found = box.settings()[1].extension_by_number.get(number)
    return found if found is not None else abort(404)


def _note(action: str, detail: str) -> None:
    parts().audit.note(action, account=visitor().name, address=address(), detail=detail)
