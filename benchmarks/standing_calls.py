"""Calls that stand, made by SIP through whatever exchange is measured, so that media can flow.

Owns the sockets of one caller and one phone that answers for all numbers; no media. Callers are the
first half of the users, those called the second; each party describes an address of its own.
"""

from __future__ import annotations

import resource
from collections.abc import Mapping
from contextlib import ExitStack

from tests.kit.calling import media_port
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import Responder

Address = tuple[str, int]
_CODECS = "0"  # one codec on both legs: nobody has to transcode


def allow_descriptors() -> None:
    """Relays inherit it: a call takes eight sockets and more."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class StandingCalls:
    """Calls between the users of an exchange at this address; a context manager."""

    def __init__(self, exchange: Address, secrets: Mapping[str, str], media_port: int) -> None:
        numbers = sorted(secrets)
        self._exchange, self._secrets, self._media_port = exchange, secrets, media_port
        self._callers, self._called = numbers[: len(numbers) // 2], numbers[len(numbers) // 2 :]
        self._stack = ExitStack()
        self._end = self._stack.enter_context(RawEnd())
        self._phone = Responder(lambda request: 200)
        self._phone.rtp_port, self._phone.codecs = media_port, _CODECS
        for number in self._called:
            self._phone.register(exchange, number, secrets[number])
        self._stack.enter_context(self._phone).start()
        self.relays: list[Address] = []  # where each party sends to, two for each call

    def add(self, caller_host: str, called_host: str) -> None:
        """One more call between parties at these addresses."""
        number = len(self.relays) // 2 % len(self._callers)
        user = self._callers[number]
        self._phone.rtp_host = called_host
        body = audio(caller_host, self._media_port, codecs=_CODECS)
        called = self._called[number]
        call = RawCall(self._end, self._exchange, user, self._secrets[user], called, body)
        call.invite()
        answer = call.final()
        if answer.status != 200:
            raise SystemExit(f"call {len(self.relays) // 2}: {answer.first_line}")
        call.acknowledge()
        invited = self._phone.invited[-1].request
        host = self._exchange[0]
        self.relays += [(host, media_port(answer.body)), (host, media_port(invited.body))]

    def __enter__(self) -> StandingCalls:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
