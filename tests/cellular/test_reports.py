"""Tests of drivers/cellular/reports.py and makers.py: the lines of manuals, and any line at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.cellular.makers import QUECTEL, SIMCOM, recognise
from drivers.cellular.reports import (
    AudioAllowed,
    CallBegun,
    CallChanged,
    CallerShown,
    CallOver,
    CallState,
    KeyHeard,
    MessageStored,
    Registration,
    Report,
    Restarted,
    Ringing,
    SimState,
    fields_of,
    parse_operator,
    parse_registration_answer,
    parse_report,
    parse_signal_dbm,
)


@pytest.mark.parametrize(
    ("line", "report"),
    [
        ("RING", Ringing()),
        ("+CRING: VOICE", Ringing()),
        ('+CLIP: "+79161234567",145,,,,0', CallerShown("+79161234567", False)),
        ('+CLIP: "79161234567",145,"",0,"",0', CallerShown("+79161234567", False)),
        ('+CLIP: "89161234567",129,,,"Ivan, of Tver",0', CallerShown("89161234567", False)),
        ('+CLIP: "",128,,,,1', CallerShown("", True)),
        ('+CLCC: 1,1,4,0,0,"112",129', CallChanged(CallState.INCOMING, True, "112")),
        ("+CLCC: 1,0,2,0,0", CallChanged(CallState.DIALLING, False)),
        ('+CLCC: 1,0,0,1,0,"",128', None),
        ('+QIND: "ccinfo",2,0,3,0,0,"112",129', CallChanged(CallState.ALERTING, False, "112")),
        ('+QIND: "ccinfo",1,0,-1,0,0,"112",129', CallChanged(CallState.RELEASED, False, "112")),
        ('+QIND: "csq",20,99', None),
        ("^DSCI: 4,1,3,0,7916,145", CallChanged(CallState.ACTIVE, True, "+7916")),
        ("^DSCI: 3,0,6,0,112,129", CallChanged(CallState.RELEASED, False, "112")),
        ("^DSCI: 3,0,9,0,112,129", None),
        ("VOICE CALL: BEGIN", CallBegun()),
        ("VOICE CALL: END: 000123", CallOver("released")),
        ("VOICE CALL: END", CallOver("released")),
        ("NO CARRIER", CallOver("released")),
        ("BUSY", CallOver("busy")),
        ("NO ANSWER", CallOver("no_answer")),
        ("+QTONEDET: 53", KeyHeard("5")),
        ("+QTONEDET: 35", KeyHeard("#")),
        ("+QTONEDET: 7", None),
        ("+RXDTMF: a", KeyHeard("A")),
        ("+RXDTMF: 12", None),
        ('+CMTI: "SM",3', MessageStored(3)),
        ('+CMTI: "SM"', None),
        ("+QPCMV: 0,0", AudioAllowed(False)),
        ("+QPCMV: 1,0", AudioAllowed(True)),
        ("+CREG: 5", Registration("CREG", 5)),
        ('+CEREG: 1,"1A2B","0102",7', Registration("CEREG", 1)),
        ("+CPIN: SIM PIN", SimState("SIM PIN")),
        ("RDY", Restarted()),
        ("+COPS: 0", None),
        ("", None),
    ],
)
def test_lines_of_the_manuals(line: str, report: Report | None) -> None:
    assert parse_report(line) == report


def test_answers() -> None:
    assert parse_registration_answer('+CREG: 2,1,"0102","0304",7') == Registration("CREG", 1)
    assert parse_registration_answer("+CREG: 0,3") == Registration("CREG", 3)
    assert parse_registration_answer("OK") is None
    assert [parse_signal_dbm(f"+CSQ: {n},99") for n in (0, 31, 99)] == [-113.0, -51.0, None]
    assert parse_operator('+COPS: 0,0,"MTS RUS",7') == "MTS RUS"
    assert parse_operator("+COPS: 0") == ""
    assert fields_of('+X: "a, b",,c ') == ["a, b", "", "c"]


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(
        ["", "+CLIP:", "+CLCC:", "+QIND:", "^DSCI:", "VOICE CALL:", "+CREG:", "+CMTI:"]
    ),
    st.text(max_size=60),
)
def test_any_line_is_a_report_or_none(beginning: str, rest: str) -> None:
    for line in (beginning + rest, f'{beginning} "ccinfo",{rest}'):
        parse_report(line)
        parse_registration_answer(line)
        parse_signal_dbm(line)
        parse_operator(line)


def test_makers_are_known_by_what_they_say() -> None:
    assert recognise("Quectel\nEC25\nRevision: EC25EFAR06A06M4G") is QUECTEL
    assert recognise("Manufacturer: SIMCOM INCORPORATED\nModel: SIMCOM_SIM7600E-H") is SIMCOM
    assert recognise("CONEXANT ACF") is None


def test_which_of_the_modems_calls_it_is() -> None:
    for line, index in (
        ('+CLCC: 1,1,4,0,0,"112",129', 1),
        ('+QIND: "ccinfo",2,0,3,0,0,"112",129', 2),
        ("^DSCI: 4,1,3,0,7916,145", 0),
    ):
        report = parse_report(line)
        assert isinstance(report, CallChanged) and report.index == index
