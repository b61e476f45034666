"""Desk phones: how each stands, giving it a number, its settings and keys, what it is told.

Owns nothing: the daemon knows the phones (appliance/phones), the settings what they are to be. A
phone's page shows its files with secrets masked.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.config.codec import Decoded, decode, to_data
from appliance.config.model import Document, Phone
from appliance.errors import UserError
from webui import box, collection, dhcp_findings, entity_form, paging, phone_keys, saving
from webui.access import may
from webui.addresses import server_name
from webui.desk_phones import DeskPhone, phones_of, requests_of
from webui.forms import Form
from webui.i18n import gettext, language
from webui.live import Answers, stream
from webui.parts import parts
from webui.visitor import address, visitor

page = Blueprint("phones", __name__, url_prefix="/phones")
Answer = str | AnyResponse | tuple[str, int]
_PLAIN = ("label", "extensions", "is_enabled")
_MORE = ("brand", "model", "language", "transport", "vlan", "firmware_url")
_FIELDS = (*_PLAIN, *_MORE)
#: What a button of a phone's page does: operation, action of the audit log.
_ORDERS = {
    "window": ("phone_window", "phone_window"),
    "resync": ("phone_resync", ""),
    "renew": ("phone_renew", "phone_renewed"),
    "forget": ("phone_forget", "phone_forgotten"),
}
_SCAN_S = 15.0
_CHECK_S = 30.0


@page.get("/")
def index() -> str:
    """All of them: those of the settings, then others that asked."""
    return _index(Form())


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    search, number = paging.asked()

    def fragments(answers: Answers) -> dict[str, Any]:
        context = _context(answers["phones"], search, number)
        return {"phones": render_template("phones/list.html", **context)}

    return stream(parts().broker, ("phones",), fragments, box.say)


@page.get("/requests")
def requests() -> str:
    """What phones asked for, the newest first."""
    answer, why_not = box.try_asking("phone_requests", limit=200)
    rows = requests_of(answer, language())
    return render_template("phones/requests.html", rows=rows, why_not=why_not)


@page.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """A phone by the address on its label, before it was plugged in."""
    names = ("mac", *_FIELDS)
    form = Form(values=request.form or entity_form.blank("phones", names))
    if request.method == "GET":
        return _edit_page(form, None)
    mac = re.sub(r"[^0-9a-f]", "", form.value("mac").lower())
    typed = {**form.values, "mac": mac}
    wanted = collection.with_form(box.settings()[1], "phones", "", names, typed)
    find = entity_form.finder("phones", mac, names)
    if saving.keep(form, wanted, find, str(gettext("Phone %(mac)s", mac=mac))):
        return redirect(url_for("phones.show", mac=mac))
    return _edit_page(form, None)


@page.get("/<mac>")
def show(mac: str) -> str:
    """One phone: how it stands, what it is told, what it asked for."""
    return _show(mac, Form())


@page.route("/<mac>/edit", methods=["GET", "POST"])
def edit(mac: str) -> Answer:
    """The settings of one."""
    phone = _known(mac)
    form = Form(values=request.form or entity_form.values_of(phone, _FIELDS))
    if request.method == "POST":
        wanted = collection.with_form(box.settings()[1], "phones", mac, _FIELDS, form.values)
        find = entity_form.finder("phones", mac, _FIELDS)
        if saving.keep(form, wanted, find, str(gettext("Phone %(mac)s", mac=mac))):
            return redirect(url_for("phones.show", mac=mac))
    return _edit_page(form, phone)


@page.route("/<mac>/keys", methods=["GET", "POST"])
def keys(mac: str) -> Answer:
    """Its programmable keys."""
    phone = _known(mac)
    form = Form(values=request.form or phone_keys.values_of(phone.keys))
    if request.method == "POST":
        for name in phone_keys.left_unsaid(form.values, phone.keys):
            form.add(name, gettext("Choose what this key does, or clear its fields."))
        wanted = _with_keys(box.settings()[1], mac, form)
        note = str(gettext("Keys of phone %(mac)s", mac=mac))
        if saving.keep(form, wanted, phone_keys.finder(mac), note):
            return redirect(url_for("phones.show", mac=mac))
    kinds = [(kind, gettext(text)) for kind, text in phone_keys.KIND_WORDS.items()]
    states = phones_of(box.try_asking("phones")[0], language())
    state = _state_of(mac, states)
    places = state.key_places if state else None
    return saving.form_page(
        "phones/keys.html",
        form,
        phone=phone,
        state=state,
        kinds=kinds,
        places=phone_keys.MOST_ROWS if places is None else places,
        own=state.own_keys if state and state.own_keys is not None else phone_keys.MOST_ROWS,
        count=phone_keys.rows_of(phone.keys, places),
    )


@page.post("/<mac>/claim")
def claim(mac: str) -> Answer:
    """Give it a number: its window opens, and it fetches."""
    extension = request.form.get("extension", "")
    try:
        box.ask("phone_claim", mac=mac, extension=extension, by=visitor().name)
    except UserError as error:
        form = Form(values=request.form)
        form.general.append(box.say(error))
        return _show(mac, form), 409
    _note("phone_claimed", f"{mac} {extension}")
    return redirect(url_for("phones.show", mac=mac))


@page.post("/<mac>/order")
def order(mac: str) -> Answer:
    """Open its window, have it read again, give it new secrets, forget it."""
    what = request.form.get("do", "")
    if what not in _ORDERS:
        abort(404)
    operation, action = _ORDERS[what]
    address = _in_list(mac) if what == "forget" else url_for("phones.show", mac=mac)
    given: dict[str, Any] = {"by": visitor().name} if what == "window" else {}
    try:
        box.ask(operation, mac=mac, **given)
    except UserError as error:
        form = Form()
        form.general.append(box.say(error))
        return _show(mac, form), 409
    if action:
        _note(action, mac)
    return redirect(address)


def _in_list(mac: str) -> str:
    """The page of the list on which this phone stands now."""
    rows = phones_of(box.try_asking("phones")[0], language())
    return paging.address_of("phones.index", (row.mac for row in rows), mac)


@page.post("/<mac>/login")
def login(mac: str) -> Answer:
    """The password of its own web page."""
    try:
        answer = box.ask("phone_login", mac=mac)
    except UserError as error:
        form = Form()
        form.general.append(box.say(error))
        return _show(mac, form), 409
    _note("phone_login_shown", mac)
    return _show(mac, Form(), password=str(answer["password"]))


@page.post("/<mac>/remove")
def remove(mac: str) -> Answer:
    """Out of the settings; what it knows stays with it until it is reset."""
    _known(mac)
    wanted = collection.without(box.settings()[1], "phones", mac)
    form, address = Form(), _in_list(mac)
    if saving.keep(form, wanted, {}, str(gettext("Phone %(mac)s removed", mac=mac))) is None:
        return _index(form), 409
    return redirect(address)


@page.get("/find")
def find() -> str:
    """How phones find the box, and neighbours that look like phones."""
    if "scan" not in request.args:
        return _find()
    scan, why_not = box.try_asking("phone_scan", timeout_s=_SCAN_S)
    return _find(scan=scan, why_not=why_not)


@page.post("/find")
def check_router() -> Answer:
    """What the network's DHCP servers really tell phones; takes seconds."""
    answer, why_not = box.try_asking("dhcp_check", timeout_s=_CHECK_S, host=server_name())
    return _find(check=answer, why_not=why_not)


def _find(*, scan: Any = None, check: Any = None, why_not: str = "") -> str:
    options, no_options = box.try_asking("dhcp_options", host=server_name())
    return render_template(
        "phones/find.html",
        why_not=why_not or no_options,
        options=dhcp_findings.options_of(options),
        is_served=bool(options and options["is_served"]),
        found=scan["found"] if scan else None,
        check=dhcp_findings.findings_of(check, language()) if check else None,
    )


def _index(form: Form) -> str:
    answer, why_not = box.try_asking("phones")
    context = _context(answer, *paging.asked())
    return render_template("phones/index.html", form=form, why_not=why_not, **context)


def _context(answer: Any, search: str, number: int) -> dict[str, Any]:
    page = paging.page_of(phones_of(answer, language()), _text, search, number)
    return {"page": page, "can_change": _can_change()}


def _text(phone: DeskPhone) -> str:
    """What a phone is found by."""
    own = (phone.title, phone.device, phone.mac, phone.shown_mac, phone.host, phone.text)
    return " ".join((*own, *phone.extensions))


def _show(mac: str, form: Form, password: str = "") -> str:
    answer, why_not = box.try_asking("phones")
    states = phones_of(answer, language())
    found = _state_of(mac, states)
    phone: Phone | None = collection.found(box.settings()[1], "phones", mac)
    if found is None and phone is None:
        abort(404)
    files, _ = box.try_asking("phone_files", mac=mac) if found and phone else (None, "")
    asked, _ = box.try_asking("phone_requests", mac=mac, limit=20)
    return render_template(
        "phones/show.html",
        form=form,
        why_not=why_not,
        mac=mac,
        phone=phone,
        state=found,
        title=_title(mac, found, phone),
        index=paging.address_of("phones.index", (each.mac for each in states), mac),
        password=password,
        files=files["files"] if files else [],
        rows=requests_of(asked, language()),
        extensions=[(e.number, f"{e.number} {e.name}") for e in box.settings()[1].extensions],
        can_change=_can_change(),
    )


def _state_of(mac: str, states: list[DeskPhone]) -> DeskPhone | None:
    return next((each for each in states if each.mac == mac), None)


def _title(mac: str, found: DeskPhone | None, phone: Phone | None) -> str:
    return found.title if found else (phone.label if phone and phone.label else mac)


def _edit_page(form: Form, phone: Phone | None) -> Answer:
    choices = {
        "language": [("", str(gettext("as the office"))), ("ru", "русский"), ("en", "English")]
    }
    return saving.form_page(
        "phones/edit.html",
        form,
        phone=phone,
        plain=entity_form.views(
            "phones", _PLAIN if phone else ("mac", *_PLAIN), language(), choices
        ),
        more=entity_form.views("phones", _MORE, language(), choices),
        is_more_open=any(name in form.errors for name in _MORE),
    )


def _with_keys(document: Document, mac: str, form: Form) -> Decoded:
    data = to_data(document)
    row = next(row for row in data["phones"] if row["mac"] == mac)
    row["keys"] = phone_keys.keys_from(form.values, row["keys"][phone_keys.MOST_ROWS :])
    return decode(data)


def _known(mac: str) -> Phone:
    found: Phone | None = collection.found(box.settings()[1], "phones", mac)
    return found if found is not None else abort(404)


def _can_change() -> bool:
    return may(visitor().role, "phones.edit")


def _note(action: str, detail: str) -> None:
    parts().audit.note(action, account=visitor().name, address=address(), detail=detail)
