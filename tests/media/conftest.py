"""One suite over both media planes: the C core and the plain Python that is its oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from appliance.media.ports import PortRange
from appliance.media.relay_reference import ReferenceMediaPlane
from appliance.media.session import NativeMediaPlane
from tests.media.phones import EventLog, Phone

PLANES = {"native": NativeMediaPlane, "reference": ReferenceMediaPlane}
#: Beside those that whole boxes lease (tests/kit/ports.py), which may run at the same time.
RANGE = PortRange(10000, 11999, drain_s=0.0)


@pytest.fixture(params=sorted(PLANES))
def make_plane(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes planes of either kind; arguments as the constructor's."""
    made = []

    def make(*arguments: Any, **named: Any) -> Any:
        made.append(PLANES[request.param](*arguments, **named))
        return made[-1]

    yield make
    for plane in made:
        plane.close()


@pytest.fixture
def plane(make_plane: Callable[..., Any]) -> Any:
    return make_plane(RANGE)


@pytest.fixture
def log(plane: Any) -> EventLog:
    return EventLog(plane)


@pytest.fixture
def make_phone() -> Iterator[Callable[..., Phone]]:
    made: list[Phone] = []

    def make(host: str = "127.0.0.1") -> Phone:
        made.append(Phone(host))
        return made[-1]

    yield make
    for phone in made:
        phone.close()


class Call:
    """Two phones with a stream each, connected; addresses are exact."""

    def __init__(self, plane: Any, make_phone: Callable[..., Phone], host: str) -> None:
        self.alice, self.bob = make_phone(host), make_phone(host)
        self.a, self.b = plane.open(host), plane.open(host)
        self.a.set_remote(self.alice.address, is_behind_nat=False)
        self.b.set_remote(self.bob.address, is_behind_nat=False)
        self.a.connect(self.b)


@pytest.fixture
def make_call(plane: Any, make_phone: Callable[..., Phone]) -> Callable[..., Call]:
    def make(host: str = "127.0.0.1") -> Call:
        return Call(plane, make_phone, host)

    return make


@pytest.fixture
def call(make_call: Callable[..., Call]) -> Call:
    return make_call()
