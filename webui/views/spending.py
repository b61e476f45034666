"""Who made how many paid calls this hour and today, of which limit. Owns nothing; asks the
daemon."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template

from appliance.config.presets import class_titles
from webui import box, paging
from webui.i18n import language
from webui.live import Answers, stream
from webui.parts import parts

page = Blueprint("spending", __name__, url_prefix="/spending")
_WORST_FIRST = ("bad", "warn", "ok")
_NEAR = 0.8  # of a limit: somebody should look


@page.get("/")
def index() -> str:
    """As it is now."""
    answer, why_not = box.try_asking("spending")
    context = _context(answer, *paging.asked())
    return render_template("spending/index.html", why_not=why_not, **context)


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    search, number = paging.asked()

    def fragments(answers: Answers) -> dict[str, Any]:
        context = _context(answers["spending"], search, number)
        return {"spending": render_template("spending/list.html", **context)}

    return stream(parts().broker, ("spending",), fragments, box.say)


def _context(answer: Any, search: str, number: int) -> dict[str, Any]:
    """Who spent something, those at a limit first, a page of them."""
    rows = answer["spending"] if answer else []
    titles = class_titles(language())
    shown = [
        {
            **row,
            "class_title": titles.get(row["class_of_service"], row["class_of_service"]),
            "state": _state(row),
        }
        for row in rows
    ]
    spent = [r for r in shown if r["calls"] or r["calls_last_hour"] or r["minutes_today"]]
    spent.sort(key=lambda row: _WORST_FIRST.index(row["state"]))
    page = paging.page_of(spent, _text, search, number)
    return {"answer": answer, "page": page, "others": len(shown) - len(spent)}


def _text(row: Any) -> str:
    return f"{row['extension']} {row['name']} {row['class_title']}"


def _state(row: Any) -> str:
    """``bad`` at a limit, ``warn`` near one, else ``ok``; a limit of 0 is none."""
    pairs = (
        (row["calls"], row["max_calls"]),
        (row["calls_last_hour"], row["max_calls_per_hour"]),
        (row["minutes_today"], row["max_minutes_per_day"]),
    )
    worst = max((spent / limit for spent, limit in pairs if limit), default=0.0)
    return "bad" if worst >= 1 else ("warn" if worst >= _NEAR else "ok")
