"""What a test of settings left open is closed behind it: newer Pythons complain of it anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from appliance.config import store


@pytest.fixture(autouse=True)
def closed_behind() -> Iterator[None]:
    yield
    for connection in list(store._OPEN_HERE):
        connection.close()
