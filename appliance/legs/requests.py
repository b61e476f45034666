"""Requests of ours outside any call, and who waits for their answers.

Owns the table request -> callback. REGISTER to a provider, OPTIONS to phones and trunks, MESSAGE to
phones, NOTIFY to who subscribed, BYE to whom a cut call left: each sender gives a function that is
called exactly once.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.clock import Clock
from appliance.sip.dialog import Dialog
from appliance.sip.endpoint import Endpoint
from appliance.sip.events import (
    Credentials,
    FailureCause,
    PlainRequest,
    RequestFailed,
    ResponseReceived,
)
from appliance.sip.message import Request
from appliance.sip.unfinished_invite import UnfinishedInvite

Answer = Callable[[ResponseReceived | None, FailureCause | None], None]


class Requests:
    """Sends, remembers, and tells the sender."""

    def __init__(self, endpoint: Endpoint, clock: Clock, wake: Callable[[], None]) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._wake = wake
        self._waiting: dict[int, Answer] = {}
        self._registers: set[int] = set()

    def send(self, request: PlainRequest, answer: Answer) -> None:
        """Send; answer(response, None) or answer(None, cause) follows."""
        number = self._endpoint.request(request, self._clock.now())
        self._waiting[number] = answer
        if request.method == "REGISTER":
            self._registers.add(number)
        self._wake()

    def farewell(
        self, dialog: Dialog, reason: str, credentials: Credentials | None, answer: Answer
    ) -> None:
        """Say BYE in a dialog that an earlier run left; ``answer`` as after ``send``."""
        number = self._endpoint.farewell(dialog, reason, credentials, self._clock.now())
        self._waiting[number] = answer
        self._wake()

    def end_unfinished(self, left: UnfinishedInvite, reason: str) -> int:
        """End an INVITE that an earlier run left; the session whose SessionFailed follows if nobody
        answers, or 0."""
        session = self._endpoint.end_unfinished(left, reason, self._clock.now())
        self._wake()
        return session

    def send_in_dialog(
        self, dialog: Dialog, request: Request, credentials: Credentials | None, answer: Answer
    ) -> None:
        """Send a request of a dialog that the sender keeps; ``answer`` as after ``send``."""
        now = self._clock.now()
        number = self._endpoint.request_in_dialog(dialog, request, credentials, now)
        self._waiting[number] = answer
        self._wake()

    def on_response(self, event: ResponseReceived) -> None:
        answer = self._take(event.request)
        if answer is not None:
            answer(event, None)

    def on_failure(self, event: RequestFailed) -> None:
        answer = self._take(event.request)
        if answer is not None:
            answer(None, event.cause)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def sign_offs(self) -> int:
        """How many REGISTERs wait for a provider's word."""
        return len(self._registers)

    def _take(self, number: int) -> Answer | None:
        self._registers.discard(number)
        return self._waiting.pop(number, None)
