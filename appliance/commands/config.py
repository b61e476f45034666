"""``dozvon config``: apply, export, show, history, diff, revert and check the settings.

Owns nothing: config.db is written through ConfigStore, and a running daemon is told to reload by
the control socket. Exit codes: 0 done, 1 the settings were refused, 2 wrong usage, 3 saved but the
running daemon refused it or did not answer. Rank 4.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from appliance.commands.config_report import Report
from appliance.commands.site import manner_of
from appliance.commands.texts import key_of
from appliance.config.codec import to_data
from appliance.config.diff import changes
from appliance.config.model import Document
from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore, NotOpened, Revision
from appliance.config.yaml_file import LARGEST_OCTETS, format_yaml, parse_yaml, read_octets
from appliance.durable import write_durably
from appliance.errors import ConfigErrors, Problem, StoreError, UserError
from appliance.net.control_client import call
from appliance.store.trouble import is_passing

DONE, REFUSED, USAGE, NOT_APPLIED = 0, 1, 2, 3
_RELOAD_TIMEOUT_S = 10.0
_SHOWN_IN_HISTORY = 3
_LARGEST_NUMBER = 2**63 - 1

Args = argparse.Namespace


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``config`` and its own commands; each sets ``args.run``."""
    parser = subparsers.add_parser("config", help="the settings: apply, export, history, revert")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    apply = _action(actions, "apply", _apply, "check a YAML file, show what changes, save it")
    apply.add_argument("file", help="YAML file, - reads standard input")
    apply.add_argument(
        "--dry-run", action="store_true", help="show what would change, save nothing"
    )
    apply.add_argument("--note", default="", help="why, for the history")
    export = _action(actions, "export", _export, "write all settings as a YAML file")
    export.add_argument("file", nargs="?", default="-", help="where to; standard output by default")
    export.add_argument("--secrets", action="store_true", help="write secrets too, not masked")
    _action(actions, "show", _show, "the settings in force, secrets masked")
    history = _action(actions, "history", _history, "who saved what, and when")
    history.add_argument("--limit", type=_number, default=20, help="how many (20)")
    diff = _action(actions, "diff", _diff, "what differs between two revisions")
    diff.add_argument("old", type=_number)
    diff.add_argument("new", type=_number, nargs="?", help="the newest by default")
    revert = _action(actions, "revert", _revert, "save an old revision as the newest")
    revert.add_argument("revision", type=_number)
    revert.add_argument("--note", default="", help="why, for the history")
    check = _action(actions, "check", _check, "check a YAML file and save nothing")
    check.add_argument("file", help="YAML file, - reads standard input")


def run(args: Args, out: TextIO) -> int:
    """Do what was asked; the exit code. Every error is told in the person's language."""
    language = manner_of(args.data, args.language).language
    report = Report(out, language, is_json=bool(args.json))
    action: Callable[[Args, Report], int] = args.config_action
    try:
        return report.finish(action(args, report))
    except ConfigErrors as error:
        report.refused(error.problems)
        return report.finish(REFUSED)
    except UserError as error:
        report.failed(error)
        is_usage = error.key == "config.unknown_revision"
        return report.finish(USAGE if is_usage else REFUSED)
    except StoreError as error:
        report.failed(_as_told(error))
        return report.finish(REFUSED)


def _as_told(error: StoreError) -> UserError:
    """A disk that takes or gives nothing now is no damage: nothing has to be repaired."""
    key, params = key_of(error)
    if is_passing(key) or isinstance(error, NotOpened):
        return UserError(key, **params)
    return UserError("config.database_damaged", reason=str(error))


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    action: Callable[[Args, Report], int],
    text: str,
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run, config_action=action)
    return parser


def _apply(args: Args, report: Report) -> int:
    content = _read(args.file)
    base, stored = _stored(args)
    imported = parse_yaml(content, stored)
    report.warnings(imported.warnings)
    found = changes(stored, imported.document)
    report.changes(found)
    if args.dry_run:
        report.say("dry_run")
        return DONE
    if not found and base:
        report.put("revision", base)
        report.say("unchanged", revision=base)
        return DONE
    with closing(ConfigStore(_path(args))) as store:
        if _is_renewed(store, report):
            base = store.newest_revision()
        revision = store.save(imported.document, base, _author(), args.note)
    return _saved(args, report, revision)


def _revert(args: Args, report: Report) -> int:
    with closing(ConfigStore(_path(args))) as store:
        _is_renewed(store, report)
        _, wanted = store.load(args.revision)
        report.changes(store.preview(wanted))
        revision = store.revert(args.revision, _author(), args.note)
    return _saved(args, report, revision)


def _saved(args: Args, report: Report, revision: int) -> int:
    report.put("revision", revision)
    report.say("saved", revision=revision)
    return _reload(args, report, revision)


def _reload(args: Args, report: Report, revision: int) -> int:
    """Tell a running daemon to take the revision."""
    path = Path(args.data) / "control.sock"
    try:
        call(path, "reload", {"revision": revision}, _RELOAD_TIMEOUT_S)
    except UserError as error:
        if error.key == "control.not_running":
            report.put("applied", False)
            report.say("not_running")
            return DONE
        report.put("applied", False)
        report.say("not_applied", revision=revision, reason=report.text_of(error))
        return NOT_APPLIED
    report.put("applied", True)
    report.say("applied", revision=revision)
    return DONE


def _check(args: Args, report: Report) -> int:
    imported = parse_yaml(_read(args.file), _stored(args)[1])
    report.warnings(imported.warnings)
    report.say("sound")
    return DONE


def _export(args: Args, report: Report) -> int:
    _, document = _stored(args)
    text = format_yaml(document, with_secrets=args.secrets)
    if args.file == "-":
        report.write(text)
        return DONE
    _write_private(Path(args.file), text)
    report.put("file", args.file)
    report.say("exported", path=args.file)
    if not args.secrets:
        report.say("exported_masked")
    return DONE


def _show(args: Args, report: Report) -> int:
    revision, document = _stored(args)
    report.put("revision", revision)
    report.put("document", to_data(document, with_secrets=False))
    if revision:
        report.line(f"# {report.word('revision', revision=revision)}")
    else:
        report.line(f"# {report.word('factory')}")
    report.line(format_yaml(document).rstrip("\n"))
    return DONE


def _history(args: Args, report: Report) -> int:
    entries = _entries(_path(args), max(args.limit, 1))
    report.put("history", [_history_row(entry) for entry in entries])
    for entry in entries:
        when = datetime.fromtimestamp(entry.saved_at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
        report.line(f"{entry.revision:>5}  {when}  {entry.author}  {entry.note}".rstrip())
        for change in entry.changes[:_SHOWN_IN_HISTORY]:
            report.line(f"       {report.change_text(change)}")
        if (more := len(entry.changes) - _SHOWN_IN_HISTORY) > 0:
            report.line(f"       {report.word('more', count=more)}")
    if not entries:
        report.say("no_history")
    return DONE


def _entries(path: Path, limit: int) -> tuple[Revision, ...]:
    if not path.exists():
        return ()
    with closing(ConfigStore(path)) as store:
        return store.history(limit)


def _history_row(entry: Revision) -> dict[str, object]:
    return {
        "revision": entry.revision,
        "author": entry.author,
        "note": entry.note,
        "saved_at": entry.saved_at,
        "changes": [{"path": c.path, "before": c.before, "after": c.after} for c in entry.changes],
    }


def _diff(args: Args, report: Report) -> int:
    path = _path(args)
    if not path.exists():
        raise UserError("config.unknown_revision", revision=str(args.old))
    with closing(ConfigStore(path)) as store:
        old, new = store.load(args.old)[1], store.load(args.new)[1]
    report.changes(changes(old, new))
    return DONE


def _path(args: Args) -> Path:
    return Path(args.data) / "config.db"


def _stored(args: Args) -> tuple[int, Document]:
    """The newest revision; nothing is created where there is none."""
    path = _path(args)
    if not path.exists():
        return 0, factory_document()
    with closing(ConfigStore(path)) as store:
        return store.load()


def _is_renewed(store: ConfigStore, report: Report) -> bool:
    """Make the store fit for writing: a damaged file is put aside, what it still gives is kept."""
    report.warnings(store.alerts)
    aside = store.set_aside()
    if aside is not None:
        report.say("set_aside", path=aside)
    return aside is not None


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(LARGEST_OCTETS + 1)
    return read_octets(Path(name))


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read; ConfigErrors ``file.unreadable``."""
    try:
        write_durably(path, text.encode())
    except OSError as error:
        params = {"name": str(path), "reason": error.strerror or str(error)}
        raise ConfigErrors((Problem("file.unreadable", "", params),)) from error


def _number(text: str) -> int:
    """A number that SQLite has room for; ValueError is told by argparse."""
    number = int(text)
    if abs(number) > _LARGEST_NUMBER:
        raise ValueError
    return number


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "cli"
