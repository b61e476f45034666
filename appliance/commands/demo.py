"""``dozvon demo``: a ready office with a simulated provider, so that one softphone is enough.

Owns the processes of the provider and, with ``--with-phones``, of three emulated desk phones while
the box runs. The office lives in the folder ``demo`` of the data
folder: it is made at the first start and kept, changes and all, at the next ones. ``demo show``
repeats the table, ``demo call`` has the provider call the office, ``demo phones`` and ``demo dial``
are for the emulated phones. Rank 4.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from appliance.commands import run as run_command
from appliance.commands.asking import TIMEOUT_S, write_json, write_lines
from appliance.commands.site import manner_of
from appliance.commands.table import table_lines
from appliance.commands.texts import DONE
from appliance.config.model import Document
from appliance.config.store import ConfigStore
from appliance.config.texts import Text
from appliance.demo.child import (
    Child,
    DeskPhonesOptions,
    ProviderOptions,
    ProviderProcess,
    desk_phones,
)
from appliance.demo.desk_phones import SOCKET
from appliance.demo.office import (
    DESK_EXTENSION,
    FIRST_EXTENSION,
    TRUNK,
    demo_office,
    did_of,
    with_provider_at,
)
from appliance.demo.sheet import Sheet, phones_of, sheet_data, sheet_lines
from appliance.errors import UserError
from appliance.net.control_client import call
from appliance.net.own_address import chosen_by_kernel
from appliance.net.socket_options import is_wildcard

PROVIDER_PORT = 5070  # or any free one, when it is taken
_FAR_AWAY = "192.0.2.1"  # RFC 5737: no packet is sent, only our own address on the way is asked
_CALLING = Text(
    "Провайдер звонит на {number} с {caller}.", "The provider calls {number} as {caller}."
)

_DIALLING = Text("Телефон {phone} набирает {number}.", "Phone {phone} dials {number}.")
_PHONE_COLUMNS = (
    Text("Телефон", "Phone"),
    Text("Модель", "Model"),
    Text("MAC", "MAC"),
    Text("Учётная запись", "Account"),
    Text("На связи", "Registered"),
)

Listener = tuple[str, str, int]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``demo`` and what stands below it."""
    text = "start a ready office with a simulated provider"
    parser = subparsers.add_parser("demo", help=text, description=text)
    run_command.add_listening_options(parser)
    parser.set_defaults(demo=_start, config=None)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    show = actions.add_parser("show", help="what to type into a softphone, once more")
    show.set_defaults(demo=_show)
    place = actions.add_parser("call", help="have the provider call a number of the office")
    place.add_argument("number", nargs="?", default=did_of(FIRST_EXTENSION), metavar="DID")
    place.set_defaults(demo=_call)
    phones = actions.add_parser("phones", help="the emulated desk phones, as they see themselves")
    phones.set_defaults(demo=_phones)
    dial = actions.add_parser("dial", help="dial on an emulated desk phone: a claim code, a number")
    dial.add_argument("phone", metavar="PHONE", help="its name: see demo phones")
    dial.add_argument("number", metavar="NUMBER")
    dial.set_defaults(demo=_dial)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Do it; the exit code of the box, or 0. Raises UserError and its kin."""
    action: Callable[[argparse.Namespace, TextIO], int] = args.demo
    return action(args, out)


# ---- start


def _start(args: argparse.Namespace, out: TextIO) -> int:
    """Run the box and the provider until SIGTERM or SIGINT."""
    given = run_command.read_options(args, os.environ)
    # The emulated phones live on loopback, where nobody has a hardware address.
    trusts = given.trusts_loopback or args.with_phones
    options = replace(given, data=_folder(args), config=None, trusts_loopback=trusts)
    run_command.make_folder(options.data)
    run_command.start_logging(is_verbose=args.verbose, usual=logging.WARNING)
    from appliance import daemon  # what asks a running demo need not load one

    try:
        with ExitStack() as stack:

            def on_ready(listeners: Sequence[Listener]) -> None:
                _tell(args, listeners, out)
                if args.with_phones:
                    stack.enter_context(_desk_phones(args, listeners))

            _prepare(args, stack)
            stack.enter_context(run_command.web_pages(args, options))
            stack.enter_context(run_command.phone_server(args, options))
            return daemon.run(options, on_ready)
    except OSError as error:
        raise UserError("run.cannot_start", said=error.strerror or str(error)) from error


def _prepare(args: argparse.Namespace, stack: ExitStack) -> None:
    """Start the provider; have settings that lead to it."""
    folder = _folder(args)
    store = ConfigStore(folder / "config.db")
    stack.callback(store.close)
    is_new = not store.history()
    base, document = (0, _new_office(args)) if is_new else store.load()
    wanted = document
    trunk = document.trunk_by_name.get(TRUNK)
    if trunk is not None:
        options = ProviderOptions(
            port=trunk.port,
            username=trunk.username,
            secret=trunk.secret,
            language=document.site.language,
            control=folder / "provider.sock",
        )
        provider = stack.enter_context(ProviderProcess(options))
        wanted = with_provider_at(document, provider.port)
    if is_new or wanted != document:
        store.save(wanted, base, "demo", "demo office" if is_new else "provider's port")


def _desk_phones(args: argparse.Namespace, listeners: Sequence[Listener]) -> Child:
    folder = _folder(args)
    options = DeskPhonesOptions(
        folder=folder,
        sip_port=listeners[0][2],
        language=manner_of(folder, args.language).language,
        extension=DESK_EXTENSION,
    )
    return desk_phones(options)


def _new_office(args: argparse.Namespace) -> Document:
    return demo_office(args.language or "en", PROVIDER_PORT, secrets.choice)


# ---- show and call


def _show(args: argparse.Namespace, out: TextIO) -> int:
    answer = _ask(args, "control.sock", "status", {})
    listeners = [(s["transport"], s["host"], s["port"]) for s in answer["sip"]]
    _tell(args, listeners, out)
    return DONE


def _call(args: argparse.Namespace, out: TextIO) -> int:
    answer = _ask(args, "provider.sock", "call", {"number": args.number})
    if args.json:
        write_json(answer, out)
    else:
        language = manner_of(_folder(args), args.language).language
        write_lines([_CALLING.of(language).format_map(answer)], out)
    return DONE


def _phones(args: argparse.Namespace, out: TextIO) -> int:
    answer = _ask(args, SOCKET, "phones", {})
    if args.json:
        write_json(answer, out)
    else:
        rows = [
            (p["name"], p["model"], p["mac"], p["number"], "+" if p["is_registered"] else "")
            for p in answer["phones"]
        ]
        language = manner_of(_folder(args), args.language).language
        write_lines(table_lines(_PHONE_COLUMNS, rows, language), out)
    return DONE


def _dial(args: argparse.Namespace, out: TextIO) -> int:
    answer = _ask(args, SOCKET, "dial", {"phone": args.phone, "number": args.number})
    if args.json:
        write_json(answer, out)
    else:
        language = manner_of(_folder(args), args.language).language
        write_lines([_DIALLING.of(language).format_map(answer)], out)
    return DONE


def _ask(
    args: argparse.Namespace, socket: str, operation: str, given: dict[str, Any]
) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = call(_folder(args) / socket, operation, given, TIMEOUT_S)
    except UserError as error:
        if error.key == "control.not_running":
            key = "demo.no_phones" if socket == SOCKET else "demo.not_running"
            raise UserError(key, folder=_folder(args)) from error
        raise
    return answer


def _tell(args: argparse.Namespace, listeners: Sequence[Listener], out: TextIO) -> None:
    """Print the table of the office as it is now."""
    folder = _folder(args)
    language = manner_of(folder, args.language).language
    store = ConfigStore(folder / "config.db")
    try:
        sheet = _sheet(args, store.load()[1], listeners)
    finally:
        store.close()
    if args.json:
        write_json(sheet_data(sheet, language), out)
    else:
        write_lines(sheet_lines(sheet, language), out)
    out.flush()


def _sheet(args: argparse.Namespace, document: Document, listeners: Sequence[Listener]) -> Sheet:
    _, host, port = listeners[0]
    trunk = document.trunk_by_name.get(TRUNK)
    is_usual = Path(args.data).resolve() == Path("data").resolve()
    return Sheet(
        folder=os.path.relpath(_folder(args)),
        server=(chosen_by_kernel(_FAR_AWAY) or "127.0.0.1") if is_wildcard(host) else host,
        sip_port=port,
        provider_port=trunk.port if trunk is not None else 0,
        phones=phones_of(document),
        dozvon=_command_line(),
        option="" if is_usual else f" --data {os.path.relpath(args.data)}",
    )


def _command_line() -> str:
    """How this program is called from here."""
    program = Path(sys.argv[0])
    if program.name != "dozvon":
        return "python -m appliance"
    found = shutil.which("dozvon")
    if found is not None and Path(found).samefile(program):
        return "dozvon"
    return os.path.relpath(program)


def _folder(args: argparse.Namespace) -> Path:
    return Path(args.data) / "demo"
