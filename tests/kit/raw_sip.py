"""SIP by hand: messages as text, a digest answer, a phone of one UDP socket that makes calls.

Owns a socket for each phone. Shares no code with the product on purpose: what both get wrong in the
same way would never be seen. Says only what it is told to say, well-formed or not.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.kit.closing import Closing
from tests.kit.processes import KitError

Address = tuple[str, int]
Fields = Sequence[tuple[str, str]]
_count = itertools.count(1)
#: What waits here for a test that has no processor yet; the kernel's own measure holds some 150.
ROOM_OCTETS = 1 << 20
_HASHES = {"md5": hashlib.md5, "sha-256": hashlib.sha256}


@dataclass(frozen=True)
class Heard:
    """A message as it came. status: 0 for a request; method: of the request, or of CSeq."""

    first_line: str
    fields: tuple[tuple[str, str], ...]
    body: bytes
    source: Address
    at_s: float

    @property
    def status(self) -> int:
        return int(self.first_line.split(" ", 2)[1]) if self.is_response else 0

    @property
    def is_response(self) -> bool:
        return self.first_line.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        if self.is_response:
            return self.header("cseq").rpartition(" ")[2]
        return self.first_line.partition(" ")[0]

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return self.first_line.split(" ")[1]

    def header(self, name: str) -> str:
        """The first field of this (lower-case) name, or empty."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    @property
    def tag(self) -> str:
        """To's tag."""
        return self.header("to").partition(";tag=")[2]


def read(data: bytes, source: Address = ("", 0)) -> Heard:
    """A message of a sane sender (our own box): one field a line."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    fields = [(k.strip().lower(), v.strip()) for k, _, v in (line.partition(":") for line in lines)]
    return Heard(first, tuple(fields), body, source, time.monotonic())


def write(first_line: str, fields: Fields, body: bytes = b"") -> bytes:
    """A message of these fields, with its Content-Length."""
    lines = [first_line, *(f"{name}: {value}" for name, value in fields)]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def reply(request: Heard, status: int, fields: Fields = (), body: bytes = b"") -> bytes:
    """A response to a request that was heard; the To tag is made of its Call-ID."""
    call_id = request.header("call-id")
    tag = (
        ""
        if request.tag or status == 100
        else f";tag=r{hashlib.md5(call_id.encode()).hexdigest()[:8]}"
    )
    copied = [("Via", via) for via in request.headers("via")]
    copied += [("From", request.header("from")), ("To", request.header("to") + tag)]
    copied += [("Call-ID", call_id), ("CSeq", request.header("cseq"))]
    return write(f"SIP/2.0 {status} Said", [*copied, *fields], body)


def authorization(challenge: str, method: str, uri: str, username: str, secret: str) -> str:
    """An Authorization value for one challenge (RFC 7616, qop=auth)."""
    given = {
        k.lower(): a or b for k, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', challenge)
    }
    make = _HASHES[given.get("algorithm", "MD5").lower()]

    def digest(text: str) -> str:
        return make(text.encode()).hexdigest()

    nonce, realm, cnonce = given["nonce"], given["realm"], f"c{next(_count):x}"
    secret_part = digest(f"{username}:{realm}:{secret}")
    response = digest(f"{secret_part}:{nonce}:00000001:{cnonce}:auth:{digest(f'{method}:{uri}')}")
    return (
        f'Digest username="{username}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{response}", algorithm={given.get("algorithm", "MD5")}, cnonce="{cnonce}", '
        f"qop=auth, nc=00000001"
    )


def audio(host: str, port: int, direction: str = "sendrecv", codecs: str = "8 0 101") -> bytes:
    """A session description of one audio stream."""
    family = "IP6" if ":" in host else "IP4"
    lines = ["v=0", f"o=raw 1 1 IN {family} 127.0.0.1", "s=-", f"c=IN {family} {host}", "t=0 0"]
    lines += [f"m=audio {port} RTP/AVP {codecs}"]
    lines += ["a=rtpmap:101 telephone-event/8000", f"a={direction}", ""]
    return "\r\n".join(lines).encode()


class RawEnd(Closing):
    """A UDP socket that hears SIP messages; requests that nobody waits for go to ``on_request``."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM_OCTETS)
        self._socket.bind((host, port))
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self.heard: list[Heard] = []

    def send(self, data: bytes, address: Address) -> None:
        """One datagram."""
        self._socket.sendto(data, address)

    def listen(self, timeout_s: float) -> Heard | None:
        """The next message, kept in ``heard`` too; None when nothing comes."""
        self._socket.settimeout(max(timeout_s, 0.0001))
        try:
            data, source = self._socket.recvfrom(65535)
        except (TimeoutError, ConnectionError):
            return None
        if not data.strip():
            return None
        message = read(data, source[:2])
        self.heard.append(message)
        return message

    def wait_for(self, wanted: Callable[[Heard], bool], timeout_s: float, what: str) -> Heard:
        """The first message from now on that is wanted; KitError when it does not come."""
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            message = self.listen(left)
            if message is not None and wanted(message):
                return message
        raise KitError(f"not within {timeout_s:g} s: {what}\nheard: {self.first_lines()}")

    def first_lines(self) -> list[str]:
        """The first lines of what was heard last."""
        return [message.first_line for message in self.heard[-20:]]

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


@dataclass
class RawCall:
    """One call of a caller, told step by step. box: where it is sent; secret empty: a trunk's;
    fields: of all its requests; asks: of its INVITEs alone."""

    end: RawEnd
    box: Address
    user: str
    secret: str
    number: str
    body: bytes = b""
    fields: Fields = ()
    asks: Fields = ()
    call_id: str = field(default_factory=lambda: f"raw{next(_count)}-{time.monotonic_ns():x}")
    cseq: int = 0
    to_tag: str = ""
    target: str = ""
    _branch: str = ""
    _authorization: str = ""

    @property
    def uri(self) -> str:
        host, port = self.box
        return f"sip:{self.number}@{host}:{port}"

    def invite(self, body: bytes | None = None) -> None:
        """Send an INVITE (in the dialog when there is one)."""
        self.cseq += 1
        self._branch = f"z9hG4bK{self.call_id}x{self.cseq}"
        self.request("INVITE", self.body if body is None else body, self._branch, self.asks)

    def request(
        self, method: str, body: bytes = b"", branch: str = "", fields: Fields = ()
    ) -> None:
        """Send a request of this call with its present CSeq."""
        self.end.send(self.text(method, body, branch, fields), self.box)

    def text(self, method: str, body: bytes = b"", branch: str = "", fields: Fields = ()) -> bytes:
        """The octets of such a request."""
        host, port = self.box
        branch = branch or f"z9hG4bK{self.call_id}x{self.cseq}x{method}{next(_count)}"
        tag = f";tag={self.to_tag}" if self.to_tag else ""
        own = f"{self.end.host}:{self.end.port}"
        head = [
            ("Via", f"SIP/2.0/UDP {own};branch={branch};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.user}@{host}:{port}>;tag=f{self.call_id}"),
            ("To", f"<{self.uri}>{tag}"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.cseq} {method}"),
            ("Contact", f"<sip:{self.user}@{own}>"),
        ]
        head += [("Content-Type", "application/sdp")] if body else []
        if self._authorization and method == "INVITE":
            head += [("Authorization", self._authorization)]
        target = self.target if self.to_tag and self.target else self.uri
        return write(f"{method} {target} SIP/2.0", [*head, *self.fields, *fields], body)

    def progress(self, timeout_s: float = 5.0) -> Heard:
        """The next response to the INVITE; a challenge is answered, failures are acknowledged."""
        response = self.response("INVITE", timeout_s)
        if response.status in (401, 407) and self.secret and not self._authorization:
            self._acknowledge_failure(response)
            self._answer(response)
            self.invite()
            return self.progress(timeout_s)
        if 200 <= response.status < 300:
            self.to_tag = response.tag
            self.target = response.header("contact").strip("<>")
        elif response.status >= 300:
            self._acknowledge_failure(response)
        return response

    def final(self, timeout_s: float = 10.0) -> Heard:
        """The final response to the INVITE."""
        while (response := self.progress(timeout_s)).status < 200:
            pass
        return response

    def response(self, method: str, timeout_s: float = 5.0) -> Heard:
        """The next response to a request of this call by this method and with its CSeq."""
        cseq = f"{self.cseq} {method}"
        return self.end.wait_for(
            lambda m: (
                m.is_response and m.header("call-id") == self.call_id and m.header("cseq") == cseq
            ),
            timeout_s,
            f"a response to {method} {self.number}",
        )

    def acknowledge(self, body: bytes = b"") -> None:
        """The ACK to a 2xx."""
        self.request("ACK", body)

    def cancel(self) -> None:
        """Withdraw the INVITE."""
        self.request("CANCEL", branch=self._branch)

    def hang_up(self, timeout_s: float = 5.0) -> int:
        """BYE; its status."""
        self.cseq += 1
        self.request("BYE")
        return self.response("BYE", timeout_s).status

    def _acknowledge_failure(self, response: Heard) -> None:
        self.to_tag, kept = response.tag, self.to_tag
        self.request("ACK", branch=self._branch)
        self.to_tag = kept

    def _answer(self, response: Heard) -> None:
        challenge = response.header("www-authenticate") or response.header("proxy-authenticate")
        self._authorization = authorization(challenge, "INVITE", self.uri, self.user, self.secret)
