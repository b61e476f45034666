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
import secrets
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.clock import LoopClock
from appliance.demo.customer import REALM, Customer
from appliance.demo.manners import manner_of_number
from appliance.demo.subscriber import Exchange, Subscriber, refusal
from appliance.errors import MediaError, RemoteProtocolError, UserError
from appliance.legs.leg_media import LegMedia, MediaPlace
from appliance.media.api import PlayEnded
from appliance.media.ports import PortRange
from appliance.media.session import NativeMediaPlane
from appliance.media.sounds import Sounds
from appliance.net.control import ControlServer
from appliance.net.own_address import OwnAddresses
from appliance.net.sip_driver import SipDriver
from appliance.sdp.answers import default_offer
from appliance.secret_ids import SecretIds
from appliance.sip import events as sip
from appliance.sip.endpoint import Endpoint, EndpointConfig
from appliance.sip.uri import parse_uri

log = logging.getLogger(__name__)
HOST = "127.0.0.1"
CALLER = "+79035550199"  # who calls when the provider places a call
READY, TAKEN = "ready", "taken"  # "ready PORT" or "taken": the only line of standard output
Headers = tuple[tuple[str, str], ...]
_CHUNK_OCTETS = 4096
NO_HEADERS: Headers = ()
_MEDIA_PORTS = PortRange(45000, 45199)


class Provider:
    """Answers what comes to its port; ``call`` calls the customer."""

    def __init__(self, customer: Customer, language: str, loop: asyncio.AbstractEventLoop) -> None:
        self._customer = customer
        self._loop = loop
        self._clock = LoopClock(loop)
        self._media = NativeMediaPlane(_MEDIA_PORTS)
        self._own = OwnAddresses(self._clock.now)
        config = EndpointConfig("Demo provider", self._own.towards)
        self._endpoint = Endpoint(config, SecretIds())
        self._driver = SipDriver(self._endpoint, self._on_event, self._clock, self._own)
        sounds = Sounds(language, "RU")
        self._exchange = Exchange(self._endpoint, self._clock, sounds, self._driver.wake)
        self._calls: dict[int, Subscriber] = {}
        self._session_of_stream: dict[int, int] = {}

    async def open(self, port: int) -> int:
        """Listen on loopback; the port. Raises UserError ``net.address_in_use``."""
        taken = await self._driver.open(HOST, port)
        self._loop.add_reader(self._media.fileno(), self._on_media)
        return taken

    async def close(self) -> None:
        """Hang up every call and let everything go."""
        for session in list(self._calls):
            self._endpoint.bye(session, "", self._clock.now())
            self._forget(session)
        await self._driver.close()
        self._loop.remove_reader(self._media.fileno())
        self._media.close()

    def call(self, number: str) -> None:
        """Call this number of the customer; raises UserError ``demo.not_registered``."""
        binding = self._customer.binding(self._clock.wall())
        if binding is None:
            raise UserError("demo.not_registered")
        contact = parse_uri(binding.contact_uri)
        uri = f"sip:{number}@{contact.host}" + (f":{contact.port}" if contact.port else "")
        media = self._media_towards(binding.hop)
        invitation = sip.Invitation(
            uri=uri,
            hop=binding.hop,
            from_uri=f"sip:{CALLER}@{REALM}",
            to_uri=uri,
            body=media.offer(default_offer()),
        )
        session = self._endpoint.invite(invitation, self._clock.now())
        self._adopt(session, media)
        self._driver.wake()

    # ---- events

    def _on_event(self, event: sip.Event) -> None:
        match event:
            case sip.RequestReceived():
                self._answer(event)
            case sip.InviteReceived():
                self._admit(event)
            case sip.SessionAnswered():
                self._talk(event)
            case sip.OfferReceived() if event.session in self._calls:
                self._calls[event.session].renegotiate(event.body)
            case sip.SessionFailed() | sip.SessionCancelled() | sip.SessionEnded():
                self._forget(event.session)
            case _:
                log.debug("%s", type(event).__name__)

    def _on_media(self) -> None:
        for event in self._media.events():
            session = self._session_of_stream.get(event.stream)
            if session in self._calls and isinstance(event, PlayEnded):
                self._calls[session].on_play_ended()

    def _answer(self, event: sip.RequestReceived) -> None:
        """REGISTER and OPTIONS."""
        now, method = self._clock.now(), event.request.method
        status, reason, headers = 200 if method == "OPTIONS" else 405, "", NO_HEADERS
        if method == "REGISTER":
            status, headers = 401, self._customer.challenge(event.request, now)
            if not headers:
                outcome = self._customer.register(event, self._clock.wall())
                status, reason, headers = outcome.status, outcome.reason, outcome.headers
        self._endpoint.respond(event.transaction, status, reason, headers, now=now)

    # ---- calls

    def _admit(self, event: sip.InviteReceived) -> None:
        """A call of the customer: proved first, then as its number's last digits say."""
        challenge = self._customer.challenge(event.request, self._clock.now())
        if challenge:
            self._reject(event.session, 401, challenge)
            return
        try:
            self._ring(event)
        except (RemoteProtocolError, MediaError) as error:
            self._forget(event.session)
            self._reject(event.session, refusal(error))

    def _ring(self, event: sip.InviteReceived) -> None:
        number = parse_uri(event.request.uri).user
        manner = manner_of_number(number)
        log.info("call to %s: %s", number, manner.value)
        if manner.status:
            self._reject(event.session, manner.status)
            return
        call = self._adopt(event.session, self._media_towards(event.source))
        call.called(event.request.body, manner)

    def _reject(self, session: int, status: int, headers: Headers = NO_HEADERS) -> None:
        self._endpoint.reject(session, status, headers=headers, now=self._clock.now())

    def _talk(self, event: sip.SessionAnswered) -> None:
        try:
            self._calls[event.session].answered(event.response.body)
        except (RemoteProtocolError, MediaError) as error:
            log.warning("the customer's answer cannot be carried: %s", error)
            self._endpoint.bye(event.session, "", self._clock.now())
            self._forget(event.session)

    def _media_towards(self, hop: sip.Hop) -> LegMedia:
        host, _ = self._own.towards(hop)
        place = MediaPlace(host, host, hop.host)
        origin = secrets.randbits(31)
        return LegMedia(self._media, place, origin, self._session_of_stream, lambda far: False)

    def _adopt(self, session: int, media: LegMedia) -> Subscriber:
        media.leg = session
        self._session_of_stream[media.open().number] = session
        call = self._calls[session] = Subscriber(self._exchange, session, media)
        return call

    def _forget(self, session: int) -> None:
        call = self._calls.pop(session, None)
        if call is not None:
            call.close()


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
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(sys.stdin, _end_with_input, stop)
    port = await provider.open(args.port)
    control = _control(args.control, provider) if args.control else None
    if control is not None:
        await control.start()
    print(READY, port, flush=True)
    await stop.wait()
    loop.remove_reader(sys.stdin)
    if control is not None:
        await control.close()
    await provider.close()


def _end_with_input(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), _CHUNK_OCTETS):
        stop.set()


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
