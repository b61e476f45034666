"""``dozvon run``: the box itself, in the foreground.

Owns nothing: reads options and DOZVON_* variables (an option wins), checks them all, and hands
RunOptions to the composition root, which alone knows the parts. Errors rise to cli.py.
"""

from __future__ import annotations

import argparse
import gc
import ipaddress
import logging
import os
import re
import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TextIO

from appliance.errors import UserError
from appliance.options import (
    DEFAULT_PHONES_PORT,
    DEFAULT_RTP_PORTS,
    DEFAULT_SIP_PORT,
    DEFAULT_WEB_PORT,
    RunOptions,
)
from appliance.service import memory
from appliance.service.log_limits import LimitedHandler

_LOWEST_MEDIA_PORT = 1024
_HIGHEST_PORT = 65535
_LEAST_MEDIA_PORTS = 4  # two pairs: the two legs of one call
_DIGITS = re.compile(r"[0-9]{1,5}")
_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``run`` with its own options."""
    parser = subparsers.add_parser(
        "run",
        help="start the box in the foreground",
        description="Start the box in the foreground. Each option may also be a variable: "
        "DOZVON_CONFIG, DOZVON_BIND (several with commas), DOZVON_SIP_PORT, DOZVON_WEB_PORT, "
        "DOZVON_RTP_PORTS.",
    )
    parser.add_argument("--config", metavar="FILE", help="a YAML file of settings to start from")
    add_listening_options(parser)


def add_listening_options(parser: argparse.ArgumentParser) -> None:
    """Where to listen and how much to tell: ``demo`` has these too."""
    parser.add_argument(
        "--bind", action="append", metavar="ADDR", help="listen here; may be given several times"
    )
    parser.add_argument(
        "--sip-port", metavar="N", help=f"SIP over UDP and TCP ({DEFAULT_SIP_PORT})"
    )
    parser.add_argument("--web-port", metavar="N", help=f"web pages ({DEFAULT_WEB_PORT})")
    parser.add_argument(
        "--rtp-ports", metavar="A-B", help="media ({}-{})".format(*DEFAULT_RTP_PORTS)
    )
    parser.add_argument(
        "--with-web", action="store_true", help="serve the web pages too, in a process beside it"
    )
    parser.add_argument(
        "--with-phones", action="store_true", help="set desk phones up too, in a process beside it"
    )
    parser.add_argument(
        "--phones-port", metavar="N", help=f"HTTP for desk phones ({DEFAULT_PHONES_PORT})"
    )
    add_trust_option(parser)
    parser.add_argument("--verbose", action="store_true", help="log each message on the wire")


def add_trust_option(parser: argparse.ArgumentParser) -> None:
    """For emulated phones, which have no hardware address of their own."""
    parser.add_argument(
        "--trust-loopback-phones",
        action="store_true",
        help="believe phones on this machine's loopback who they say they are (demo, tests)",
    )


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Run until SIGTERM or SIGINT; the daemon's exit code. Raises UserError and its kin."""
    options = read_options(args, os.environ)
    make_folder(options.data)
    start_logging(is_verbose=args.verbose)
    gc.disable()  # nothing that is loaded now is garbage; the daemon enables it when it is up
    memory.lay_out()
    from appliance import daemon  # what asks a running box need not load one

    try:
        with web_pages(args, options), phone_server(args, options):
            return daemon.run(options)
    except OSError as error:
        raise UserError("run.cannot_start", said=error.strerror or str(error)) from error
    finally:
        gc.enable()


def web_pages(args: argparse.Namespace, options: RunOptions) -> AbstractContextManager[object]:
    """The pages beside the daemon, when they were asked for."""
    if not args.with_web:
        return nullcontext()
    from appliance.commands.web import command_of
    from appliance.service.web_process import WebProcess

    language = ["--language", args.language] if args.language else []
    return WebProcess([*command_of(options), *language])


def phone_server(args: argparse.Namespace, options: RunOptions) -> AbstractContextManager[object]:
    """What sets phones up, beside the daemon, when it was asked for."""
    if not args.with_phones:
        return nullcontext()
    from appliance.commands.provision import command_of
    from appliance.service.web_process import WebProcess

    return WebProcess(command_of(options), "server of phones")


def start_logging(*, is_verbose: bool, usual: int = logging.INFO) -> None:
    """Log to standard error: every message on the wire, or what is usual, within limits.

    What no line of ours shows (who called, in which thread) is not looked up for each of them.
    """
    logging._srcfile = None  # the library's own way, see "Optimization" in its guide
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    level = logging.DEBUG if is_verbose else usual
    logging.basicConfig(level=level, format=_LOG_FORMAT, handlers=[LimitedHandler()])


def read_options(args: argparse.Namespace, environ: Mapping[str, str]) -> RunOptions:
    """Options over variables over defaults, checked; raises UserError ``run.…``."""
    config = args.config or environ.get("DOZVON_CONFIG", "")
    options = RunOptions(
        data=Path(args.data),
        config=Path(config) if config else None,
        bind=addresses_of(args.bind, environ),
        sip_port=port_of("--sip-port", args.sip_port, environ, DEFAULT_SIP_PORT),
        web_port=port_of("--web-port", args.web_port, environ, DEFAULT_WEB_PORT),
        rtp_ports=_port_range(args.rtp_ports, environ),
        phones_port=port_of("--phones-port", args.phones_port, environ, DEFAULT_PHONES_PORT),
        trusts_loopback=args.trust_loopback_phones,
    )
    _check_apart(options)
    return options


def _given(option: str, value: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """(how it was given, what was given): the option, else its variable, else nothing."""
    if value is not None:
        return option, value
    variable = "DOZVON_" + option.removeprefix("--").replace("-", "_").upper()
    return variable, environ.get(variable, "")


def port_of(option: str, value: str | None, environ: Mapping[str, str], default: int) -> int:
    """A port by its option, else its variable, else its default; UserError ``run.bad_port``."""
    where, text = _given(option, value, environ)
    if not text and value is None:
        return default
    if not _DIGITS.fullmatch(text) or int(text) > _HIGHEST_PORT:
        raise UserError("run.bad_port", option=where, value=text)
    return int(text)


def _port_range(value: str | None, environ: Mapping[str, str]) -> tuple[int, int]:
    where, text = _given("--rtp-ports", value, environ)
    if not text and value is None:
        return DEFAULT_RTP_PORTS
    low, dash, high = text.partition("-")
    if dash and _DIGITS.fullmatch(low) and _DIGITS.fullmatch(high):
        first, last = int(low), int(high)
        is_wide = last - first + 1 >= _LEAST_MEDIA_PORTS
        if first >= _LOWEST_MEDIA_PORT and last <= _HIGHEST_PORT and is_wide:
            return first, last
    raise UserError("run.bad_rtp_ports", option=where, value=text)


def addresses_of(values: list[str] | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Addresses to listen at: given, else all of this machine; UserError ``run.bad_address``."""
    where, text = _given("--bind", ",".join(values) if values else None, environ)
    given = [part.strip() for part in text.split(",") if part.strip()]
    if not given:
        return ("0.0.0.0", "::") if _has_ipv6() else ("0.0.0.0",)
    for address in given:
        try:
            ipaddress.ip_address(address)
        except ValueError as error:
            raise UserError("run.bad_address", option=where, value=address) from error
    return tuple(dict.fromkeys(given))


def _has_ipv6() -> bool:
    """Whether this machine lets a socket listen on IPv6 (a kernel may have it switched off)."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::", 0))
    except OSError:
        return False
    return True


def _check_apart(options: RunOptions) -> None:
    low, high = options.rtp_ports
    for option, port in (("--sip-port", options.sip_port), ("--web-port", options.web_port)):
        if low <= port <= high:
            raise UserError("run.ports_overlap", option=option, port=port, range=f"{low}-{high}")
    if options.sip_port == options.web_port != 0:
        raise UserError("run.same_port", port=options.sip_port)


def make_folder(path: Path) -> None:
    """Make the data folder, readable by its owner only; raises UserError ``run.bad_folder``."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(0, "no permission to write")
    except OSError as error:
        said = error.strerror or str(error)
        raise UserError("run.bad_folder", path=str(path), said=said) from error
