"""A phone on the stage that only watches: its lamps, by hand-written SIP (subscriber.py)."""

from __future__ import annotations

from typing import Any

from appliance.sip import events as sip
from tests.kit.raw_sip import read
from tests.kit.stage import BOX, Party, Stage
from tests.kit.subscriber import Subscriber, Watch


class _TextEnd:
    """What the stage wants of an endpoint, for a phone that writes its messages itself."""

    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber
        self.leaving: list[sip.Outgoing] = []

    def receive(self, data: bytes, source: sip.Hop, now: float) -> None:
        self._subscriber.take(read(data, (source.host, source.port)))

    def datagrams_to_send(self) -> list[sip.Outgoing]:
        leaving, self.leaving = self.leaving, []
        return leaving

    def next_event(self) -> None:
        return None

    def next_timeout(self) -> None:
        return None


class Watcher(Party):
    """``watch(number)`` subscribes; ``lamps`` are the subscriber's."""

    def __init__(
        self,
        stage: Stage,
        number: str,
        host: str,
        secret: str = "Secret-of-the-phone",
        port: int = 5060,
    ) -> None:
        super().__init__(stage, host, port)
        self.lamps = Subscriber(number, secret, self.address, BOX, self._send)
        self.endpoint: Any = _TextEnd(self.lamps)

    def _send(self, data: bytes) -> None:
        self.endpoint.leaving.append(sip.Outgoing(self.hop_to_box, data))

    async def watch(self, number: str, event: str = "dialog", expires: int = 300) -> Watch:
        watch = self.lamps.subscribe(number, event, expires)
        await self.stage.settle()
        return watch
