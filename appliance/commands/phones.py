"""``dozvon phones``: desk phones, and what may be done with them.

Owns nothing; asks the running daemon. ``phones`` lists; ``window``, ``code``, ``claim``,
``login``, ``resync``, ``renew``, ``forget``, ``files``, ``sheet`` and ``requests`` do what
docs/phones.md tells of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.phone_sheet_words import HINTS, SHEET_COLUMNS, SHEET_ROWS
from appliance.commands.phone_words import (
    PHONE_COLUMNS,
    PHONE_STATES,
    PHONE_WHYS,
    PHONE_WORDS,
    REQUEST_COLUMNS,
    SCAN_COLUMNS,
    VERDICTS,
)
from appliance.commands.site import manner_of
from appliance.commands.table import moment, table_lines
from appliance.commands.texts import DONE
from appliance.commands.words import phone_why

_MAC_HELP = "the hardware address, however it is written"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``phones`` and what stands below it."""
    text = "desk phones that the box sets up"
    parser = subparsers.add_parser("phones", help=text, description=text)
    parser.set_defaults(phones=_list)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    window = _of_mac(actions, "window", "let a phone have its passwords for five minutes", _window)
    window.add_argument("--close", action="store_true", help="close it instead")
    code = actions.add_parser("code", help="the claim code of an extension")
    code.add_argument("extension", metavar="EXT")
    code.set_defaults(phones=_code)
    claim = _of_mac(actions, "claim", "give an extension to a phone", _claim)
    claim.add_argument("extension", metavar="EXT")
    _of_mac(actions, "login", "the web password of a phone", _login)
    _of_mac(actions, "resync", "have a phone read its settings again", _resync)
    _of_mac(actions, "renew", "new secrets for a phone (it was lost, sold, or reset)", _renew)
    _of_mac(actions, "forget", "forget a phone that is gone", _forget)
    _of_mac(actions, "files", "what a phone is told, with secrets masked", _files)
    sheet = actions.add_parser("sheet", help="what to type into a telephone that no table knows")
    sheet.add_argument("extension", metavar="EXT")
    sheet.set_defaults(phones=_sheet)
    scan = actions.add_parser("scan", help="look for phones in our networks by their makers")
    scan.set_defaults(phones=_scan)
    requests = actions.add_parser("requests", help="what phones asked for, newest first")
    requests.add_argument("mac", nargs="?", default="", metavar="MAC", help="only this phone")
    requests.set_defaults(phones=_requests)


def _of_mac(actions: Any, name: str, text: str, action: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text)
    parser.add_argument("mac", metavar="MAC", help=_MAC_HELP)
    parser.set_defaults(phones=action)
    return parser


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Do it; 0. Raises UserError."""
    action: Callable[[argparse.Namespace, TextIO], int] = args.phones
    return action(args, out)


def _list(args: argparse.Namespace, out: TextIO) -> int:
    answer = ask(args, "phones")
    language = manner_of(args.data, args.language).language
    rows = [_cells(row, language) for row in answer["phones"]]
    lines = table_lines(PHONE_COLUMNS, rows, language)
    return _tell(args, out, answer, lines if rows else [PHONE_WORDS["no_phones"].of(language)])


def _cells(row: dict[str, Any], language: str) -> tuple[object, ...]:
    state = PHONE_STATES[row["state"]].of(language)
    why = row["why"]
    said = PHONE_WHYS[why].of(language) if why in PHONE_WHYS else phone_why(why, language)
    return (
        row["mac"],
        " ".join(row["extensions"]),
        f"{row.get('brand_title') or row['brand']} {row['model']}".strip(),
        f"{row['host']} {PHONE_WORDS['emulated'].of(language)}"
        if row["is_emulated"]
        else row["host"],
        f"{state}: {said}" if why else state,
        row["window_left_s"] or "",
        "+" if row["has_own_login"] else "",
    )


def _requests(args: argparse.Namespace, out: TextIO) -> int:
    answer = ask(args, "phone_requests", mac=args.mac)
    manner = manner_of(args.data, args.language)
    rows = [
        (
            moment(row["at"], manner.zone),
            row["host"],
            row["mac"],
            row["transport"],
            row["path"],
            _verdict(row, manner.language),
            row["user_agent"] or f"{row.get('brand_title') or row['brand']} {row['model']}".strip(),
        )
        for row in answer["requests"]
    ]
    lines = table_lines(REQUEST_COLUMNS, rows, manner.language)
    return _tell(
        args, out, answer, lines if rows else [PHONE_WORDS["no_requests"].of(manner.language)]
    )


def _verdict(row: dict[str, Any], language: str) -> str:
    """The answer, and what a person should know of the request."""
    told = (row["hint"], *row["alarms"])
    notes = [HINTS[key].of(language) for key in told if key in HINTS]
    return "; ".join([VERDICTS[row["verdict"]].of(language), *notes])


def _files(args: argparse.Namespace, out: TextIO) -> int:
    answer = ask(args, "phone_files", mac=args.mac)
    lines = [line for f in answer["files"] for line in (f"== {f['path']}", f["text"].rstrip(), "")]
    return _tell(args, out, answer, lines)


def _sheet(args: argparse.Namespace, out: TextIO) -> int:
    answer = ask(args, "phone_sheet", extension=args.extension)
    language = manner_of(args.data, args.language).language
    rows = [(SHEET_ROWS[row["key"]].of(language), row["value"]) for row in answer["rows"]]
    return _tell(args, out, answer, table_lines(SHEET_COLUMNS, rows, language))


def _scan(args: argparse.Namespace, out: TextIO) -> int:
    answer = ask(args, "phone_scan")
    language = manner_of(args.data, args.language).language
    rows = [
        (row["host"], row["mac"], row["brand"], "+" if row["has_asked"] else "")
        for row in answer["found"]
    ]
    lines = table_lines(SCAN_COLUMNS, rows, language)
    return _tell(args, out, answer, lines if rows else [PHONE_WORDS["none_found"].of(language)])


def _window(args: argparse.Namespace, out: TextIO) -> int:
    answer = ask(args, "phone_window", mac=args.mac, is_open=not args.close, by="command line")
    return _say(args, out, answer, "window_closed" if args.close else "window_open")


def _code(args: argparse.Namespace, out: TextIO) -> int:
    answer = ask(args, "claim_code", extension=args.extension)
    zone = manner_of(args.data, args.language).zone
    until = moment(answer["expires_at"], zone)
    return _say(args, out, answer, "code", extension=args.extension, until=until)


def _claim(args: argparse.Namespace, out: TextIO) -> int:
    given = {"mac": args.mac, "extension": args.extension}
    answer = ask(args, "phone_claim", **given, by="command line")
    return _say(args, out, answer, "claimed", **given)


def _login(args: argparse.Namespace, out: TextIO) -> int:
    return _say(args, out, ask(args, "phone_login", mac=args.mac), "login")


def _resync(args: argparse.Namespace, out: TextIO) -> int:
    return _say(args, out, ask(args, "phone_resync", mac=args.mac), "resync")


def _renew(args: argparse.Namespace, out: TextIO) -> int:
    return _say(args, out, ask(args, "phone_renew", mac=args.mac), "renewed")


def _forget(args: argparse.Namespace, out: TextIO) -> int:
    answer = ask(args, "phone_forget", mac=args.mac)
    return _say(args, out, answer, "forgotten" if answer["forgotten"] else "not_known")


def _say(
    args: argparse.Namespace, out: TextIO, answer: dict[str, Any], key: str, **more: str
) -> int:
    language = manner_of(args.data, args.language).language
    line = PHONE_WORDS[key].of(language).format_map({**answer, **more})
    return _tell(args, out, answer, [line])


def _tell(args: argparse.Namespace, out: TextIO, answer: dict[str, Any], lines: list[str]) -> int:
    if args.json:
        write_json(answer, out)
    else:
        write_lines(lines, out)
    return DONE
