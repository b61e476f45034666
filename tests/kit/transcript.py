"""Golden transcripts: a text that says what comes, what must leave, what the shell does and hears.

Owns one endpoint at 192.0.2.1 and virtual time. A line's kind stands first: ``#`` a remark;
``@ 0.5`` the time moves on to this second; ``> `` a message that comes; ``< `` one that must leave,
now, and no other may; ``= Event`` what the shell is told; ``! command`` what it does.

A message is a block of lines of one kind; ``--`` parts two. ``$name`` stands for a word: caught the
first time, the same later. ``...`` stands for anything. Headers that a block leaves out may be
there; ``-Name`` says that one is not. ``[offer]`` and ``[answer]`` are descriptions. A block may
begin with ``> from tcp HOST:PORT`` or ``< to tcp HOST:PORT``: where it comes from, where it goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from appliance.sip.endpoint import Endpoint, EndpointConfig
from appliance.sip.events import (
    Credentials,
    Event,
    Hop,
    Invitation,
    Outgoing,
    PlainRequest,
    Transport,
)
from appliance.sip.message import parse_message
from tests.kit.wire import ANSWER, OFFER, CountedIds

OWN = "192.0.2.1"
FAR = Hop(Transport.UDP, "192.0.2.2", 5060)
_BODIES = {"[offer]": OFFER, "[answer]": ANSWER}
_WORD = re.compile(r"\$(\w+)")


class Transcript:
    """Plays one file against an endpoint."""

    def __init__(self, path: Path) -> None:
        self._lines = path.read_text(encoding="utf-8").splitlines()
        config = EndpointConfig(
            user_agent="Dozvon", local_address=lambda hop: (OWN, 5060), session_expires_s=0
        )
        self._endpoint = Endpoint(config, CountedIds("ff"))
        self._now = 0.0
        self._words: dict[str, str] = {}
        self._sent: list[Outgoing] = []
        self._events: list[Event] = []
        self._session = 0
        self._transaction = 0
        self._source = FAR

    def play(self) -> None:
        """Play all of it; AssertionError tells the line."""
        number = 0
        while number < len(self._lines):
            line = self._lines[number]
            kind = line[:1]
            end = number + 1
            if kind in "<>" and kind:
                while end < len(self._lines) and self._lines[end][:1] == kind:
                    end += 1
            try:
                self._step(kind, [text[2:] for text in self._lines[number:end]])
            except AssertionError as error:
                raise AssertionError(f"line {number + 1}: {line}\n{error}") from error
            number = end
        self._nothing_is_left()

    def rest(self) -> None:
        """Let all timers run out; the endpoint must be empty then."""
        while (at := self._endpoint.next_timeout()) is not None:
            assert at < self._now + 1000
            self._endpoint.handle_timeout(at)
            self._collect()
        assert self._endpoint.sessions_alive == self._endpoint.transactions_alive == 0

    def _step(self, kind: str, lines: list[str]) -> None:
        if kind == "<":
            for block in _blocks(lines):
                self._expect(block)
        elif kind == "=":
            self._expect_event(lines[0].strip())
        elif kind in ("@", ">", "!"):
            self._nothing_is_left()
            if kind == "@":
                self._pass_time(float(lines[0]))
            elif kind == "!":
                self._command(lines[0].split())
            else:
                for block in _blocks(lines):
                    self._receive(block)
            self._collect()
        else:
            assert kind in ("", "#"), "no such kind of line"

    # ---- what happens

    def _pass_time(self, end: float) -> None:
        while (at := self._endpoint.next_timeout()) is not None and at < end:
            self._endpoint.handle_timeout(at)
            self._collect()
            assert not self._sent, f"at {at:g} s: {_shown(self._sent[0])}"
        self._now = end
        self._endpoint.handle_timeout(end)

    def _receive(self, lines: list[str]) -> None:
        if lines[0].startswith("from "):
            self._source = _hop(lines.pop(0))
        text = [_WORD.sub(lambda m: self._words[m[1]], line) for line in lines]
        body = b""
        if text[-1] in _BODIES:
            body = _BODIES[text.pop()]
            text.append("Content-Type: application/sdp")
        text.append(f"Content-Length: {len(body)}")
        data = "\r\n".join(text).encode() + b"\r\n\r\n" + body
        self._endpoint.receive(data, self._source, self._now)

    def _command(self, words: list[str]) -> None:
        name, *arguments = words
        _COMMANDS[name](self, arguments)

    def _collect(self) -> None:
        self._sent += self._endpoint.datagrams_to_send()
        while (event := self._endpoint.next_event()) is not None:
            self._events.append(event)
            self._session = getattr(event, "session", self._session)
            self._transaction = getattr(event, "transaction", self._transaction)

    # ---- what is expected

    def _expect(self, lines: list[str]) -> None:
        assert self._sent, "nothing left"
        item = self._sent.pop(0)
        if lines[0].startswith("to "):
            wanted = _hop(lines.pop(0))
            there = (item.hop.transport, item.hop.host, item.hop.port)
            assert there == (wanted.transport, wanted.host, wanted.port), f"went to {item.hop}"
        message = parse_message(item.data)
        if lines[-1] in _BODIES:
            assert message.body == _BODIES[lines.pop()], _shown(item)
        self._match(lines[0], [message.start_line], item)
        for line in lines[1:]:
            if line.startswith("-"):
                assert line[1:] not in message.headers, _shown(item)
                continue
            name, _, value = line.partition(":")
            self._match(value.strip(), message.headers.get_all(name), item)

    def _match(self, wanted: str, found: list[str], item: Outgoing) -> None:
        """One of the values found is the one wanted."""
        names: list[str] = []

        def catch(match: re.Match[str]) -> str:
            if match[1] in self._words:
                return re.escape(self._words[match[1]])
            names.append(match[1])
            return rf'(?P<{match[1]}>[^\s;,>"]+)'

        pieces = [
            _WORD.sub(catch, part) if part.startswith("$") else re.escape(part)
            for part in re.split(r"(\$\w+)", wanted)
        ]
        pattern = re.compile("".join(pieces).replace(re.escape("..."), ".*"))
        for value in found:
            if match := pattern.fullmatch(value):
                self._words.update({name: match[name] for name in names})
                return
        raise AssertionError(f"wanted {wanted!r} in\n{_shown(item)}")

    def _expect_event(self, name: str) -> None:
        assert self._events, "the shell was told nothing"
        event = self._events.pop(0)
        kind, _, detail = name.partition(" ")
        assert type(event).__name__ == kind, event
        assert detail in str(event), event

    def _nothing_is_left(self) -> None:
        assert not self._sent, f"not expected: {_shown(self._sent[0])}"
        assert not self._events, f"not expected: {self._events[0]}"

    # ---- commands

    def _invite(self, words: list[str]) -> None:
        """invite URI [udp|tcp HOST:PORT] [as USER SECRET [REALM]] [route URI]"""
        fields = _fields_of(words[1:])
        invitation = Invitation(
            uri=words[0],
            hop=_hop("to " + fields["by"]) if "by" in fields else FAR,
            from_uri=f"sip:alice@{OWN}",
            to_uri=words[0],
            body=OFFER,
            credentials=_credentials(fields),
            route_set=(fields["route"],) if "route" in fields else (),
            session_expires_s=int(fields.get("timer", "0")),
        )
        self._session = self._endpoint.invite(invitation, self._now)

    def _register(self, words: list[str]) -> None:
        """register [as USER:SECRET] [expires SECONDS]"""
        fields = _fields_of(words)
        plain = PlainRequest(
            method="REGISTER",
            uri="sip:192.0.2.2",
            hop=FAR,
            from_uri="sip:alice@192.0.2.2",
            to_uri="sip:alice@192.0.2.2",
            headers=(
                ("Contact", f"<sip:alice@{OWN}:5060>"),
                ("Expires", fields.get("expires", "300")),
            ),
            credentials=_credentials(fields),
        )
        self._endpoint.request(plain, self._now)

    def _reject(self, words: list[str]) -> None:
        self._endpoint.reject(self._session, int(words[0]), " ".join(words[1:]), now=self._now)

    def _provisional(self, words: list[str]) -> None:
        body = _BODIES[words[1]] if len(words) > 1 else b""
        self._endpoint.provisional(self._session, int(words[0]), body, now=self._now)

    def _answer(self, words: list[str]) -> None:
        self._endpoint.answer(self._session, _BODIES[words[0]], self._now)

    def _trying(self, words: list[str]) -> None:
        self._endpoint.trying(self._session, self._now)

    def _cancel(self, words: list[str]) -> None:
        self._endpoint.cancel(self._session, " ".join(words), self._now)

    def _bye(self, words: list[str]) -> None:
        self._endpoint.bye(self._session, " ".join(words), self._now)

    def _offer(self, words: list[str]) -> None:
        self._endpoint.offer(self._session, _BODIES[words[0]], self._now)

    def _accept(self, words: list[str]) -> None:
        self._endpoint.accept_offer(self._session, _BODIES[words[0]], self._now)

    def _refuse(self, words: list[str]) -> None:
        self._endpoint.reject_offer(self._session, int(words[0]), self._now)

    def _respond(self, words: list[str]) -> None:
        headers = tuple(tuple(word.split("=", 1)) for word in words[1:])
        status = int(words[0])
        self._endpoint.respond(self._transaction, status, headers=headers, now=self._now)  # type: ignore[arg-type]

    def _fail(self, words: list[str]) -> None:
        """fail udp HOST:PORT: the transport refuses."""
        self._endpoint.transport_failed(_hop("to " + " ".join(words)), self._now)


def _blocks(lines: list[str]) -> list[list[str]]:
    """The messages of a block; ``--`` stands between two."""
    blocks: list[list[str]] = [[]]
    for line in lines:
        if line == "--":
            blocks.append([])
        else:
            blocks[-1].append(line)
    return blocks


def _hop(line: str) -> Hop:
    _, transport, address = line.split()
    host, _, port = address.rpartition(":")
    kind = Transport[transport.upper()]
    return Hop(kind, host.strip("[]"), int(port), 1 if kind.is_reliable else 0)


def _fields_of(words: list[str]) -> dict[str, str]:
    """``name value`` pairs; the value of ``by`` has two words."""
    fields: dict[str, str] = {}
    rest = list(words)
    while rest:
        name = rest.pop(0)
        fields[name] = f"{rest.pop(0)} {rest.pop(0)}" if name == "by" else rest.pop(0)
    return fields


def _credentials(fields: dict[str, str]) -> Credentials | None:
    if "as" not in fields:
        return None
    user, secret = fields["as"].split(":")
    return Credentials(user, secret, fields.get("realm", ""))


def _shown(item: Outgoing) -> str:
    return f"to {item.hop}\n" + item.data.decode(errors="replace")


_COMMANDS: dict[str, Callable[[Transcript, list[str]], None]] = {
    "invite": Transcript._invite,
    "register": Transcript._register,
    "reject": Transcript._reject,
    "provisional": Transcript._provisional,
    "answer": Transcript._answer,
    "trying": Transcript._trying,
    "cancel": Transcript._cancel,
    "bye": Transcript._bye,
    "offer": Transcript._offer,
    "accept": Transcript._accept,
    "refuse": Transcript._refuse,
    "respond": Transcript._respond,
    "fail": Transcript._fail,
}
