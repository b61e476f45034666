"""A phone's subscriptions by hand (RFC 6665): SUBSCRIBE as text, and what its lamps make of NOTIFY.

Owns no socket: ``send`` is given, and whoever hears for the phone hands each message to ``take``.
Shares no code with the product. Reads a lamp as careful field phones do: the first dialog of a full
state decides, a document whose version is not newer is thrown away, one without a dialog is none.
"""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as Xml
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.kit.raw_sip import Address, Heard, authorization, reply, write

_count = itertools.count(1)
ACCEPT = {
    "dialog": "application/dialog-info+xml",
    "presence": "application/pidf+xml",
    "message-summary": "application/simple-message-summary",
}
_DIALOG = "{urn:ietf:params:xml:ns:dialog-info}"
_PIDF = "{urn:ietf:params:xml:ns:pidf}"
_RPID = "{urn:ietf:params:xml:ns:pidf:rpid}"


@dataclass
class Watch:
    """One subscription of a phone. statuses: the box's final answers; lamp: idle, ringing, calling
    or talking, empty before the first NOTIFY."""

    number: str
    event: str
    call_id: str
    statuses: list[int] = field(default_factory=list)
    answers: list[Heard] = field(default_factory=list)
    notifies: list[Heard] = field(default_factory=list)
    lamp: str = ""
    lamps: list[str] = field(default_factory=list)
    version: int = -1
    cseq: int = 0
    to_tag: str = ""
    target: str = ""
    expires: int = 300
    authorization: str = ""

    @property
    def last(self) -> Heard:
        return self.notifies[-1]

    @property
    def state(self) -> str:
        """Subscription-State of the last NOTIFY, without parameters."""
        return self.last.header("subscription-state").partition(";")[0]

    @property
    def document(self) -> Xml.Element:
        return Xml.fromstring(self.last.body)

    @property
    def caller(self) -> str:
        """Who calls the watched number, as the phone would show it."""
        found = self.document.find(f"{_DIALOG}dialog/{_DIALOG}remote/{_DIALOG}identity")
        return f"{found.get('display', '')} {found.text}".strip() if found is not None else ""

    def replaces(self, *, is_swapped: bool = False) -> str:
        """The Replaces header by which a phone asks for the place of the first dialog. is_swapped:
        by phones that turn to the caller instead of to the watched phone; empty = not told."""
        dialog = self.document.find(f"{_DIALOG}dialog")
        assert dialog is not None
        call_id, local, remote = (dialog.get(n) for n in ("call-id", "local-tag", "remote-tag"))
        if not (call_id and local and remote):
            return ""
        to_tag, from_tag = (remote, local) if is_swapped else (local, remote)
        return f"{call_id};to-tag={to_tag};from-tag={from_tag}"

    @property
    def presence(self) -> str:
        """open, closed or busy."""
        basic = self.document.findtext(f".//{_PIDF}basic") or ""
        is_busy = self.document.find(f".//{_RPID}on-the-phone") is not None
        return "busy" if is_busy else basic

    def light(self) -> None:
        """Change the lamp by the last document."""
        document = self.document
        version = int(document.get("version", "-1"))
        dialog = document.find(f"{_DIALOG}dialog")
        if version <= self.version or dialog is None or document.get("state") != "full":
            return
        self.version = version
        state = dialog.findtext(f"{_DIALOG}state")
        is_called = dialog.get("direction") == "recipient"
        self.lamp = {
            "terminated": "idle",
            "confirmed": "talking",
            "early": "ringing" if is_called else "calling",
        }[state or ""]
        if self.lamps[-1:] != [self.lamp]:
            self.lamps.append(self.lamp)


class Subscriber:
    """One phone with an account. own: where it says that it listens."""

    def __init__(
        self, user: str, secret: str, own: Address, box: Address, send: Callable[[bytes], None]
    ) -> None:
        self.user, self.secret = user, secret
        self.own, self.box = own, box
        self.watches: dict[str, Watch] = {}
        #: The status that a NOTIFY is answered with; 0 = silence.
        self.answer_notify: Callable[[Heard], int] = lambda notify: 200
        #: Further fields of every SUBSCRIBE, or others in place of its own.
        self.fields: dict[str, str] = {}
        self.transport = "UDP"
        self._send = send

    def subscribe(self, number: str, event: str = "dialog", expires: int = 300) -> Watch:
        """Ask to be told of this number; the answer comes by ``take``."""
        call_id = f"watch-{self.user}-{next(_count)}"
        watch = Watch(number, event, call_id, expires=expires)
        self.watches[call_id] = watch
        self.ask(watch)
        return watch

    def refresh(self, watch: Watch, expires: int = 300) -> None:
        """Ask again in the dialog; 0 unsubscribes."""
        watch.expires = expires
        self.ask(watch)

    def ask(self, watch: Watch) -> None:
        """Send the SUBSCRIBE of this watch with its next CSeq."""
        watch.cseq += 1
        self._send(self.text(watch))

    def text(self, watch: Watch) -> bytes:
        """The octets of a SUBSCRIBE as this watch stands."""
        uri = f"sip:{watch.number}@{self.box[0]}:{self.box[1]}"
        own = f"{self.own[0]}:{self.own[1]}"
        tag = f";tag={watch.to_tag}" if watch.to_tag else ""
        branch = f"z9hG4bK{watch.call_id}-{next(_count)}"
        fields = {
            "Via": f"SIP/2.0/{self.transport} {own};branch={branch};rport",
            "Max-Forwards": "70",
            "From": f"<sip:{self.user}@{self.box[0]}>;tag=w{watch.call_id}",
            "To": f"<{uri}>{tag}",
            "Call-ID": watch.call_id,
            "CSeq": f"{watch.cseq} SUBSCRIBE",
            "Contact": f"<sip:{self.user}@{own}>",
            "Event": watch.event,
            "Expires": str(watch.expires),
            "Accept": ACCEPT.get(_package(watch.event), "application/x"),
            **self.fields,
        }
        if watch.authorization:
            fields["Authorization"] = watch.authorization
        target = watch.target or uri
        return write(f"SUBSCRIBE {target} SIP/2.0", [f for f in fields.items() if f[1]])

    def take(self, message: Heard) -> bool:
        """Act on a message that came; False when it is not about a subscription."""
        watch = self.watches.get(message.header("call-id"))
        if message.method == "NOTIFY" and _package(message.header("event")) in ACCEPT:
            self._notified(watch, message)
        elif watch is not None and message.is_response and message.status >= 200:
            self._answered(watch, message)
        else:
            return False
        return True

    def _answered(self, watch: Watch, response: Heard) -> None:
        is_challenge = response.status == 401 and self.secret
        if is_challenge and int(response.header("cseq").split()[0]) == watch.cseq:
            uri = watch.target or f"sip:{watch.number}@{self.box[0]}:{self.box[1]}"
            challenge = response.header("www-authenticate")
            if not watch.authorization or "stale=true" in challenge.lower():
                watch.authorization = authorization(
                    challenge, "SUBSCRIBE", uri, self.user, self.secret
                )
                self.ask(watch)
                return
        watch.authorization = ""  # each SUBSCRIBE proves itself anew
        watch.statuses.append(response.status)
        watch.answers.append(response)
        if response.status == 200:
            watch.to_tag = response.tag
            watch.target = response.header("contact").strip("<>")

    def _notified(self, watch: Watch | None, notify: Heard) -> None:
        status = self.answer_notify(notify) if watch is not None else 481
        if watch is not None and status == 200:
            watch.notifies.append(notify)
            if _package(watch.event) == "dialog":
                watch.light()
        if status:
            self._send(reply(notify, status))


def _package(event: str) -> str:
    return event.partition(";")[0].strip().lower()
