"""One emulated desk phone: finds the box, asks for its files, registers, answers, reads again.

Owns its SIP end, on an address of loopback of its own, and what it remembers of where to ask (its
flash). It knows of the box what files and messages tell it: SIP PnP (RFC 6080, vendors' practice),
its brand's files over HTTP, REGISTER, and the NOTIFY that makes it read them again.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import logging
import secrets
import socket
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from appliance.demo.desk_phone_models import Account, DeskPhoneModel, Home, Told
from appliance.demo.far_end import FarEnd
from appliance.demo.manners import Manner
from appliance.errors import RemoteProtocolError, UserError
from appliance.sip.contact import read_expires
from appliance.sip.events import (
    Credentials,
    FailureCause,
    Hop,
    Invitation,
    PlainRequest,
    RequestReceived,
    ResponseReceived,
    Transport,
)

log = logging.getLogger(__name__)
GROUP = "224.0.1.75"
_SHOUT_S = 2.0
_AGAIN_S = 10.0
_FETCH_S = 10.0
_ASKED_S = 600
_TIMEOUT_S = 8.0


@dataclass(frozen=True, slots=True)
class Place:
    """host: its address; pnp_port: where the box hears the group; home: what its flash holds;
    keep: write the flash."""

    host: str
    pnp_port: int
    home: Home
    keep: Callable[[Home], None]


class DeskPhone:
    """``await live()`` from the plug on, until it is cancelled."""

    def __init__(self, model: DeskPhoneModel, place: Place, end: FarEnd) -> None:
        self.model = model
        self.account = Account()
        #: Set while the box has it registered.
        self.registered = asyncio.Event()
        self._place = place
        self._end = end
        self._home = place.home
        self._base = place.home.url
        self._reread = asyncio.Event()
        self._found = asyncio.Event()
        self._call_id = secrets.token_hex(8)
        self._cseq = 0
        end.on_request = self._answer
        end.on_invite = lambda event: end.ring(event, Manner.ANSWERS)

    @property
    def state(self) -> dict[str, Any]:
        """For ``dozvon demo phones``."""
        return {
            "name": self.model.name,
            "model": f"{self.model.vendor} {self.model.model}",
            "mac": self.model.mac,
            "number": self.account.user,
            "is_registered": self.registered.is_set(),
        }

    async def live(self) -> None:
        """Boot, register, and stay registered; read the files again when told to."""
        port = await self._end.open(self._place.host, 0)
        log.info("%s is switched on at %s:%d", self.model.name, self._place.host, port)
        try:
            is_due = True
            while True:
                if is_due:
                    await self._read_settings()
                wait_s = await self._register()
                is_due = await self._is_told_within(wait_s) or not self.registered.is_set()
        finally:
            await self._end.close()

    def dial(self, number: str) -> None:
        """Call a number; UserError ``demo.phone_not_registered``."""
        if not self.registered.is_set():
            raise UserError("demo.phone_not_registered", phone=self.model.name)
        uri = f"sip:{number}@{self._domain}"
        credentials = Credentials(self.account.user, self.account.password)
        self._end.call(
            Invitation(
                uri=uri,
                hop=self._hop,
                from_uri=f"sip:{self.account.user}@{self._domain}",
                to_uri=uri,
                from_display=self.account.name,
                credentials=credentials,
            )
        )

    # ---- the box is found, and asked

    async def _read_settings(self) -> None:
        """Ask for all its files; a phone that is refused finds the box anew next time."""
        self._reread.clear()
        if not self._base:
            await self._discover()
        try:
            told = await asyncio.to_thread(self._fetch)
        except (OSError, http.client.HTTPException, ElementTree.ParseError, ValueError) as error:
            log.info("%s: no settings from %s: %s", self.model.name, self._base, error)
            self._base = ""
            return
        if told.home.url and told.home != self._home:
            self._home, self._base = told.home, told.home.url
            self._place.keep(told.home)
        if told.account.is_whole and told.account != self.account:
            await self._sign_off()
            self.account = told.account
        elif not told.account.is_whole:
            self._base = ""

    async def _discover(self) -> None:
        """SUBSCRIBE to ua-profile into the group until somebody names a URL."""
        self._found.clear()
        while not self._found.is_set():
            self._shout()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SHOUT_S):
                    await self._found.wait()

    def _shout(self) -> None:
        host, port = self._end.local_address(self._hop_to(self._place.host, self._place.pnp_port))
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
        ):
            sock.bind((self._place.host, 0))
            here = socket.inet_aton(self._place.host)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
            via = f"{self._place.host}:{sock.getsockname()[1]}"
            message = _subscription(self.model, via, f"{host}:{port}")
            sock.sendto(message, (GROUP, self._place.pnp_port))

    def _fetch(self) -> Told:
        """In a thread: what all its files say together."""
        parameters: dict[str, str] = {}
        for name in self.model.files:
            octets = self._get(self._base + name)
            if octets is not None:
                parameters.update(self.model.read(octets))
                if self.model.stops:
                    break
        if not parameters:
            raise ValueError("none of its files is there")
        return self.model.told(parameters)

    def _get(self, url: str) -> bytes | None:
        """A file, or None where it is not there (or not for this phone)."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(
            parts.hostname or "",
            parts.port or 80,
            timeout=_FETCH_S,
            source_address=(self._place.host, 0),
        )
        headers = {"User-Agent": self.model.agent}
        if self._home.user:
            pair = f"{self._home.user}:{self._home.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        with contextlib.closing(connection):
            connection.request("GET", parts.path, headers=headers)
            answer = connection.getresponse()
            octets = answer.read()
        return octets if answer.status == 200 else None

    # ---- registration

    async def _register(self) -> float:
        """Register what it was told; the seconds until it must do something again."""
        if not self.account.is_whole:
            return _AGAIN_S
        response = await self._send_register(_ASKED_S)
        if response is None or not 200 <= response.response.status < 300:
            log.info("%s is not registered as %s", self.model.name, self.account.user)
            self.registered.clear()
            return _AGAIN_S
        if not self.registered.is_set():
            log.info("%s is registered as %s", self.model.name, self.account.user)
        self.registered.set()
        return max(1.0, _granted_s(response) / 2)

    async def _sign_off(self) -> None:
        """The number is another one now: nobody shall ring here for the old one."""
        if self.registered.is_set():
            await self._send_register(0)
            self.registered.clear()

    async def _send_register(self, expires_s: int) -> ResponseReceived | None:
        """None: no answer."""
        account = self.account
        host, port = self._end.local_address(self._hop)
        address = f"sip:{account.user}@{self._domain}"
        self._cseq += 2  # the answer to a challenge takes one
        request = PlainRequest(
            method="REGISTER",
            uri=f"sip:{self._domain}",
            hop=self._hop,
            from_uri=address,
            to_uri=address,
            headers=(
                ("Contact", f"<sip:{account.user}@{host}:{port}>"),
                ("Expires", str(expires_s)),
            ),
            credentials=Credentials(account.user, account.password),
            call_id=f"{self._call_id}@{host}",
            cseq=self._cseq,
            timeout_s=_TIMEOUT_S,
        )
        said: asyncio.Future[ResponseReceived | None] = asyncio.get_running_loop().create_future()

        def hear(response: ResponseReceived | None, cause: FailureCause | None) -> None:
            if not said.done():
                said.set_result(response)

        self._end.requests.send(request, hear)
        return await said

    async def _is_told_within(self, wait_s: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._reread.wait()
        return self._reread.is_set()

    @property
    def _domain(self) -> str:
        account = self.account
        return f"{account.server}:{account.port}"

    @property
    def _hop(self) -> Hop:
        return self._hop_to(self.account.server, self.account.port)

    @staticmethod
    def _hop_to(host: str, port: int) -> Hop:
        return Hop(Transport.UDP, host, port)

    # ---- what comes

    def _answer(self, event: RequestReceived) -> None:
        """NOTIFY with a URL or of check-sync, and OPTIONS."""
        request = event.request
        name = (request.headers.get("Event") or "").lower()
        if request.method == "NOTIFY" and name.startswith("ua-profile"):
            self._base = request.body.decode("ascii", "replace").strip()
            self._found.set()
        elif request.method == "NOTIFY" and name == self.model.reread:
            log.info("%s reads its files again", self.model.name)
            self._reread.set()
        elif request.method != "OPTIONS":
            self._end.respond(event, 489 if request.method == "NOTIFY" else 405)
            return
        self._end.respond(event, 200)


def flash_of(home: Home) -> dict[str, str]:
    """What a phone keeps without power."""
    return asdict(home)


def _subscription(model: DeskPhoneModel, via: str, contact: str) -> bytes:
    """The SUBSCRIBE that finds a server of settings (RFC 6080 §5.1), as phones shape it."""
    uri = f"sip:MAC%3a{model.mac.upper()}@{GROUP}"
    words = f'vendor="{model.vendor}";model="{model.model}";version="{model.version}"'
    tag = secrets.token_hex(6)
    lines = (
        f"SUBSCRIBE {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {via};branch=z9hG4bK{secrets.token_hex(8)}",
        "Max-Forwards: 70",
        f"From: <{uri}>;tag={tag}",
        f"To: <{uri}>",
        f"Call-ID: {tag}@{model.mac}",
        "CSeq: 1 SUBSCRIBE",
        f"Contact: <sip:{contact}>",
        f'Event: ua-profile;profile-type="device";{words}',
        "Accept: application/url",
        "Expires: 0",
        f"User-Agent: {model.agent}",
        "Content-Length: 0",
    )
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"


def _granted_s(event: ResponseReceived) -> int:
    """Seconds until the registration ends: our Contact's, else Expires."""
    try:
        said = [c.params.get("expires") or "" for c in event.response.contacts]
    except RemoteProtocolError:
        said = []
    said.append(event.response.headers.get("Expires") or "")
    return next((read_expires(text) for text in said if text), _ASKED_S) or _ASKED_S
