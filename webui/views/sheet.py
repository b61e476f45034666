"""A one-time link opened: the account of one extension, shown once, without signing in.

The page first asks for a tap: programs that fetch addresses for a preview must not use it up.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request

from webui import account_sheet, box
from webui.parts import parts
from webui.visitor import address

page = Blueprint("sheet", __name__, url_prefix="/sheet")


@page.route("/<token>", methods=["GET", "POST"])
def open(token: str) -> str | tuple[str, int]:
    """The button, then the account, then nothing ever again."""
    if request.method == "GET":
        is_alive = parts().links.is_alive(token)
        return _page(None, is_alive=is_alive, code=200 if is_alive else 410)
    used = parts().links.use(token)
    extension = box.settings()[1].extension_by_number.get(used[0]) if used else None
    if used is None or extension is None:
        return _page(None, is_alive=False, code=410)
    parts().audit.note("link_opened", account=used[1], address=address(), detail=used[0])
    return _page(account_sheet.of(extension), is_alive=True, code=200)


def _page(sheet: account_sheet.Sheet | None, *, is_alive: bool, code: int) -> tuple[str, int]:
    return render_template("sheet/open.html", sheet=sheet, is_alive=is_alive), code
