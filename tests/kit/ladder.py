"""Ladders of whole calls: what phones do, and every message on the wire that follows, in order.

Owns the phones of one play on a Stage. A file's line is a remark (``#``), a deed (``! alice calls
2002``) or a message that must come next (``alice > box  INVITE sendrecv``). REGISTER and OPTIONS
are left out. ``alice/1`` is the first call of alice, ``alice`` alone her last.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.kit.stage import BOX, Party, Stage, sdp

#: Who sits where: name -> extension, host.
PHONES = {
    "alice": ("2001", "192.168.1.11"),
    "bob": ("2002", "192.168.1.12"),
    "bobs_mobile": ("2002", "192.168.1.22"),
    "carol": ("2003", "192.168.1.13"),
}
_DIRECTION = re.compile(rb"^a=(sendrecv|sendonly|recvonly|inactive)", re.MULTILINE)
_CSEQ = re.compile(rb"^CSeq: \d+ (\w+)", re.MULTILINE | re.IGNORECASE)
_REASON = re.compile(rb"^Reason: ([^;\r]+;[^;\r]+)", re.MULTILINE | re.IGNORECASE)


class Ladder:
    """Plays one file; ``messages`` is the wire since the last deed."""

    def __init__(self, stage: Stage, path: Path) -> None:
        self._stage = stage
        self._lines = path.read_text("utf-8").splitlines()
        self._names = {host: name for name, (_, host) in PHONES.items()} | {BOX[0]: "box"}
        self._phones: dict[str, Party] = {}
        self._sessions: dict[str, list[int]] = {name: [] for name in PHONES}
        self.messages: list[str] = []

    async def play(self) -> None:
        """Register the phones that the file names, then play; AssertionError tells the line."""
        text = "\n".join(self._lines)
        for name, (number, host) in PHONES.items():
            if re.search(rf"\b{name}\b", text):
                self._phones[name] = await self._stage.phone(number, host)
        self._stage.on_wire = self._note
        expected: list[str] = []
        deed = "the beginning"
        for line in [*self._lines, "! wait 0"]:
            if line.startswith("!"):
                assert self.messages == expected, f"after {deed!r}"
                self.messages.clear()
                expected, deed = [], line
                await self._do(line[1:].split())
            elif line.strip() and not line.startswith("#"):
                expected.append(" ".join(line.split()))

    def _note(self, source: tuple[str, int], target: tuple[str, int], data: bytes) -> None:
        said = _said(data)
        if said:
            ends = f"{self._names[source[0]]} > {self._names[target[0]]}"
            self.messages.append(f"{ends} {said}")

    async def _do(self, words: list[str]) -> None:
        if words[0] == "wait":
            await self._stage.wait(float(words[1]))
            return
        name, _, place = words[0].partition("/")
        phone, verb, rest = self._phones[name], words[1], words[2:]
        if verb == "calls":
            self._sessions[name].append(await phone.call(rest[0]))
            return
        if verb in ("rings", "answers", "refuses"):
            await self._respond(name, verb, rest)
            return
        session = self._sessions[name][int(place) - 1 if place else -1]
        self._act(phone, verb, session, rest)
        await self._stage.settle()

    async def _respond(self, name: str, verb: str, rest: list[str]) -> None:
        phone = self._phones[name]
        if verb == "refuses":
            await phone.reject(int(rest[0]))
            return
        acts: dict[str, Callable[[], Awaitable[int]]] = {
            "rings": phone.ring,
            "answers": phone.answer,
        }
        session = await acts[verb]()
        if verb == "answers":
            self._sessions[name].append(session)

    def _act(self, phone: Party, verb: str, session: int, rest: list[str]) -> None:
        now = self._stage.now()
        body = sdp(phone.address[0], 4000, rest[0]) if rest else b""
        if verb == "offers":
            phone.endpoint.offer(session, body, now=now)
        elif verb == "accepts":
            phone.endpoint.accept_offer(session, body, now=now)
        elif verb == "cancels":
            phone.endpoint.cancel(session, "", now=now)
        else:
            assert (verb, rest) == ("hangs", ["up"]), verb
            phone.endpoint.bye(session, "", now=now)


def _said(data: bytes) -> str:
    """``INVITE sendonly`` or ``200 INVITE``; empty for what a ladder leaves out."""
    method = _CSEQ.findall(data)[0].decode()
    if method in ("REGISTER", "OPTIONS"):
        return ""
    first = data.split(b" ", 2)
    words = [first[1].decode(), method] if data.startswith(b"SIP/2.0") else [first[0].decode()]
    for found in (_DIRECTION.search(data), _REASON.search(data)):
        if found is not None:
            words.append(found[1].decode().replace(" ", ""))
    return " ".join(words)
