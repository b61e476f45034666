"""The network of the kit is one: whoever is plugged in, the others still find the box."""

from __future__ import annotations

import socket

from tests.kit.netns import inside
from tests.kit.office_lan import OfficeLan
from tests.kit.processes import run


def test_the_box_keeps_its_hardware_address_whoever_is_plugged_in() -> None:
    """A device that learned it before the others came is not left talking to nobody."""
    with OfficeLan() as lan:
        own = _word_after("link/ether", run(["ip", "-n", lan.box, "link", "show", "lan0"]))
        with inside(lan.box, lambda: socket.create_server((lan.BOX_HOST, 8088))):
            for number in range(3):
                netns, _ = lan.add(f"805ec000000{number}")
                inside(netns, lambda: socket.create_connection((lan.BOX_HOST, 8088), 5).close())
                said = run(["ip", "-n", netns, "neighbour", "show", lan.BOX_HOST])
                assert _word_after("lladdr", said) == own


def _word_after(word: str, text: str) -> str:
    words = text.split()
    return words[words.index(word) + 1]
