"""A CallRecord as columns of ``calls`` and back.

Owns nothing. Legs, reasons and alerts are JSON of short lists; a field that is unknown to this
version is passed over, one that is missing takes its default, so that old rows stay legible.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from appliance.call.leg import Cause
from appliance.call.record import CallRecord, LegQuality, LegRecord
from appliance.routing.decision import Reason

COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(CallRecord))
_LEG_FIELDS = tuple(f.name for f in fields(LegRecord))
_QUALITY_FIELDS = tuple(f.name for f in fields(LegQuality))
_columns_of = attrgetter(*COLUMNS)
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode_record(record: CallRecord) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    values = dict(zip(COLUMNS, _columns_of(record), strict=True))
    values["cause"] = record.cause.value
    values["legs"] = _dump([_encode_leg(leg) for leg in record.legs])
    values["reasons"] = _dump([[r.key, dict(r.params)] for r in record.reasons])
    values["alerts"] = _dump(record.alerts) if record.alerts else "[]"
    return tuple(
        value if type(value) is not str or value.isascii() else _legible(value)
        for value in values.values()
    )


def decode_record(row: Sequence[Any]) -> CallRecord:
    """A row whose columns are COLUMNS."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["cause"] = _cause(values["cause"])
    values["legs"] = tuple(_decode_leg(leg) for leg in json.loads(values["legs"]))
    values["reasons"] = tuple(Reason(key, params) for key, params in json.loads(values["reasons"]))
    values["alerts"] = tuple(json.loads(values["alerts"]))
    return CallRecord(**values)


def _encode_leg(leg: LegRecord) -> dict[str, Any]:
    data = _known(leg, _LEG_FIELDS)
    if leg.cause is not None:
        data["cause"] = leg.cause.value
    if leg.quality is not None:
        data["quality"] = _known(leg.quality, _QUALITY_FIELDS)
    return data


def _known(entity: object, names: Iterable[str]) -> dict[str, Any]:
    """The fields that say anything."""
    values = ((name, getattr(entity, name)) for name in names)
    return {name: value for name, value in values if value is not None}


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


def _legible(text: str) -> str:
    """Octets that were no UTF-8 on the wire (surrogates here) would be refused by SQLite."""
    return text.encode("utf-8", "replace").decode("utf-8")
