"""A SIP end of the demo, the provider's or a desk phone's: sockets, media, and calls that echo.

Owns the endpoint with its sockets, a media plane and the calls of its subscribers. What it is asked
outside of calls, and whether a call is taken, decides who built it.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import replace

from appliance.clock import LoopClock
from appliance.demo.manners import Manner
from appliance.demo.subscriber import Exchange, Subscriber, refusal
from appliance.errors import MediaError, RemoteProtocolError
from appliance.legs.leg_media import LegMedia, MediaPlace
from appliance.legs.requests import Requests
from appliance.media.api import PlayEnded
from appliance.media.ports import PortRange
from appliance.media.session import NativeMediaPlane
from appliance.media.sounds import Sounds
from appliance.net.own_address import OwnAddresses
from appliance.net.sip_driver import SipDriver
from appliance.sdp.answers import default_offer
from appliance.secret_ids import SecretIds
from appliance.sip import events as sip
from appliance.sip.endpoint import Endpoint, EndpointConfig

log = logging.getLogger(__name__)
Headers = tuple[tuple[str, str], ...]
NO_HEADERS: Headers = ()


class FarEnd:
    """``open`` it, give it ``on_request`` and ``on_invite``; ``requests`` sends ours."""

    def __init__(
        self,
        name: str,
        ports: PortRange,
        language: str,
        loop: asyncio.AbstractEventLoop,
        *,
        takes_notify: bool = False,
    ) -> None:
        self.clock = LoopClock(loop)
        self.on_request: Callable[[sip.RequestReceived], None] = lambda event: None
        self.on_invite: Callable[[sip.InviteReceived], None] = lambda event: None
        self._loop = loop
        self._media = NativeMediaPlane(ports)
        self._own = OwnAddresses(self.clock.now)
        config = EndpointConfig(name, self._own.towards, takes_notify=takes_notify)
        self._endpoint = Endpoint(config, SecretIds())
        self._driver = SipDriver(self._endpoint, self._on_event, self.clock, self._own)
        sounds = Sounds(language, "RU")
        self._exchange = Exchange(self._endpoint, self.clock, sounds, self._driver.wake)
        self._calls: dict[int, Subscriber] = {}
        self._session_of_stream: dict[int, int] = {}
        self.requests = Requests(self._endpoint, self.clock, self._driver.wake)

    async def open(self, host: str, port: int) -> int:
        """Listen; the port. Raises UserError ``net.address_in_use``."""
        taken = await self._driver.open(host, port)
        self._loop.add_reader(self._media.fileno(), self._on_media)
        return taken

    async def close(self) -> None:
        """Hang up every call and let everything go."""
        for session in list(self._calls):
            self._endpoint.bye(session, "", self.clock.now())
            self._forget(session)
        await self._driver.close()
        self._loop.remove_reader(self._media.fileno())
        self._media.close()

    def call(self, invitation: sip.Invitation) -> None:
        """Call somebody; the offer is put in here. Who answers is spoken to, then echoed."""
        media = self._media_towards(invitation.hop)
        offered = replace(invitation, body=media.offer(default_offer()))
        session = self._endpoint.invite(offered, self.clock.now())
        self._adopt(session, media)
        self._driver.wake()

    def ring(self, event: sip.InviteReceived, manner: Manner) -> None:
        """Let a call ring here, and be answered where the manner says so."""
        try:
            call = self._adopt(event.session, self._media_towards(event.source))
            call.called(event.request.body, manner)
        except (RemoteProtocolError, MediaError) as error:
            self._forget(event.session)
            self.reject(event.session, refusal(error))

    def reject(self, session: int, status: int, headers: Headers = NO_HEADERS) -> None:
        """Refuse a call that rings."""
        self._endpoint.reject(session, status, headers=headers, now=self.clock.now())

    def respond(
        self, event: sip.RequestReceived, status: int, reason: str = "", headers: Headers = ()
    ) -> None:
        """Answer a request outside of calls."""
        self._endpoint.respond(event.transaction, status, reason, headers, now=self.clock.now())

    def local_address(self, hop: sip.Hop) -> tuple[str, int]:
        """Our IP address and port as this hop sees them."""
        return self._own.towards(hop)

    # ---- events

    def _on_event(self, event: sip.Event) -> None:
        match event:
            case sip.RequestReceived():
                self.on_request(event)
            case sip.InviteReceived():
                self.on_invite(event)
            case sip.ResponseReceived():
                self.requests.on_response(event)
            case sip.RequestFailed():
                self.requests.on_failure(event)
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

    def _talk(self, event: sip.SessionAnswered) -> None:
        try:
            self._calls[event.session].answered(event.response.body)
        except (RemoteProtocolError, MediaError) as error:
            log.warning("an answer cannot be carried: %s", error)
            self._endpoint.bye(event.session, "", self.clock.now())
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
