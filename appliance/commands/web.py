"""``dozvon web``: the web pages, in the foreground; ``dozvon web claim``: a new claim code.

Owns the listening sockets until the server takes them. ``run`` and ``demo`` start it beside the
daemon (``--with-web``). What is printed goes to the console: addresses, and the claim code while
nobody has claimed the box.
"""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TextIO

from appliance.commands import run as run_command
from appliance.commands.asking import write_json, write_lines
from appliance.commands.site import manner_of
from appliance.commands.texts import DONE
from appliance.config.texts import Text
from appliance.errors import UserError
from appliance.net.own_address import chosen_by_kernel
from appliance.net.socket_options import family_of, is_wildcard, open_tcp_listener
from appliance.options import DEFAULT_WEB_PORT, RunOptions

_BACKLOG = 64
_FAR_AWAY = {"0.0.0.0": "192.0.2.1", "::": "2001:db8::1"}  # RFC 5737, RFC 3849: nothing is sent
_PAGES = Text("Страницы станции:  {url}", "The box's pages:  {url}")
_CLAIM = Text(
    "Код владельца:  {code}   (введите его на странице, чтобы стать администратором)",
    "Claim code:  {code}   (type it on the page to become the administrator)",
)
_NEW_CLAIM = Text(
    "Новый код владельца:  {code}\nОткройте страницу /claim станции и введите его: он делает "
    "администратором того имени, которое вы там назовёте.",
    "New claim code:  {code}\nOpen the page /claim of the box and type it: it makes an "
    "administrator of the name that you give there.",
)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``web`` and ``web claim``."""
    text = "serve the web pages in the foreground"
    parser = subparsers.add_parser("web", help=text, description=text)
    parser.add_argument(
        "--bind", action="append", metavar="ADDR", help="listen here; may be given several times"
    )
    parser.add_argument("--web-port", metavar="N", help=f"the port ({DEFAULT_WEB_PORT})")
    parser.add_argument(
        "--web-host",
        action="append",
        metavar="NAME",
        help="a further name of the box in browsers (DOZVON_WEB_HOST, several with commas)",
    )
    parser.add_argument(
        "--web-proxy",
        action="append",
        metavar="ADDR",
        help="a proxy of yours whose word for browsers' addresses is taken (DOZVON_WEB_PROXY, "
        "several with commas)",
    )
    parser.add_argument("--lifeline", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(web=_serve)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    claim = actions.add_parser("claim", help="make a new claim code (a lost password)")
    claim.set_defaults(web=_claim)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Do it; 0. Raises UserError and its kin."""
    action: Callable[[argparse.Namespace, TextIO], int] = args.web
    return action(args, out)


def command_of(options: RunOptions) -> list[str]:
    """The words behind ``dozvon`` that serve the pages of such a box."""
    binds = [part for address in options.bind for part in ("--bind", address)]
    return ["web", "--data", str(options.data), *binds, "--web-port", str(options.web_port)]


def _serve(args: argparse.Namespace, out: TextIO) -> int:
    """Listen, tell where, and serve until SIGTERM or SIGINT."""
    folder, proxies = Path(args.data), _proxies(args)
    run_command.make_folder(folder)
    port = run_command.port_of("--web-port", args.web_port, os.environ, DEFAULT_WEB_PORT)
    sockets = _listen(run_command.addresses_of(args.bind, os.environ), port)
    from webui.accounts import Accounts  # what asks a running box need not load Flask
    from webui.claim import ClaimCode
    from webui.database import WebDatabase
    from webui.server import serve
    from webui.settings import WebSettings

    settings = WebSettings(data=folder, hosts=_hosts(args), proxies=proxies)
    accounts = Accounts(WebDatabase(folder / "web.db"), settings.now)
    claim = ClaimCode(folder)
    code = claim.read() if accounts.has_admin() else claim.ensure()
    _tell(args, _urls(sockets), code, out)
    serve(settings, sockets, has_lifeline=args.lifeline)
    return DONE


def _claim(args: argparse.Namespace, out: TextIO) -> int:
    """A new code; whoever may write to the folder may have one."""
    from webui.claim import ClaimCode, shown

    folder = Path(args.data)
    if not folder.is_dir():
        raise UserError("web.no_folder", path=str(folder))
    try:
        code = shown(ClaimCode(folder).renew())
    except OSError as error:
        said = error.strerror or str(error)
        raise UserError("run.bad_folder", path=str(folder), said=said) from error
    if args.json:
        write_json({"claim_code": code}, out)
    else:
        language = manner_of(folder, args.language).language
        write_lines([_NEW_CLAIM.of(language).format(code=code)], out)
    return DONE


def _listen(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """Sockets of all addresses on one port; raises UserError ``web.port_taken``, ``net.…``."""
    sockets: list[socket.socket] = []
    for address in addresses:
        try:
            sock = open_tcp_listener(address, port)
        except UserError as error:
            if error.key == "net.address_in_use":
                raise UserError("web.port_taken", **error.params) from error
            raise
        port = port or sock.getsockname()[1]
        _unmark(sock)
        sock.set_inheritable(True)
        sock.listen(_BACKLOG)  # who reads the address may come at once
        sockets.append(sock)
    return sockets


def _unmark(sock: socket.socket) -> None:
    """Pages are not signalling: they wait behind it."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 0)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0)


def _urls(sockets: Iterable[socket.socket]) -> list[str]:
    """Where a browser finds the pages: for a wildcard, our address on the way to the world."""
    urls = []
    for sock in sockets:
        host, port = sock.getsockname()[:2]
        if is_wildcard(host):
            own = chosen_by_kernel(_FAR_AWAY[host])
            host = own or ("127.0.0.1" if host == "0.0.0.0" else "")
        if host:
            shown = f"[{host}]" if family_of(host) == socket.AF_INET6 else host
            urls.append(f"http://{shown}:{port}/")
    return urls


def _hosts(args: argparse.Namespace) -> tuple[str, ...]:
    return _given(args.web_host, "DOZVON_WEB_HOST")


def _proxies(args: argparse.Namespace) -> tuple[str, ...]:
    """Raises UserError ``web.bad_proxy`` for what is no literal address."""
    proxies = _given(args.web_proxy, "DOZVON_WEB_PROXY")
    for proxy in proxies:
        try:
            ip_address(proxy)
        except ValueError as error:
            raise UserError("web.bad_proxy", address=proxy) from error
    return proxies


def _given(words: list[str] | None, variable: str) -> tuple[str, ...]:
    """What an option says, else its variable."""
    given = words or os.environ.get(variable, "").split(",")
    return tuple(word.strip() for word in given if word.strip())


def _tell(args: argparse.Namespace, urls: Sequence[str], code: str, out: TextIO) -> None:
    from webui.claim import shown

    if args.json:
        write_json({"pages": list(urls), "claim_code": shown(code) if code else None}, out)
    else:
        language = manner_of(args.data, args.language).language
        lines = [_PAGES.of(language).format(url=url) for url in urls]
        if code:
            lines.append(_CLAIM.of(language).format(code=shown(code)))
        write_lines(["", *lines, ""], out)
    out.flush()
