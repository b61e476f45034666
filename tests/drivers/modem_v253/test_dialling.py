"""drivers/modem_v253/dialling.py: how a dial command may end."""

from __future__ import annotations

import pytest

from drivers.api import DialMode, LineError
from drivers.modem_v253 import dialling
from tests.drivers.modem_v253.stage import play
from tests.drivers.modem_v253.test_procedures import Transcript

BEGIN = "> AT+VRN=0\n< OK\n> AT+VRA=0\n< ERROR\n"


@pytest.mark.parametrize(
    ("result", "word"),
    [
        ("OK", ""),
        ("VCON", ""),
        ("BUSY", "busy"),
        ("NO ANSWER", "no_answer"),
        ("NO CARRIER", "released"),
    ],
)
def test_words(result: str, word: str) -> None:
    async def scene() -> None:
        t = Transcript(f"{BEGIN}> ATDP84951;\n< {result}")
        assert await dialling.dial(t.engine, "8 495-1", DialMode.PULSE) == word

    play(scene)


@pytest.mark.parametrize(
    ("result", "key"),
    [
        ("NO DIALTONE", "line.no_dial_tone"),
        ("NO DIAL TONE", "line.no_dial_tone"),
        ("LINE-IN-USE", "line.in_use"),
        ("ERROR", "line.device"),
    ],
)
def test_refusals(result: str, key: str) -> None:
    async def scene() -> None:
        t = Transcript(f"{BEGIN}> ATDT112;\n< {result}")
        with pytest.raises(LineError) as caught:
            await dialling.dial(t.engine, "112", DialMode.TONE)
        assert caught.value.key == key

    play(scene)


@pytest.mark.parametrize("digits", ["", "12;ATH", "12!", "1\r2", "x"])
def test_nothing_but_digits_reaches_the_modem(digits: str) -> None:
    async def scene() -> None:
        t = Transcript("> nothing")
        with pytest.raises(LineError) as caught:
            await dialling.dial(t.engine, digits, DialMode.TONE)
        assert caught.value.key == "line.unsupported"

    play(scene)
