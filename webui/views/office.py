"""The office itself: its name, time, the extension for unknown numbers, limits, its networks.

Owns nothing. How numbers are dialled is the wizard's page (views/wizard.py), which shows samples.
"""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for

from appliance.config.codec import decode, to_data
from webui import box, entity_form, saving
from webui.collection_pages import Answer
from webui.forms import Form
from webui.i18n import NAMES, gettext, language
from webui.setup.office import timezones

page = Blueprint("office", __name__, url_prefix="/office")
PLAIN = (
    "name",
    "language",
    "timezone",
    "default_extension",
    "ring_time_s",
    "max_paid_calls_per_hour",
    "end_warning_s",
)
MORE = (
    "external_address",
    "local_networks",
    "sip_realm",
    "session_expires_s",
    "media_timeout_s",
    "registration_min_s",
    "registration_max_s",
    "qualify_s",
)


@page.route("/", methods=["GET", "POST"])
def index() -> Answer:
    """All of it on one form."""
    _, document = box.settings()
    names = (*PLAIN, *MORE)
    form = Form(values=request.form or entity_form.values_of(document.site, names))
    if request.method == "POST":
        data = to_data(document)
        data["site"] = entity_form.fill("site", data["site"], names, form.values)
        find = entity_form.finder("site", "", names)
        if saving.keep(form, decode(data), find, str(gettext("The office"))):
            return redirect(url_for("office.index", kept=1))
    nobody = ("", str(gettext("nobody: such calls are refused")))
    choices = {
        "language": list(NAMES.items()),
        "timezone": [(zone, zone) for zone in timezones()],
        "default_extension": [
            nobody,
            *((e.number, f"{e.number} {e.name}".strip()) for e in document.extensions),
        ],
    }
    return saving.form_page(
        "office/index.html",
        form,
        plain=entity_form.views("site", PLAIN, language(), choices),
        more=entity_form.views("site", MORE, language()),
        is_more_open=any(name in form.errors for name in MORE),
        is_kept="kept" in request.args,
    )
