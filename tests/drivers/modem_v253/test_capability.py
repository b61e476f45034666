"""drivers/modem_v253/capability.py: each modem numbers its methods in its own way."""

from __future__ import annotations

import pytest

from drivers.api import Encoding
from drivers.modem_v253.capability import (
    CapabilityRecord,
    parse_classes,
    parse_methods,
    parse_sources,
)

CONEXANT = (
    '0,"SIGNED PCM",8,0,8000,0,0',
    '1,"UNSIGNED PCM",8,0,8000,0,0',
    '129,"IMA ADPCM",4,0,8000,0,0',
    '131,"Mu-Law",8,0,8000,0,0',
    '132,"A-Law",8,0,8000,0,0',
    '133,"14 bit PCM",14,0,8000,0,0',
)
CONEXANT_OLD = (
    '1,"UNSIGNED PCM",8,0,(8000),(0),(0)',
    '129,"IMA ADPCM",4,0,(8000),(0),(0)',
    '140,"2 Bit ADPCM",2,0,(8000),(0),(0)',
)
USR = (
    '128,"8-BIT LINEAR",(7200,8000,11025)',
    '129,"16-BIT LINEAR",(7200,8000,11025)',
    '130,"8-BIT ALAW",(8000)',
    '131,"8-BIT ULAW",(8000)',
)
USR_SOFT = (
    '+VSM: 130,"UNSIGNED PCM",8,0,(7200,8000),(0),(0)',
    '131,"ULAW",8,0,(7200,8000),(0),(0)',
    '132,"ALAW",8,0,(7200,8000),(0),(0)',
)
SILICON = ('1,"UNSIGNED PCM",8,0,8000,0,0', '4,"G.711U",8,0,8000,0,0', '5,"G.711A",8,0,8000,0,0')


@pytest.mark.parametrize(
    ("rows", "label", "encoding"),
    [
        (CONEXANT, 132, Encoding.ALAW),
        (CONEXANT_OLD, 1, Encoding.U8),
        (USR, 130, Encoding.ALAW),
        (USR[:2], 128, Encoding.U8),
        (USR[3:], 131, Encoding.ULAW),
        (USR_SOFT, 132, Encoding.ALAW),
        (SILICON, 5, Encoding.ALAW),
    ],
)
def test_the_best_method_is_found_by_name(
    rows: tuple[str, ...], label: int, encoding: Encoding
) -> None:
    method = CapabilityRecord(True, parse_methods(rows)).method
    assert method is not None
    assert (method.label, method.encoding) == (label, encoding)


@pytest.mark.parametrize(
    "row",
    [
        '0,"SIGNED PCM",8,0,8000,0,0',
        '129,"IMA ADPCM",4,0,8000,0,0',
        "2;ADPCM;2;0;(9600)",
        '1,"UNSIGNED PCM",8,0,(7200),(0),(0)',
        '129,"16-BIT LINEAR",(8000)',
        '133,"14 bit PCM",14,0,8000,0,0',
    ],
)
def test_what_the_media_core_cannot_read_is_no_method(row: str) -> None:
    assert CapabilityRecord(True, parse_methods((row,))).method is None


def test_noise_is_no_row() -> None:
    assert parse_methods(("OK", "", "hello", "+VSM:")) == ()


def test_classes() -> None:
    assert parse_classes(("0,1,1.0,2,8",)) == ("0", "1", "1.0", "2", "8")
    assert parse_classes(("+FCLASS: (0,1,8)",)) == ("0", "1", "8")
    assert "8" not in parse_classes(("0,1,1.0",))


def test_sources() -> None:
    assert parse_sources(('0,"",0000', '1,"T",0900,0900,0800', '5,"ST",0800')) == (0, 1, 5)
    assert parse_sources(("+VLS: (0,1,2,4,13)",)) == (0, 1, 2, 4, 13)
