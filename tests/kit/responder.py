"""A phone or a provider that answers each INVITE as a function of the test says.

Owns a UDP socket and one thread. Keeps every request in order of arrival; a retransmission gets the
same answer and is not counted again. OPTIONS get ``options_status``.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.kit.closing import Closing
from tests.kit.processes import KitError, wait_until
from tests.kit.raw_sip import (
    Address,
    Fields,
    Heard,
    RawEnd,
    audio,
    authorization,
    read,
    reply,
    write,
)

SILENT = 0
RING = 180
Answer = Callable[[Heard], int]
_POLL_S = 0.02


@dataclass
class Invited:
    """An INVITE and what became of it."""

    request: Heard
    status: int
    is_cancelled: bool = False
    is_confirmed: bool = False
    ended_by: str = ""

    @property
    def number(self) -> str:
        """The user part of the Request-URI."""
        return self.request.uri.partition(":")[2].partition("@")[0]


class Responder(Closing):
    """Answers until ``close``. answer(request): a final status, RING (until cancelled), SILENT."""

    def __init__(
        self, answer: Answer = lambda request: 200, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.end = RawEnd(host, port)
        self.host, self.port = host, self.end.port
        self.answer = answer
        self.options_status = 200
        self.rtp_host, self.rtp_port = host, 40000
        self.codecs = "8 0 101"
        self.invited: list[Invited] = []
        self.requests: list[Heard] = []
        #: Further fields of a response: (request, status) -> fields.
        self.fields: Callable[[Heard, int], Fields] = lambda request, status: ()
        #: The status of a request that is neither INVITE nor OPTIONS nor of a call.
        self.answer_other: Answer = lambda request: 200
        #: Hears each message first; True when it was about a subscription, and was answered.
        self.take_lamps: Callable[[Heard], bool] = lambda message: False
        self._by_call: dict[str, Invited] = {}
        self._by_transaction: dict[tuple[str, str], tuple[Invited, bytes]] = {}
        self._registered: tuple[Address, str, str] | None = None
        self._sequence = 0
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> Responder:
        """Answer from now on."""
        self._thread.start()
        return self

    def register(self, box: Address, number: str, secret: str, expires: int = 600) -> Responder:
        """Register here as this extension, before ``start``; KitError unless 200."""
        self._registered = box, number, secret
        response = self._register_twice(box, number, secret, expires)
        if response.status != 200:
            raise KitError(f"REGISTER of {number}: {response.first_line}")
        return self

    def _register_twice(self, box: Address, number: str, secret: str, expires: int) -> Heard:
        """Ask, be challenged, ask again with a proof; whatever was answered without a challenge
        is the last answer."""
        response = self._send_register(box, number, expires, "")
        if self._challenge:
            response = self._send_register(box, number, expires, secret)
        return response

    def _unregister(self) -> None:
        """Take the registration back, as far as the box still lives."""
        if self._registered is None:
            return
        box, number, secret = self._registered
        with contextlib.suppress(KitError):
            self._register_twice(box, number, secret, 0)

    def _send_register(self, box: Address, number: str, expires: int, secret: str) -> Heard:
        self._sequence += 1
        sequence = self._sequence
        uri = f"sip:{box[0]}:{box[1]}"
        own = f"{self.host}:{self.port}"
        fields = [
            ("Via", f"SIP/2.0/UDP {own};branch=z9hG4bK{self.port}r{sequence};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{number}@{box[0]}>;tag=r"),
            ("To", f"<sip:{number}@{box[0]}>"),
            ("Call-ID", f"register-{self.port}"),
            ("CSeq", f"{sequence} REGISTER"),
            ("Contact", f"<sip:{number}@{own}>"),
            ("Expires", str(expires)),
        ]
        if secret:
            proof = authorization(self._challenge, "REGISTER", uri, number, secret)
            fields.append(("Authorization", proof))
        self.end.send(write(f"REGISTER {uri} SIP/2.0", fields), box)
        response = self.end.wait_for(  # an answer to an earlier one may come late
            lambda m: m.is_response and m.header("cseq") == f"{sequence} REGISTER",
            1,
            f"an answer to {number}",
        )
        self._challenge = response.header("www-authenticate")
        return response

    # ---- what the test asks

    def wait_for_invites(self, count: int, timeout_s: float = 5.0) -> list[Invited]:
        """The INVITEs that came, once there are so many."""
        return wait_until(
            lambda: list(self.invited) if len(self.invited) >= count else [],
            timeout_s,
            f"{count} INVITEs at {self.port}",
            lambda: f"{[m.first_line for m in self.requests]}",
        )

    def asked(self, method: str) -> list[Heard]:
        """The requests of this method, in order of arrival."""
        return [request for request in self.requests if request.method == method]

    def hang_up(self, invited: Invited) -> None:
        """BYE from the callee's side."""
        request = invited.request
        tag = read(reply(request, 200)).tag
        fields = [
            ("Via", f"SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{time.monotonic_ns()}"),
            ("Max-Forwards", "70"),
            ("From", f"{request.header('to')};tag={tag}"),
            ("To", request.header("from")),
            ("Call-ID", request.header("call-id")),
            ("CSeq", "1 BYE"),
        ]
        target = request.header("contact").strip("<>")
        self.end.send(write(f"BYE {target} SIP/2.0", fields), request.source)

    # ---- the thread

    def _work(self) -> None:
        while not self._is_closing.is_set():
            message = self.end.listen(_POLL_S)
            if message is None or self.take_lamps(message):
                continue
            if not message.is_response:
                self._take(message)

    def _take(self, request: Heard) -> None:
        self.requests.append(request)
        match request.method:
            case "INVITE":
                self._on_invite(request)
            case "ACK" | "CANCEL" | "BYE":
                self._on_call(request)
            case "OPTIONS":
                if self.options_status:
                    self.end.send(reply(request, self.options_status), request.source)
            case _:
                status = self.answer_other(request)
                if status != SILENT:
                    response = reply(request, status, self.fields(request, status))
                    self.end.send(response, request.source)

    def _on_invite(self, request: Heard) -> None:
        key = _transaction(request)
        if request.tag:  # in a dialog that stands: renewed as it was
            self._send(self._response(request, 200), request)
            return
        if key not in self._by_transaction:
            status = self.answer(request)
            invited = Invited(request, status)
            self._by_transaction[key] = invited, self._response(request, status)
            self._by_call[key[0]] = invited
            self.invited.append(invited)
        self._send(self._by_transaction[key][1], request)

    def _on_call(self, request: Heard) -> None:
        invited = self._by_call.get(request.header("call-id"))
        if request.method == "CANCEL":
            known = self._by_transaction.get(_transaction(request))
            invited = known[0] if known else None
        if request.method != "ACK":
            self.end.send(reply(request, 200 if invited else 481), request.source)
        if invited is None:
            return
        if request.method == "ACK":
            invited.is_confirmed = True
        elif request.method == "BYE":
            invited.ended_by = request.header("reason") or "BYE"
        elif invited.status in (RING, SILENT):
            invited.is_cancelled = True
            self._send(self._response(invited.request, 487), invited.request)

    def _response(self, request: Heard, status: int) -> bytes:
        if status == SILENT:
            return b""
        fields = [*self.fields(request, status)]
        if status <= 200:
            host = f"[{self.host}]" if ":" in self.host else self.host
            fields.append(("Contact", f"<sip:responder@{host}:{self.port}>"))
        if status == 200:
            fields.append(("Content-Type", "application/sdp"))
            body = audio(self.rtp_host, self.rtp_port, codecs=self.codecs)
            return reply(request, 200, fields, body)
        return reply(request, status, fields)

    def _send(self, data: bytes, request: Heard) -> None:
        if data:
            self.end.send(data, request.source)

    def close(self) -> None:
        """End the thread and give the port back."""
        self._is_closing.set()
        if self._thread.is_alive():
            self._thread.join(2)
        self._unregister()
        self.end.close()


def _transaction(request: Heard) -> tuple[str, str]:
    """The INVITE that this request is, or belongs to."""
    return request.header("call-id"), request.header("cseq").partition(" ")[0]
