"""The command line ``dozvon``: finds the command, speaks its errors in the person's language.

Owns nothing. A command is a module of appliance/commands with ``add_parser`` and ``run``; options
that all share stand before or behind the command. Exit codes: 0 done, 1 refused or failed or not
there, 2 mistaken use, 3 no daemon runs (a command may give more meaning, see its module).
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from appliance.commands.asking import write_json
from appliance.commands.site import LANGUAGES, language_of_environment, manner_of
from appliance.errors import DozvonError, UserError
from appliance.options import DEFAULT_DATA

log = logging.getLogger(__name__)

#: Each is a module of appliance/commands.
_COMMANDS = (
    "run",
    "status",
    "calls",
    "registrations",
    "trunks",
    "lines",
    "sms",
    "explain",
    "config",
    "journal",
    "hangup",
    "spending",
    "secret",
    "bans",
    "unban",
    "web",
    "provision",
    "phones",
    "dhcp",
    "selftest",
    "doctor",
    "version",
)
_DEMO = "appliance.commands.demo"
_INTERRUPTED = 130  # 128 + SIGINT, as shells say it
_Subparsers = argparse._SubParsersAction


def main(argv: Sequence[str] | None = None) -> int:
    """Do what argv says (sys.argv by default); the exit code."""
    _let_everything_be_printed()
    given = sys.argv[1:] if argv is None else argv
    commands = known_commands(given)
    args = make_parser(commands, os.environ).parse_args(given)
    try:
        code: int = commands[args.command].run(args, sys.stdout)
        sys.stdout.flush()
        return code
    except DozvonError as error:
        return _tell(error, args)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a file that is not ours
        log.debug("%s", error, exc_info=error)
        return _tell_refused(_as_told(error), args)


def known_commands(argv: Sequence[str] = ()) -> Mapping[str, ModuleType]:
    """Every command by its name; where argv begins with one, that one alone: the box starts sooner
    when it need not load what it is not asked for."""
    chosen = argv[:1] if argv and argv[0] in _COMMANDS else _COMMANDS
    commands = {name: import_module(f"appliance.commands.{name}") for name in chosen}
    if chosen is _COMMANDS and find_spec(_DEMO) is not None:
        commands["demo"] = import_module(_DEMO)
    return commands


def make_parser(
    commands: Mapping[str, ModuleType], environ: Mapping[str, str]
) -> argparse.ArgumentParser:
    """The whole command line; defaults of the shared options come from the environment."""
    parser = argparse.ArgumentParser(prog="dozvon", description="Dozvon, the office phone system.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in commands.values():
        module.add_parser(subparsers)
    for each in _all_parsers(subparsers):
        _add_shared(each, argparse.SUPPRESS, argparse.SUPPRESS, argparse.SUPPRESS)
    data = environ.get("DOZVON_DATA", "") or str(DEFAULT_DATA)
    _add_shared(parser, data, False, language_of_environment(environ))
    return parser


def _all_parsers(
    subparsers: _Subparsers[argparse.ArgumentParser],
) -> Iterator[argparse.ArgumentParser]:
    """The parsers of commands and of commands of commands."""
    for parser in subparsers.choices.values():
        yield parser
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                yield from _all_parsers(action)


def _add_shared(
    parser: argparse.ArgumentParser, data: str, is_json: bool | str, language: str
) -> None:
    group = parser.add_argument_group("options of every command")
    group.add_argument(
        "--data", default=data, metavar="DIR", help="folder of the box (DOZVON_DATA, else ./data)"
    )
    group.add_argument("--json", action="store_true", default=is_json, help="answer in JSON")
    group.add_argument(
        "--language", choices=LANGUAGES, default=language, help="ru or en (LANG, else the office's)"
    )


def _as_told(error: OSError) -> UserError:
    """What the system refused, as an error that has words."""
    if isinstance(error, PermissionError) and error.filename is not None:
        return UserError("control.no_permission", path=str(error.filename))
    said = error.strerror or str(error)
    where = f": {error.filename}" if error.filename is not None else ""
    return UserError("command.failed", said=f"{said}{where}")


def _tell_refused(error: UserError, args: argparse.Namespace) -> int:
    """It may be the output itself that takes nothing: then it is not tried again at the end."""
    try:
        code = _tell(error, args)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        args.json = False
        return _tell(error, args)
    return code


def _tell(error: DozvonError, args: argparse.Namespace) -> int:
    """Say what went wrong: words to standard error, or an object for programs."""
    from appliance.commands.texts import error_lines, exit_code, key_of  # all texts of all errors

    language = manner_of(args.data, args.language).language
    lines = error_lines(error, language)
    if args.json:
        key, params = key_of(error)
        shown = {name: str(value) for name, value in params.items()}
        write_json({"error": {"key": key, "params": shown, "text": "\n".join(lines)}}, sys.stdout)
    else:
        for line in lines:
            print(f"dozvon: {line}", file=sys.stderr)
    return exit_code(error)


def _let_everything_be_printed() -> None:
    """A letter that the terminal cannot show is shown by its code, and what nobody wants to hear
    (a closed output) is written to nobody; nothing fails for it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
