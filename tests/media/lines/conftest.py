"""Lines of the C core (the reference plane has none), their devices, and a phone to talk with."""

from __future__ import annotations

from contextlib import closing

import pytest

from appliance.media.session import NativeMediaPlane
from tests.media.conftest import RANGE
from tests.media.lines.device import LineDevice
from tests.media.phones import EventLog, Phone


@pytest.fixture
def plane():
    with closing(NativeMediaPlane(RANGE)) as made:
        yield made


@pytest.fixture
def log(plane):
    return EventLog(plane)


@pytest.fixture
def make_device():
    made = []

    def make(*arguments, **named):
        made.append(LineDevice(*arguments, **named))
        return made[-1]

    yield make
    for device in made:
        device.close()


@pytest.fixture
def phone():
    with closing(Phone()) as made:
        yield made


@pytest.fixture
def stream(plane, phone):
    made = plane.open("127.0.0.1")
    made.set_remote(phone.address, is_behind_nat=False)
    return made
