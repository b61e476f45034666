"""Tests of appliance/legs/trunks/given.py: a trunk to be tried is checked as for saving."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.config.model import Document, Trunk
from appliance.config.presets import factory_document
from appliance.errors import ConfigErrors
from appliance.legs.trunks.given import trunk_to_try

GIVEN = {
    "name": "one",
    "host": "sip.example.net",
    "username": "office",
    "secret": "Kq7-zzP3-mmvv2-9Tb",
}


def office() -> Document:
    former = Trunk(name="one", host="former.example.net", username="u", secret="")
    broken = Trunk(name="two", host="no host at all", username="u")
    return replace(factory_document(), trunks=(former, broken))


def test_it_takes_the_place_of_its_namesake() -> None:
    trunk = trunk_to_try(GIVEN | {"port": "5080"}, office())
    assert (trunk.host, trunk.port, trunk.username) == ("sip.example.net", 5080, "office")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (GIVEN | {"host": "not a host"}, "trunks[one].host"),
        (GIVEN | {"port": 99999}, "trunks[one].port"),
        (GIVEN | {"color": "red"}, "trunks[one].color"),
        (GIVEN | {"username": ""}, "trunks[one].username"),
        ({"host": "sip.example.net"}, "trunks[#1].name"),
        ("text", "trunks[#1]"),
        (None, "trunks[#1].name"),
    ],
)
def test_what_saving_would_refuse_is_not_tried(given: Any, path: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        trunk_to_try(given, office())
    assert path in [problem.path for problem in caught.value.problems]
