"""A phone with lamps at a running box: it subscribes, and answers NOTIFY on a thread of its own."""

from __future__ import annotations

from tests.kit.box import Box
from tests.kit.office import secret_of
from tests.kit.processes import wait_until
from tests.kit.responder import RING, Responder
from tests.kit.subscriber import Subscriber, Watch

AT_ONCE = 50


class LampPhone(Responder):
    """A phone of this number with lamps: it watches, and answers NOTIFY on its own thread."""

    def __init__(self, box: Box, number: str, secret: str = "") -> None:
        super().__init__(lambda request: RING)
        self.box = (box.host, box.sip_port)
        self.lamps = Subscriber(
            number,
            secret or secret_of(number),
            (self.host, self.port),
            self.box,
            lambda data: self.end.send(data, self.box),
        )
        self.take_lamps = self.lamps.take
        self.register(self.box, number, secret_of(number)).start()

    def ask(self, names: list[str]) -> list[Watch]:
        """Subscribe to all of these, some at a time; each is answered when this returns."""
        watches: list[Watch] = []
        for start in range(0, len(names), AT_ONCE):
            some = [self.lamps.subscribe(name) for name in names[start : start + AT_ONCE]]
            wait_until(
                lambda some=some: all(watch.statuses for watch in some), 20, "all are answered"
            )
            watches += some
        return watches
