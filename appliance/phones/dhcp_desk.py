"""The control requests about DHCP (docs/control.md): what the router is to say, and what it says.

Owns nothing. A check needs the DHCP port, which a daemon without rights may not open: then the
helper of systemd (dozvon-dhcp-check.socket) asks in its place, a process of a few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.errors import UserError
from appliance.net.dhcp_probe import ask_servers
from appliance.net.netlink import InterfaceAddress
from appliance.options import DEFAULT_PHONES_PORT
from appliance.phones.box_host import host_for_phones
from appliance.phones.dhcp import VENDOR_CLASSES, OptionValue, findings, option_values, report

Args = Mapping[str, Any]
Operation = Callable[[Args], Awaitable[dict[str, Any]]]
HELPER = Path("/run/dozvon-dhcp-check.sock")
_HELPER_S = 20.0
_LARGEST_ANSWER_OCTETS = 256 * 1024


@dataclass(frozen=True, slots=True)
class DhcpDeskTools:
    """addresses: of this machine; ports: where provisioning listens, by kind; helper: the socket of
    the program that may ask."""

    addresses: Callable[[], Sequence[InterfaceAddress]]
    own_host: Callable[[], str]
    ports: Callable[[], Mapping[str, int]]
    helper: Path = HELPER


class DhcpDesk:
    """``operations`` are the control desk's to call."""

    def __init__(self, tools: DhcpDeskTools) -> None:
        self._tools = tools
        self._turn = asyncio.Lock()
        self.operations: Mapping[str, Operation] = {
            "dhcp_options": self._options,
            "dhcp_check": self._check,
        }

    async def _options(self, args: Args) -> dict[str, Any]:
        place = self._place(str(args.get("host", "")))
        rows = [
            {"code": value.code, "text": value.text, "hex": value.hexadecimal}
            for value in self._values(place)
        ]
        return {"options": rows, "is_served": bool(self._tools.ports().get("http"))}

    async def _check(self, args: Args) -> dict[str, Any]:
        """Takes seconds; one at a time, since servers set an address aside for each question."""
        place = self._place(str(args.get("host", "")))
        async with self._turn:
            try:
                interface = socket.if_indextoname(place.interface)
                answers = await asyncio.to_thread(
                    ask_servers, interface, place.host, VENDOR_CLASSES
                )
            except UserError as error:
                if error.key != "dhcp.not_allowed":
                    raise
                return await self._by_helper(error)
        return report(findings(answers, self._values(place)))

    async def _by_helper(self, refused: UserError) -> dict[str, Any]:
        """What the helper says; the refusal itself where there is none."""
        try:
            async with asyncio.timeout(_HELPER_S):
                reader, writer = await asyncio.open_unix_connection(self._tools.helper)
                try:
                    told = json.loads(await reader.read(_LARGEST_ANSWER_OCTETS))
                finally:
                    writer.close()
                    with contextlib.suppress(OSError):
                        await writer.wait_closed()
            return {"findings": list(told["findings"]), "is_good": bool(told["is_good"])}
        except (OSError, TimeoutError, ValueError, KeyError, TypeError):
            raise refused from None

    def _values(self, place: InterfaceAddress) -> tuple[OptionValue, ...]:
        port = self._tools.ports().get("http") or DEFAULT_PHONES_PORT
        return option_values(place.host, port)

    def _place(self, asked_by: str) -> InterfaceAddress:
        """Our IPv4 address in the network from which a browser asks, or the first one."""
        wanted = host_for_phones(asked_by, self._tools.own_host())
        fitting = [a for a in self._tools.addresses() if is_lan(a)]
        for address in fitting:
            if address.host == wanted:
                return address
        if not fitting:
            raise UserError("dhcp.no_interface", interface="-")
        return fitting[0]


def is_lan(address: InterfaceAddress) -> bool:
    """Whether DHCP can be spoken there: IPv4, and not this machine alone."""
    return ":" not in address.host and not address.host.startswith("127.")
