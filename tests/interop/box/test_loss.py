"""500 calls over a wire that loses a third of all datagrams both ways: set up, and nothing left.

The callers sit behind tests/kit/lossy.py and have nothing but retransmissions (RFC 3261 §17); what
they call sits on a sound wire, so that every loss is the callers'.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kit.box import Box
from tests.kit.callers import Callers, Plan
from tests.kit.calling import MANY_PORTS
from tests.kit.health import Health
from tests.kit.lossy import Faults, LossyWire
from tests.kit.office import extension, office, secret_of
from tests.kit.responder import Responder

CALLS = 500
RATE = 25.0
LOSS = 0.3
CALLERS = ("2001", "2002", "2003", "2004", "2005")
CALLED = ("2101", "2102", "2103", "2104", "2105")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    document = office(extensions=[extension(n, max_calls=100) for n in CALLERS + CALLED])
    with Box(tmp_path / "box", document, rtp_ports=MANY_PORTS) as box:
        yield box.start()


def test_500_calls_with_30_percent_loss(box: Box) -> None:
    address = box.host, box.sip_port
    with ExitStack() as stack:
        for number in CALLED:
            phone = stack.enter_context(Responder())
            phone.register(address, number, secret_of(number)).start()
        health = Health(box)
        wire = stack.enter_context(LossyWire(address, Faults(seed=30, loss=LOSS)))
        callers = stack.enter_context(Callers((wire.host, wire.port)))
        secrets = tuple(map(secret_of, CALLERS))
        plan = Plan(users=CALLERS, secrets=secrets, numbers=CALLED, calls=CALLS, rate=RATE)
        tally = callers.run(plan, 90, lambda: box.control("status")["calls"] == 0)
        assert wire.to_target.lost > 0.25 * wire.to_target.received > 0.25 * 3 * CALLS
        assert tally.answered >= 0.99 * CALLS, tally
        health.wait_for_rest(whole=True)
        health.check(growth_kib=40_000)
        assert len(box.journal()) > 0
