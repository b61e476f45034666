"""A CallRecord as columns of ``calls`` and back.

Owns nothing. Legs, reasons and alerts are JSON of short lists; a field that is unknown to this
version is passed over, one that is missing takes its default, so that old rows stay legible.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from json.encoder import encode_basestring as _quoted
from typing import Any

from appliance.call.leg import Cause
from appliance.call.record import CallRecord, LegQuality, LegRecord
from appliance.routing.decision import Reason

COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(CallRecord))
#: What a note of a call that began may say; all text. payer: who sent it on, and pays for it.
SUMMARY_FIELDS = ("direction", "caller", "caller_name", "dialled", "number", "trunk", "payer")
#: Key of the reason that names who sent a call on, and pays for it from there.
FORWARDED = "caller.on_behalf"
_MOST_QUICKLY_WRITTEN = 1e9
_LEG_FIELDS = tuple(f.name for f in fields(LegRecord))
_QUALITY_FIELDS = tuple(f.name for f in fields(LegQuality))


def encode_record(record: CallRecord) -> tuple[Any, ...]:
    """The values of COLUMNS, in their order."""
    return (
        legible(record.call_ref),
        record.started_at,
        record.direction,
        legible(record.caller),
        legible(record.caller_name),
        legible(record.dialled),
        legible(record.number),
        legible(record.sent),
        record.trunk,
        legible(record.answered_by),
        record.setup_s,
        record.talk_s,
        record.total_s,
        record.cause._value_,
        legible(f"[{','.join([_encode_leg(leg) for leg in record.legs])}]"),
        legible(f"[{','.join([encode_reason(reason) for reason in record.reasons])}]"),
        f"[{','.join([_quoted(alert) for alert in record.alerts])}]",
        record.revision,
    )


def encode_summary(summary: Mapping[str, str]) -> str:
    """What is known of a call that has begun, as JSON in ASCII."""
    known = [f'"{name}":{_quoted(summary[name])}' for name in SUMMARY_FIELDS if name in summary]
    return "{" + ",".join(known) + "}"


def decode_record(row: Sequence[Any]) -> CallRecord:
    """A row whose columns are COLUMNS."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["cause"] = _cause(values["cause"])
    values["legs"] = tuple(_decode_leg(leg) for leg in json.loads(values["legs"]))
    values["reasons"] = tuple(Reason(key, params) for key, params in json.loads(values["reasons"]))
    values["alerts"] = tuple(json.loads(values["alerts"]))
    return CallRecord(**values)


def _encode_leg(leg: LegRecord) -> str:
    """A JSON object of the fields that say anything; by hand, since each call pays for it."""
    text = (
        f'{{"leg":{leg.leg},"role":{_quoted(leg.role)},"party":{_quoted(leg.party)},'
        f'"number":{_quoted(leg.number)},"dialled_after_s":{_figure(leg.dialled_after_s)}'
    )
    if leg.rang_after_s is not None:
        text += f',"rang_after_s":{_figure(leg.rang_after_s)}'
    if leg.answered_after_s is not None:
        text += f',"answered_after_s":{_figure(leg.answered_after_s)}'
    if leg.ended_after_s is not None:
        text += f',"ended_after_s":{_figure(leg.ended_after_s)}'
    if leg.cause is not None:
        text += f',"cause":"{leg.cause._value_}"'
    if leg.quality is not None:
        text += f',"quality":{_encode_quality(leg.quality)}'
    return f'{text},"status":{leg.status}}}'


def _figure(value: float) -> str:
    """Microseconds, by whole numbers: any other way of writing a fraction takes several times as
    long."""
    if not 0 <= value < _MOST_QUICKLY_WRITTEN:
        return repr(value)
    millionths = int(value * 1e6 + 0.5)
    return f"{millionths // 1_000_000}.{str(1_000_000 + millionths % 1_000_000)[1:]}"


def _encode_quality(quality: LegQuality) -> str:
    text = f'{{"received":{quality.received},"sent":{quality.sent}'
    if quality.lost is not None:
        text += f',"lost":{quality.lost}'
    if quality.jitter_ms is not None:
        text += f',"jitter_ms":{_figure(quality.jitter_ms)}'
    if quality.round_trip_ms is not None:
        text += f',"round_trip_ms":{_figure(quality.round_trip_ms)}'
    if quality.mos is not None:
        text += f',"mos":{_figure(quality.mos)}'
    return text + "}"


def encode_reason(reason: Reason) -> str:
    """A reason as it stands among others in its column."""
    params = ",".join([f"{_quoted(name)}:{_quoted(text)}" for name, text in reason.params.items()])
    return f"[{_quoted(reason.key)},{{{params}}}]"


def _decode_leg(data: Mapping[str, Any]) -> LegRecord:
    values = {name: value for name, value in data.items() if name in _LEG_FIELDS}
    if "cause" in values:
        values["cause"] = _cause(values["cause"])
    if "quality" in values:
        quality = values["quality"]
        values["quality"] = LegQuality(**{n: v for n, v in quality.items() if n in _QUALITY_FIELDS})
    return LegRecord(**values)


def _cause(text: str) -> Cause:
    """A cause that only a newer version knows reads as a failure."""
    try:
        return Cause(text)
    except ValueError:
        return Cause.FAILURE


def legible(text: str) -> str:
    """Octets that were no UTF-8 on the wire (surrogates here) would be refused by SQLite."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
