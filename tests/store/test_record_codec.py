"""A record comes back as it went in."""

from __future__ import annotations

import json
from dataclasses import fields

from appliance.call.leg import Cause
from appliance.call.record import LegQuality, LegRecord
from appliance.routing.decision import Reason
from appliance.store.record_codec import COLUMNS, decode_record, encode_record
from tests.store.records import make_record


def test_a_full_record_comes_back() -> None:
    record = make_record()
    assert decode_record(encode_record(record)) == record


def test_a_bare_record_comes_back() -> None:
    record = make_record(setup_s=None, legs=(), reasons=(), alerts=(), cause=Cause.RESTART)
    assert decode_record(encode_record(record)) == record


def test_what_is_written_by_hand_is_json_with_every_field_that_says_anything() -> None:
    """A field that the record gets one day, and that is not written, fails here."""
    odd = 'a "quoted" \\ name\n'
    quality = LegQuality(received=1, sent=2, lost=0, jitter_ms=0.1, round_trip_ms=12.25, mos=4.1)
    leg = LegRecord(
        leg=3,
        role="terminating",
        party=odd,
        number="2002",
        dialled_after_s=0.203125,
        rang_after_s=1.5,
        answered_after_s=2.000001,
        ended_after_s=3.75,
        cause=Cause.BUSY,
        status=486,
        quality=quality,
    )
    record = make_record(legs=(leg,), reasons=(Reason(odd, {odd: odd}),), alerts=(odd, "b"))
    row = encode_record(record)
    (shown,) = json.loads(row[COLUMNS.index("legs")])
    assert set(shown) == {f.name for f in fields(LegRecord)}
    assert set(shown["quality"]) == {f.name for f in fields(LegQuality)}
    assert len(row) == len(COLUMNS)
    assert decode_record(row) == record


def test_octets_that_were_no_text_are_made_legible() -> None:
    record = make_record(caller_name=b"\xff\xfeAnn".decode("utf-8", "surrogateescape"))
    row = encode_record(record)
    assert row[COLUMNS.index("caller_name")] == "??Ann"


def test_rows_of_another_version_stay_legible() -> None:
    row = list(encode_record(make_record()))
    legs = json.loads(row[COLUMNS.index("legs")])
    legs[0]["invented_later"] = 1
    legs[0]["quality"]["invented_later"] = 1
    legs[0]["cause"] = "cosmic_rays"
    row[COLUMNS.index("legs")] = json.dumps(legs)
    decoded = decode_record(row)
    assert decoded.legs[0].cause is Cause.FAILURE
    assert decoded.legs[0].quality is not None
    assert decoded.legs[0].quality.mos == 4.3
