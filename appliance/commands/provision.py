"""``dozvon provision``: sets up desk phones over HTTP and TFTP, in the foreground.

Owns the listening sockets until the server takes them (or takes those of systemd), and the making
of the certificate at the first start. ``run`` and ``demo`` start it beside the daemon
(``--with-phones``). The server itself is provisioning/server.py.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from appliance import durable
from appliance.commands import run as run_command
from appliance.commands.texts import DONE
from appliance.errors import UserError
from appliance.net.socket_options import family_of, open_tcp_listener
from appliance.options import (
    DEFAULT_PHONES_OLD_TLS_PORT,
    DEFAULT_PHONES_PORT,
    DEFAULT_PHONES_TLS_PORT,
    DEFAULT_TFTP_PORT,
    RunOptions,
)

log = logging.getLogger(__name__)
_CERTIFICATE = "phones-tls.pem"
_FIRST_FD = 3  # sd_listen_fds(3)
_KINDS = ("http", "tls", "old_tls", "tftp")
_OPTIONS = {
    "http": ("--phones-port", DEFAULT_PHONES_PORT),
    "tls": ("--phones-tls-port", DEFAULT_PHONES_TLS_PORT),
    "old_tls": ("--phones-old-tls-port", DEFAULT_PHONES_OLD_TLS_PORT),
    "tftp": ("--tftp-port", DEFAULT_TFTP_PORT),
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``provision``."""
    text = "set desk phones up over HTTP and TFTP, in the foreground"
    parser = subparsers.add_parser("provision", help=text, description=text)
    parser.add_argument(
        "--bind", action="append", metavar="ADDR", help="listen here; may be given several times"
    )
    for option, default in _OPTIONS.values():
        parser.add_argument(option, metavar="N", help=f"a port ({default})")
    parser.add_argument("--verbose", action="store_true", help="log more")
    parser.add_argument("--lifeline", action="store_true", help=argparse.SUPPRESS)
    run_command.add_trust_option(parser)


def command_of(options: RunOptions) -> list[str]:
    """The words behind ``dozvon`` that set phones up for such a box."""
    binds = [part for address in options.bind for part in ("--bind", address)]
    trust = ["--trust-loopback-phones"] if options.trusts_loopback else []
    ports = ["--phones-port", str(options.phones_port)]
    return ["provision", "--data", str(options.data), *binds, *ports, *trust]


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Serve until SIGTERM or SIGINT; 0. Raises UserError and its kin."""
    from provisioning.brand_book import BrandBook  # what asks a running box need not load these
    from provisioning.catalogue import with_own
    from provisioning.server import Server, ServerOptions
    from provisioning.snapshots import Snapshots

    folder = Path(args.data)
    run_command.make_folder(folder)
    run_command.start_logging(is_verbose=args.verbose)
    sockets = given_sockets(os.environ, os.getpid())
    snapshots = Snapshots(folder / "config.db")
    is_old = snapshots.of(None).document.provisioning.takes_old_tls
    snapshots.close()
    # Whether old TLS is wanted is known to the settings, not to systemd: that port is always ours.
    missing = [kind for kind in _KINDS if kind == "old_tls" or not sockets]
    sockets |= _open(args, [kind for kind in missing if is_old or kind != "old_tls"])
    options = ServerOptions(
        data=folder,
        sockets=sockets,
        certificate=_certificate(folder),
        trusts_loopback=args.trust_loopback_phones,
    )
    brands = BrandBook(lambda: with_own(folder / "brands"))
    brands.read()
    server = Server(options, brands)
    asyncio.run(server.run(sys.stdin.fileno() if args.lifeline else None))
    return DONE


def given_sockets(environ: Mapping[str, str], pid: int) -> dict[str, list[socket.socket]]:
    """The sockets that systemd hands over, by the names of its socket unit (sd_listen_fds(3))."""
    count = environ.get("LISTEN_FDS", "")
    if environ.get("LISTEN_PID") != str(pid) or not count.isdigit():
        return {}
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    found: dict[str, list[socket.socket]] = {}
    for number in range(int(count)):
        name = names[number] if number < len(names) else ""
        sock = socket.socket(fileno=_FIRST_FD + number)
        os.set_inheritable(sock.fileno(), False)
        if name in _KINDS:
            found.setdefault(name, []).append(sock)
        else:
            log.warning("systemd hands over a socket %r that is not known", name)
    return found


def _open(args: argparse.Namespace, kinds: Sequence[str]) -> dict[str, list[socket.socket]]:
    """Sockets of all addresses; raises UserError. A port of TFTP that is not to be had is left."""
    found: dict[str, list[socket.socket]] = {}
    addresses = run_command.addresses_of(args.bind, os.environ)
    for kind in kinds:
        option, default = _OPTIONS[kind]
        value = getattr(args, option.removeprefix("--").replace("-", "_"))
        port = run_command.port_of(option, value, os.environ, default)
        try:
            found[kind] = [_open_one(kind, address, port) for address in addresses]
        except UserError as error:
            if kind == "http":
                raise
            log.warning("phones are not served by %s: %s %s", kind, error.key, error.params)
    return found


def _open_one(kind: str, address: str, port: int) -> socket.socket:
    if kind != "tftp":
        return open_tcp_listener(address, port)
    sock = socket.socket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        sock.bind((address, port))
    except OSError as error:
        sock.close()
        raise UserError("net.cannot_bind", address=address, port=port, said=str(error)) from error
    return sock


def _certificate(folder: Path) -> Path | None:
    """The box's own certificate for phones, made once, and anew where it is damaged (that one is
    put aside); None where it cannot be made: phones are served without TLS then."""
    from provisioning.tls import is_usable, make_certificate

    path = folder / _CERTIFICATE
    try:
        if path.exists() and not is_usable(path):
            log.warning("it was put aside as %s", durable.set_aside(path, ()).name)
        if not path.exists():
            durable.write_durably(path, make_certificate("Dozvon"), is_of_folder=True)
    except OSError as error:
        log.warning("no HTTPS for phones: %s", error)
        return None
    return path
