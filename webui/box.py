"""What views know of the box: its settings, the running daemon, the journal; and how they save.

Owns the open settings of a request. Views are thin: they read here and show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request

from appliance.commands.texts import error_lines
from appliance.config.diff import Change, changes
from appliance.config.model import Document
from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore
from appliance.errors import DozvonError, UserError
from appliance.net.control_client import call
from webui.broker import ASK_S
from webui.i18n import language
from webui.parts import parts
from webui.visitor import address, visitor


def store() -> ConfigStore:
    """The settings, opened once a request; raises StoreError.

    Only what may save looks through the whole file first: with hundreds of revisions that is a
    hundred megabytes, too much for every page that is read.
    """
    if "store" not in g:
        path = parts().settings.data / "config.db"
        may_save = request.method not in ("GET", "HEAD")
        g.store = ConfigStore(path, parts().settings.now, looks_through=may_save)
    opened: ConfigStore = g.store
    return opened


def close_store(error: BaseException | None = None) -> None:
    """The request is over."""
    opened: ConfigStore | None = g.pop("store", None)
    if opened is not None:
        opened.close()


def settings() -> tuple[int, Document]:
    """(revision, document) in force; (0, factory document) on a new box."""
    if "loaded" not in g:
        g.loaded = store().load()
    revision, document = g.loaded
    return revision, document


def zone_of(document: Document) -> ZoneInfo:
    """Where the office's clock hangs; UTC when this machine does not know the place."""
    try:
        return ZoneInfo(document.site.timezone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def ask(operation: str, timeout_s: float = ASK_S, **args: Any) -> Any:
    """The daemon's answer (docs/control.md); raises UserError."""
    return call(parts().settings.data / "control.sock", operation, args, timeout_s)


def try_asking(operation: str, timeout_s: float = ASK_S, **args: Any) -> tuple[Any, str]:
    """(answer, "") or (None, why there is none) in the reader's language."""
    try:
        return ask(operation, timeout_s, **args), ""
    except UserError as error:
        return None, say(error)


def say(error: DozvonError) -> str:
    """An error in the reader's language, with what to do."""
    if isinstance(error, UserError) and error.key in NOT_RUNNING:
        return str(NOT_RUNNING[error.key][language() == "en"])
    return "\n".join(error_lines(error, language()))


#: The command line's words of these would send the reader of a page to a terminal.
NOT_RUNNING = {
    "control.not_running": (
        "Станция не запущена. Страницы работают, настройки можно менять: они вступят в силу "
        "с её запуском.",
        "The telephone service is not running. Pages work and settings can be changed: they take "
        "effect when it starts.",
    ),
    "control.timeout": (
        "Станция не ответила вовремя. Обновите страницу; если так и будет, посмотрите её журнал.",
        "The telephone service did not answer in time. Reload the page; if it stays so, read its "
        "log.",
    ),
}


def saved_since(base: int) -> tuple[Change, ...]:
    """What was saved since the revision that a form was made from; empty when nothing was.

    base: 0 is the factory document, as in ``settings``.
    """
    revision, document = settings()
    if not 0 <= base < revision:
        return ()
    try:
        before = store().load(base)[1] if base else factory_document()
    except DozvonError:
        return ()  # forgotten or damaged: the check of the whole document still stands
    return changes(before, document)


@dataclass(frozen=True, slots=True)
class Saved:
    """revision: what was saved; why_not_applied: why the daemon does not use it yet, or empty."""

    revision: int
    why_not_applied: str = ""


def save(document: Document, base: int, note: str, *, action: str = "settings_saved") -> Saved:
    """Save, tell the daemon, write the audit log.

    Raises ConfigErrors (show them beside their fields: forms.py), RevisionConflict, StoreError,
    UserError ``config.busy``. A daemon that does not run is no error: it will read them at start.
    """
    revision = store().save(document, base, visitor().name, note)
    g.pop("loaded", None)
    if revision != base:
        parts().audit.note(
            action,
            account=visitor().name,
            address=address(),
            detail=note,
            revisions=(base, revision),
        )
    try:
        ask("reload", revision=revision)
    except UserError as error:
        return Saved(revision, say(error))
    return Saved(revision)
