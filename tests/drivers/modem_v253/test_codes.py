"""drivers/modem_v253/codes.py: every code of V.253 in the table, and what is masked when."""

from __future__ import annotations

import pytest

from drivers.events import (
    KeyReported,
    LoopBroken,
    OffHook,
    OnHook,
    PolarityReversed,
    ProgressReported,
)
from drivers.modem_v253.codes import CodeReader
from drivers.modem_v253.models import MODELS, Model

BY_NAME = {model.name: model for model in MODELS}
WHOLE = Model("whole", "x", reports_loop=True, reports_polarity=True, reports_extension=True)


def off_hook(model: Model = WHOLE, **more: bool) -> CodeReader:
    reader = CodeReader(model, **more)
    reader.lifted(100.0)
    return reader


@pytest.mark.parametrize(
    ("letter", "word"),
    [
        ("b", "busy"),
        ("K", "busy"),
        ("d", "dial_tone"),
        ("i", "dial_tone"),
        ("r", "ringback"),
        ("J", "sit"),
        ("s", "silence"),
        ("q", "silence"),
        ("c", "fax"),
    ],
)
def test_progress(letter: str, word: str) -> None:
    assert off_hook().read(ord(letter), 105.0, 7) == ProgressReported(7, word)
    assert CodeReader(WHOLE).read(ord(letter), 105.0, 7) is None, "nothing on-hook"


def test_dial_tone_counts_for_nothing_in_a_stream() -> None:
    reader = off_hook(BY_NAME["USR5637"])
    reader.is_streaming = True
    assert reader.read(ord("d"), 105.0, 7) is None
    assert reader.read(ord("b"), 105.0, 7) == ProgressReported(7, "busy")


def test_loop_breaks_are_masked_while_the_line_settles() -> None:
    reader = off_hook()
    assert reader.read(ord("l"), 100.3, 7) is None
    assert reader.read(ord("h"), 100.9, 7) is None
    assert isinstance(reader.read(ord("l"), 100.7, 7), LoopBroken)
    assert isinstance(reader.read(ord("h"), 101.1, 7), LoopBroken)
    reader.hung_up()
    assert reader.read(ord("l"), 110.0, 7) is None


def test_false_h_of_usr_is_nothing_at_any_time() -> None:
    reader = off_hook(BY_NAME["USR5637"])
    assert [reader.read(ord("H"), at, 7) for at in (100.3, 105.0)] == [None, None]


def test_models_that_report_no_loop_are_not_believed() -> None:
    assert off_hook(BY_NAME["MultiTech MT9234"]).read(ord("l"), 105.0, 7) is None


def test_polarity_turns_and_turns_back() -> None:
    reader = off_hook()
    assert reader.read(ord("L"), 100.2, 7) is None, "of the seizure itself"
    assert reader.read(ord("L"), 101.0, 7) == PolarityReversed(7, False)
    assert reader.read(ord("L"), 102.0, 7) == PolarityReversed(7, True)


def test_the_parallel_telephone() -> None:
    reader = CodeReader(WHOLE)
    assert reader.read(ord("P"), 1.0, 7) == OffHook(7)
    assert reader.is_extension_up(2.0) and not reader.is_extension_up(40.0), "old news is none"
    assert reader.read(ord("p"), 2.0, 8) == OnHook(8)
    assert not reader.is_extension_up(2.0)


def test_a_key_is_told_once_a_press() -> None:
    reader = off_hook(reports_keys=True)
    told = [reader.read(ord(letter), 105.0, 7) for letter in "/555~/55~/7~"]
    assert [event.digit for event in told if isinstance(event, KeyReported)] == ["5", "5", "7"]


def test_keys_are_the_media_cores_where_there_is_duplex() -> None:
    assert off_hook().read(ord("5"), 105.0, 7) is None


def test_underruns_and_overruns_are_counted() -> None:
    reader = off_hook()
    for letter in "uuo":
        assert reader.read(ord(letter), 105.0, 7) is None
    assert reader.counts == {"underruns": 2, "overruns": 1}


@pytest.mark.parametrize("octet", range(256))
def test_no_code_is_an_error(octet: int) -> None:
    for reader in (off_hook(), CodeReader(WHOLE)):
        reader.read(octet, 105.0, 7)
