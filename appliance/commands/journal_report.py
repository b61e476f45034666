"""Rows of the journal in words and as plain data.

PURE. The list has a line a call; the full view tells legs, quality and why the call went that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from appliance.call.record import CallRecord, LegRecord
from appliance.commands.site import Manner
from appliance.commands.table import clean, duration, moment, pair_lines, table_lines
from appliance.commands.words import (
    DIRECTIONS,
    FIELDS,
    JOURNAL_COLUMNS,
    LEG_COLUMNS,
    QUALITY_COLUMNS,
    WORDS,
    alert_text,
    party,
    word,
)
from appliance.routing.texts import say, say_cause


def to_data(record: CallRecord, language: str) -> dict[str, Any]:
    """A row for programs: causes by their keys, reasons with their sentence beside them."""
    data = asdict(record) | {"cause": record.cause.value, "alerts": list(record.alerts)}
    data["legs"] = [asdict(g) | {"cause": g.cause.value if g.cause else None} for g in record.legs]
    data["reasons"] = [
        {"key": r.key, "params": dict(r.params), "text": say(r, language)} for r in record.reasons
    ]
    return data


def list_lines(records: Iterable[CallRecord], manner: Manner) -> list[str]:
    """A table, a line a call."""
    rows = [_list_cells(record, manner) for record in records]
    if not rows:
        return [WORDS["no_rows"].of(manner.language)]
    return table_lines(JOURNAL_COLUMNS, rows, manner.language)


def full_lines(record: CallRecord, manner: Manner) -> list[str]:
    """Everything that is known of one call."""
    language = manner.language
    values = ((FIELDS[name], value) for name, value in _facts(record, manner))
    lines = pair_lines(values, language)
    legs = (_leg_cells(leg, language) for leg in record.legs)
    lines += _section("legs", table_lines(LEG_COLUMNS, legs, language), language)
    quality = list(_quality_rows(record.legs, language))
    if quality:
        lines += _section("quality", table_lines(QUALITY_COLUMNS, quality, language), language)
    if record.reasons:
        lines += _section("why", [clean(say(r, language)) for r in record.reasons], language)
    if record.alerts:
        lines += _section("alerts", [alert_text(key, language) for key in record.alerts], language)
    return lines


def _facts(record: CallRecord, manner: Manner) -> Iterator[tuple[str, object]]:
    language = manner.language
    yield "call", record.call_ref
    yield "began", moment(record.started_at, manner.zone)
    yield "direction", word(DIRECTIONS, record.direction, language)
    yield "caller", _caller(record)
    yield "dialled", record.dialled
    yield "number", record.number
    yield "sent", record.sent
    yield "trunk", record.trunk
    yield "answered_by", party(record.answered_by, language)
    yield "setup", record.setup_s
    yield "talk", duration(record.talk_s)
    yield "total", duration(record.total_s)
    yield "result", say_cause(record.cause, language)
    yield "revision", record.revision


def _list_cells(record: CallRecord, manner: Manner) -> tuple[object, ...]:
    language = manner.language
    return (
        moment(record.started_at, manner.zone),
        record.call_ref,
        word(DIRECTIONS, record.direction, language),
        _caller(record),
        record.dialled,
        record.number,
        party(record.answered_by, language),
        record.trunk,
        duration(record.talk_s) if record.setup_s is not None else "",
        say_cause(record.cause, language),
    )


def _leg_cells(leg: LegRecord, language: str) -> tuple[object, ...]:
    return (
        leg.leg,
        party(leg.party, language),
        leg.number,
        leg.dialled_after_s,
        leg.rang_after_s,
        leg.answered_after_s,
        leg.ended_after_s,
        say_cause(leg.cause, language) if leg.cause else "",
        leg.status or "",
    )


def _quality_rows(legs: Iterable[LegRecord], language: str) -> Iterator[tuple[object, ...]]:
    unknown = WORDS["not_measured"].of(language)
    for leg in legs:
        if (q := leg.quality) is not None:
            mos = unknown if q.mos is None else q.mos
            yield (leg.leg, q.received, q.sent, q.lost, q.jitter_ms, q.round_trip_ms, mos)


def _caller(record: CallRecord) -> str:
    return " ".join(filter(None, (record.caller, record.caller_name)))


def _section(key: str, lines: Iterable[str], language: str) -> list[str]:
    return ["", WORDS[key].of(language), *(f"  {line}" for line in lines)]
