"""Alerts: what the owner must know, in words, with what to do and where. Owns nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, url_for

from appliance.commands.words import alert_detail, alert_text
from webui import box, paging
from webui.access import may
from webui.i18n import gettext, language
from webui.live import Answers, stream
from webui.parts import parts
from webui.visitor import visitor
from webui.words import N_

page = Blueprint("alerts", __name__, url_prefix="/alerts")

_SHUT_OUT = (
    N_("Registered phones go on working. It ends by itself; the list tells more."),
    "bans.index",
)
_LIMIT = (
    N_("Emergency calls are never limited. The journal tells who called where."),
    "journal.index",
)
_LAMPS = (
    N_(
        "Lamps that show go on. If that extension has not so many keys, its password was stolen: "
        "give it a new one."
    ),
    "extensions.index",
)
_DISK = (
    N_("Nothing is lost yet. Make room on the disk, or change the memory card; then it goes on."),
    "",
)
_COPY = (
    N_("Check the settings and save them once more. Check the disk or the memory card."),
    "history.index",
)
#: What to do, and the page that helps (an endpoint, or empty).
ADVICE: Mapping[str, tuple[str, str]] = {
    "trunk_down": (
        N_("The trunk's page tells the reason. It is tried again by itself."),
        "trunks.index",
    ),
    "line_down": (
        N_("Look at the cable and the device. It is tried again by itself."),
        "lines.index",
    ),
    "unknown_did": (
        N_("Add this number to the outside numbers, so that it rings where it should."),
        "numbers.index",
    ),
    "emergency_call": (N_("Ask whether help is needed, and meet those who come."), "journal.index"),
    "emergency_no_way": (
        N_("Switch a trunk or a city line on at once: nobody could be reached."),
        "trunks.index",
    ),
    "calls_cut": (
        N_("The box lost power or was killed. If it happens again, check power and memory."),
        "journal.index",
    ),
    "state_damaged": (
        N_("Phones register again by themselves. Check the disk or the memory card."),
        "",
    ),
    "place_banned": _SHUT_OUT,
    "login_barred": _SHUT_OUT,
    "logins_barred": _SHUT_OUT,
    "account_attacked": _SHUT_OUT,
    "flood": (
        N_("Do not open the SIP port to the whole Internet without need: close it in the router."),
        "bans.index",
    ),
    "phones_enumerated": (
        N_("Passwords of phones were not told. Find this device in your network."),
        "phones.requests",
    ),
    "phone_mismatch": (
        N_("Nothing was told. Find this device: it may be a phone with a wrong label, or harm."),
        "phones.requests",
    ),
    "phone_unwritable": (
        N_(
            "Change the label, the name or the password that its maker's files cannot hold: leave"
            " out quotation marks, semicolons and the like."
        ),
        "phones.index",
    ),
    "phone_claims_guessed": (
        N_(
            "Phones rest after wrong codes, longer each time; after many no code serves any more. "
            "Find out who dials, and give a new code."
        ),
        "phones.index",
    ),
    "subscriptions_of_extension": _LAMPS,
    "subscriptions_full": _LAMPS,
    "limit_paid_calls": _LIMIT,
    "limit_paid_calls_per_hour": _LIMIT,
    "limit_paid_minutes_per_day": _LIMIT,
    "limit_call_minutes": _LIMIT,
    "limit_box_calls_per_hour": _LIMIT,
    "config.revision_damaged": _COPY,
    "config.database_damaged": _COPY,
    "config.database_unreadable": _COPY,
    "config.copy_used": _COPY,
    "config.not_copied": _DISK,
    "state_tail_lost": _DISK,
    "journal_rows_damaged": _DISK,
    "state_rows_damaged": (
        N_(
            "Registrations and desk phones come again by themselves; claim codes are given anew,"
            " and SMS that rotted are not shown. Check the disk or the memory card."
        ),
        "",
    ),
    "voicemail.disk_full": (
        N_("Delete messages that were heard, or make room on the disk; then it goes on by itself."),
        "extensions.index",
    ),
    "voicemail.disk_fails": (
        N_("What was said until then is kept. Check the disk or the memory card."),
        "extensions.index",
    ),
    "voicemail.unreadable": (
        N_("Nothing was deleted. Check the disk, and who may read the folder voicemail."),
        "",
    ),
    "voicemail.ownerless": (
        N_("Nothing was deleted. Who gets this number again finds them on its page."),
        "extensions.index",
    ),
    "disk_full": _DISK,
    "disk_fails": _DISK,
    "disk_works_again": (N_("Look whether calls of that time are missing."), "journal.index"),
    "address_changed": (
        N_("Give the box a fixed address in the router, so that phones find it again."),
        "extensions.index",
    ),
    "address_gone": (
        N_("Calls go on by the other addresses. Look at cable and router."),
        "status.index",
    ),
    "clock_jumped": (
        N_("Times in the journal may be wrong before this moment."),
        "journal.index",
    ),
}


@page.get("/")
def index() -> str:
    """The list as it is now."""
    status, why_not = box.try_asking("status")
    page = _page(status, *paging.asked())
    return render_template("alerts/index.html", page=page, why_not=why_not)


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    search, number = paging.asked()

    def fragments(answers: Answers) -> dict[str, Any]:
        page = _page(answers["status"], search, number)
        return {"alerts": render_template("alerts/list.html", page=page)}

    return stream(parts().broker, ("status",), fragments, box.say)


def _page(status: Any, search: str, number: int) -> paging.Page[dict[str, Any]]:
    """The newest first, in the reader's words."""
    rows = [_row(alert) for alert in reversed(status["alerts"] if status else [])]
    return paging.page_of(rows, lambda row: f"{row['text']} {row['detail']}", search, number)


def _row(alert: Mapping[str, Any]) -> dict[str, Any]:
    key, detail = str(alert["key"]), str(alert["detail"])
    advice, endpoint = ADVICE.get(key, ("", ""))
    return {
        "at": alert["at"],
        "text": alert_text(key, language()),
        "detail": alert_detail(key, detail, language()),
        "count": alert["count"],
        "advice": gettext(advice) if advice else "",
        "href": url_for(endpoint) if may(visitor().role, endpoint) else "",
    }
