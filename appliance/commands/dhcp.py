"""``dozvon dhcp``: how phones find the box: values for the router, a check, a server of our own.

Owns the dnsmasq process of ``serve`` while it runs, and its configuration file. ``serve`` begins
only when it is asked to, and only where no other server answers; it ends when one appears.
"""

from __future__ import annotations

import argparse
import ipaddress
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from appliance import durable
from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.dhcp_words import DHCP_WORDS, OPTION_COLUMNS, READERS, VERDICTS
from appliance.commands.site import manner_of
from appliance.commands.table import table_lines
from appliance.commands.texts import DONE, FAILED
from appliance.errors import UserError
from appliance.net.dhcp_packets import Answer
from appliance.net.dhcp_probe import ask_servers
from appliance.net.netlink import InterfaceAddress, usable_addresses
from appliance.net.uplink import default_gateway, name_servers
from appliance.options import DEFAULT_PHONES_PORT
from appliance.phones.dhcp import (
    VENDOR_CLASSES,
    OptionValue,
    Uplink,
    dnsmasq_configuration,
    findings,
    option_values,
    report,
)
from appliance.phones.dhcp_desk import is_lan

_LOOK_AGAIN_S = 60.0
_POLL_S = 1.0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``dhcp`` and what stands below it."""
    text = "how phones find the box: DHCP options"
    parser = subparsers.add_parser("dhcp", help=text, description=text)
    parser.set_defaults(dhcp=_show)
    _add_interface(parser, "")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    check = actions.add_parser("check", help="what do the network's servers really tell phones?")
    _add_interface(check, argparse.SUPPRESS)
    check.set_defaults(dhcp=_check)
    serve = actions.add_parser("serve", help="serve DHCP here with dnsmasq, in the foreground")
    _add_interface(serve, argparse.SUPPRESS)
    serve.add_argument("first", metavar="FIRST", help="the first address to give out")
    serve.add_argument("last", metavar="LAST", help="the last address to give out")
    serve.set_defaults(dhcp=_serve)


def _add_interface(parser: argparse.ArgumentParser, default: str) -> None:
    """It may stand before the action or behind it; SUPPRESS keeps what was said before."""
    parser.add_argument("--interface", metavar="NAME", default=default, help="where the phones are")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Do it; 0, or 1 where ``check`` finds something wrong. Raises UserError."""
    action: Callable[[argparse.Namespace, TextIO], int] = args.dhcp
    return action(args, out)


def _show(args: argparse.Namespace, out: TextIO) -> int:
    values = _values(args, _place(args))
    language = manner_of(args.data, args.language).language
    if args.json:
        rows = [{"code": v.code, "text": v.text, "hex": v.hexadecimal} for v in values]
        write_json({"options": rows}, out)
        return DONE
    cells = [(v.code, v.text, v.hexadecimal, READERS[v.code]) for v in values]
    lines = [DHCP_WORDS["values"].of(language), *table_lines(OPTION_COLUMNS, cells, language)]
    write_lines([*lines, DHCP_WORDS["which"].of(language)], out)
    return DONE


def _check(args: argparse.Namespace, out: TextIO) -> int:
    place = _place(args)
    values = _values(args, place)
    found = report(findings(_servers(place), values))
    language = manner_of(args.data, args.language).language
    is_good = found["is_good"]
    if args.json:
        write_json(found, out)
        return DONE if is_good else FAILED
    lines = [_line(row, language) for row in found["findings"]]
    key = "no_server" if not lines else "good" if is_good else "bad"
    write_lines([*lines, DHCP_WORDS[key].of(language)], out)
    return DONE if is_good else FAILED


def _line(row: dict[str, Any], language: str) -> str:
    verdict = VERDICTS[row["verdict"]].of(language)
    return f"{row['server']}  {row['code']:>3}  {verdict}  {row['said']}".rstrip()


def _serve(args: argparse.Namespace, out: TextIO) -> int:
    """Serve until interrupted, or until another server answers."""
    place = _place(args)
    _check_range(args, place)
    program = shutil.which("dnsmasq") or shutil.which("dnsmasq", path="/usr/sbin:/sbin")
    if program is None:
        raise UserError("dhcp.no_dnsmasq")
    name = socket.if_indextoname(place.interface)
    _refuse_where_another_serves(place)
    uplink = Uplink(place.host, default_gateway(name), name_servers())
    text = dnsmasq_configuration(name, args.first, args.last, _values(args, place), uplink)
    path = Path(args.data) / "dhcp.conf"
    durable.write_durably(path, text.encode("ascii"))
    leases = Path(args.data) / "dhcp.leases"
    argv = [program, "--keep-in-foreground", f"--conf-file={path}", f"--dhcp-leasefile={leases}"]
    language = manner_of(args.data, args.language).language
    write_lines([DHCP_WORDS["serving"].of(language).format(interface=name)], out)
    out.flush()
    with subprocess.Popen([*argv, "--user=root", "--pid-file"]) as process:
        # Told to end, it takes the server with it, which would serve on with nobody watching.
        signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
        try:
            _watch(process, place)
        finally:
            process.terminate()
    return DONE if process.returncode in (0, -15) else FAILED


def _watch(process: subprocess.Popen[bytes], place: InterfaceAddress) -> None:
    """Until it ends; UserError ``dhcp.another_server`` when somebody else serves as well."""
    look_at = time.monotonic() + _LOOK_AGAIN_S
    while process.poll() is None:
        time.sleep(_POLL_S)
        if time.monotonic() >= look_at:
            _refuse_where_another_serves(place)
            look_at = time.monotonic() + _LOOK_AGAIN_S


def _refuse_where_another_serves(place: InterfaceAddress) -> None:
    others = {answer.server for answer in _servers(place)} - {place.host}
    if others:
        raise UserError("dhcp.another_server", server=", ".join(sorted(others)))


def _servers(place: InterfaceAddress) -> list[Answer]:
    return ask_servers(socket.if_indextoname(place.interface), place.host, VENDOR_CLASSES)


def _check_range(args: argparse.Namespace, place: InterfaceAddress) -> None:
    network = ipaddress.ip_network(f"{place.host}/{place.prefix}", strict=False)
    try:
        first, last = ipaddress.ip_address(args.first), ipaddress.ip_address(args.last)
    except ValueError as error:
        raise UserError("dhcp.bad_range", network=str(network)) from error
    is_inside = first in network and last in network
    own = int(ipaddress.ip_address(place.host))
    if not is_inside or int(first) > int(last) or int(first) <= own <= int(last):
        raise UserError("dhcp.bad_range", network=str(network))


def _place(args: argparse.Namespace) -> InterfaceAddress:
    """Our IPv4 address in the network of the phones: of the interface named, or the first."""
    for address in usable_addresses():
        if is_lan(address) and args.interface in ("", socket.if_indextoname(address.interface)):
            return address
    raise UserError("dhcp.no_interface", interface=args.interface or "-")


def _values(args: argparse.Namespace, place: InterfaceAddress) -> tuple[OptionValue, ...]:
    """With the port at which phones are served now, or the usual one while nobody runs."""
    try:
        port = int(ask(args, "phones")["ports"].get("http", DEFAULT_PHONES_PORT))
    except UserError:
        port = DEFAULT_PHONES_PORT
    return option_values(place.host, port)
