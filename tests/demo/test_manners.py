"""What the simulated provider does with a number."""

from __future__ import annotations

import pytest

from appliance.demo.manners import Manner, manner_of_number


@pytest.mark.parametrize(
    ("number", "manner", "status"),
    [
        ("+74955551234", Manner.ANSWERS, 0),
        ("+74955550100", Manner.BUSY, 486),
        ("74955550101", Manner.SILENT, 0),
        ("+74955550102", Manner.OVERLOADED, 503),
        ("+74955550103", Manner.UNKNOWN, 404),
        ("112", Manner.ANSWERS, 0),
        ("101", Manner.ANSWERS, 0),
        ("103", Manner.ANSWERS, 0),
        ("", Manner.ANSWERS, 0),
    ],
)
def test_last_digits_decide_but_not_of_services(number: str, manner: Manner, status: int) -> None:
    assert manner_of_number(number) is manner
    assert manner.status == status
