"""The simulated provider: ``python -m appliance.demo.provider --port N``, a process of its own.

Owns a SIP endpoint with its sockets on loopback, a media plane, one customer and the calls of its
subscribers, who answer by the last digits of their numbers (manners.py). The customer's secret is
the first line of standard input; when that input ends, so does the provider, and so it never
outlives the box. Its control socket places a call to the box.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.demo.customer import REALM, Customer
from appliance.demo.far_end import NO_HEADERS, FarEnd
from appliance.demo.lifeline import until_over
from appliance.demo.manners import manner_of_number
from appliance.errors import UserError
from appliance.media.ports import PortRange
from appliance.net.control import ControlServer
from appliance.sip.events import Invitation, InviteReceived, RequestReceived
from appliance.sip.uri import parse_uri

log = logging.getLogger(__name__)
HOST = "127.0.0.1"
CALLER = "+79035550199"  # who calls when the provider places a call
READY, TAKEN = "ready", "taken"  # "ready PORT" or "taken": the only line of standard output
_MEDIA_PORTS = PortRange(45000, 45199)


class Provider:
    """Answers what comes to its port; ``call`` calls the customer."""

    def __init__(self, customer: Customer, language: str, loop: asyncio.AbstractEventLoop) -> None:
        self._customer = customer
        self._end = FarEnd("Demo provider", _MEDIA_PORTS, language, loop)
        self._end.on_request = self._answer
        self._end.on_invite = self._admit
        self.close = self._end.close

    async def open(self, port: int) -> int:
        """Listen on loopback; the port. Raises UserError ``net.address_in_use``."""
        return await self._end.open(HOST, port)

    def call(self, number: str) -> None:
        """Call this number of the customer; raises UserError ``demo.not_registered``."""
        binding = self._customer.binding(self._end.clock.wall())
        if binding is None:
            raise UserError("demo.not_registered")
        contact = parse_uri(binding.contact_uri)
        uri = f"sip:{number}@{contact.host}" + (f":{contact.port}" if contact.port else "")
        from_uri = f"sip:{CALLER}@{REALM}"
        self._end.call(Invitation(uri=uri, hop=binding.hop, from_uri=from_uri, to_uri=uri))

    def _answer(self, event: RequestReceived) -> None:
        """REGISTER and OPTIONS."""
        method = event.request.method
        status, reason, headers = 200 if method == "OPTIONS" else 405, "", NO_HEADERS
        if method == "REGISTER":
            status, headers = 401, self._customer.challenge(event.request, self._end.clock.now())
            if not headers:
                outcome = self._customer.register(event, self._end.clock.wall())
                status, reason, headers = outcome.status, outcome.reason, outcome.headers
        self._end.respond(event, status, reason, headers)

    def _admit(self, event: InviteReceived) -> None:
        """A call of the customer: proved first, then as its number's last digits say."""
        challenge = self._customer.challenge(event.request, self._end.clock.now())
        if challenge:
            self._end.reject(event.session, 401, challenge)
            return
        number = parse_uri(event.request.uri).user
        manner = manner_of_number(number)
        log.info("call to %s: %s", number, manner.value)
        if manner.status:
            self._end.reject(event.session, manner.status)
        else:
            self._end.ring(event, manner)


def main(argv: list[str] | None = None) -> int:
    """Run until standard input ends, or SIGTERM or SIGINT comes."""
    parser = argparse.ArgumentParser(prog="python -m appliance.demo.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="SIP over UDP and TCP (any free one)")
    parser.add_argument("--username", default="74950002000", help="of the only customer")
    parser.add_argument("--language", choices=("ru", "en"), default="en", help="of the voice")
    parser.add_argument("--control", type=Path, help="path of the control socket")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s provider: %(message)s")
    logging.getLogger("appliance.net").setLevel(logging.WARNING)
    secret = sys.stdin.readline().rstrip("\n")
    if not secret:
        parser.error("the first line of standard input must be the customer's secret")
    try:
        asyncio.run(_run(args, secret))
    except UserError as error:
        print(TAKEN if error.key == "net.address_in_use" else "", flush=True)
        log.error("%s", error)
        return 1
    return 0


async def _run(args: argparse.Namespace, secret: str) -> None:
    loop = asyncio.get_running_loop()
    provider = Provider(Customer(args.username, secret, os.urandom(32)), args.language, loop)
    async with until_over():
        port = await provider.open(args.port)
        control = _control(args.control, provider) if args.control else None
        if control is not None:
            await control.start()
        print(READY, port, flush=True)
    if control is not None:
        await control.close()
    await provider.close()


def _control(path: Path, provider: Provider) -> ControlServer:
    def handle(operation: str, args: Mapping[str, Any]) -> dict[str, Any]:
        if operation != "call":
            raise UserError("control.unknown_operation", op=operation)
        number = str(args.get("number", ""))
        provider.call(number)
        return {"number": number, "caller": CALLER}

    return ControlServer(path, handle)


if __name__ == "__main__":
    sys.exit(main())
