"""drivers/modem_v253/models.py: known by what they say, never mistaken for one another."""

from __future__ import annotations

import pytest

from drivers.modem_v253.models import BASICS, GENERIC, MODELS, recognise
from tests.kit import v253_models


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        (("56000", "CONEXANT", "CX93001-EIS_V0.2013-V92"), "CX93010"),
        (("5601", "U.S. Robotics 56K FAX USB V1.2.23"), "USR5637"),
        (("9234", "MT9234MU"), "MultiTech MT9234"),
        (("2494",), "Si2494"),
        (("33600", "Nobody"), GENERIC.name),
        ((), GENERIC.name),
    ],
)
def test_recognised(answers: tuple[str, ...], name: str) -> None:
    assert recognise(answers).name == name


def test_each_emulated_modem_is_recognised_as_what_it_is() -> None:
    wanted = {
        "cx93010": "CX93010",
        "cx93010_pcm": "CX93010",
        "usr5637": "USR5637",
        "multitech": "MultiTech MT9234",
        "si2494": "Si2494",
    }
    for name, model in wanted.items():
        assert recognise(tuple(v253_models.MODELS[name].identity.values())).name == model


def test_names_are_unique_and_the_reset_is_demanded() -> None:
    assert len({model.name for model in MODELS}) == len(MODELS)
    assert not BASICS[0].is_tolerated and BASICS[0].command == "ATZ"
