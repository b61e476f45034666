"""What needs somebody's eye first, of all that the daemon tells. Owns nothing.

The worst first: what stops calls, then what stops some of them, then what happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from appliance.commands.words import alert_detail, alert_text
from appliance.config.model import Document
from appliance.routing.texts import say_why
from webui import ways
from webui.i18n import gettext, language, ngettext
from webui.line_states import states_of
from webui.phone_states import QUIET

_MOST_ALERTS = 3
_LATELY_S = 86_400.0
_SHOWN_NUMBERS = 6


@dataclass(frozen=True, slots=True)
class Need:
    """One thing. kind: ``bad warn``; endpoint: the page that helps."""

    kind: str
    text: str
    detail: str
    endpoint: str


def needs(answers: Mapping[str, Any], document: Document, revision: int, now: float) -> list[Need]:
    """Everything, in order. answers: of status, trunks, lines and reachability; now: epoch s."""
    has_lines = ways.has_lines(document)
    found = [
        *_trunks(answers["trunks"]["trunks"], has_lines=has_lines),
        *_lines(answers["lines"]),
        *_settings(answers["status"], document, revision),
        *_phones(answers["reachability"]["absent"], document),
        *_alerts(answers["status"]["alerts"], now),
    ]
    return sorted(found, key=lambda need: need.kind != "bad")


def _trunks(rows: list[dict[str, Any]], *, has_lines: bool) -> Iterator[Need]:
    for row in rows:
        if row["state"] == "down":
            text = gettext("The trunk %(name)s is down", name=row["name"])
            yield Need("bad", text, say_why(row["why"], language()), "trunks.index")
    if not has_lines and not any(row["state"] != "disabled" for row in rows):
        text = gettext("No trunk and no city line: calls outside and emergency calls cannot leave")
        yield Need("warn", text, "", "trunks.index")


def _lines(answer: Any) -> Iterator[Need]:
    for state in states_of(answer, language()):
        if state.is_broken:
            text = gettext("The line %(name)s cannot be used", name=state.name)
            yield Need("bad", text, state.why, "lines.index")


def _settings(status: Mapping[str, Any], document: Document, revision: int) -> Iterator[Need]:
    if not document.extensions:
        yield Need("warn", gettext("There are no extensions yet"), "", "extensions.index")
    if status["revision"] != revision:
        text = gettext("The telephone service uses other settings than the saved ones")
        detail = gettext("Save them once more, or restart it.")
        yield Need("warn", text, detail, "history.index")


def _phones(absent: Mapping[str, list[str]], document: Document) -> Iterator[Need]:
    missed = {number for why, numbers in absent.items() if why not in QUIET for number in numbers}
    lost = [e.number for e in document.extensions if e.number in missed]
    if lost:
        text = ngettext(
            "%(count)s extension cannot be called",
            "%(count)s extensions cannot be called",
            len(lost),
        )
        shown = ", ".join(lost[:_SHOWN_NUMBERS])
        more = " …" if len(lost) > _SHOWN_NUMBERS else ""
        yield Need("warn", text, shown + more, "extensions.index")


def _alerts(alerts: list[dict[str, Any]], now: float) -> Iterator[Need]:
    fresh = [a for a in alerts if now - a["at"] < _LATELY_S and a["key"] != "trunk_down"]
    for alert in fresh[: -_MOST_ALERTS - 1 : -1]:
        detail = alert_detail(alert["key"], str(alert["detail"]), language())
        yield Need("warn", alert_text(alert["key"], language()), detail, "alerts.index")
