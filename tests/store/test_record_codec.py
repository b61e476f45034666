"""A record comes back as it went in."""

from __future__ import annotations

import json

from appliance.call.leg import Cause
from appliance.store.record_codec import COLUMNS, decode_record, encode_record
from tests.store.records import make_record


def test_a_full_record_comes_back() -> None:
    record = make_record()
    assert decode_record(encode_record(record)) == record


def test_a_bare_record_comes_back() -> None:
    record = make_record(setup_s=None, legs=(), reasons=(), alerts=(), cause=Cause.RESTART)
    assert decode_record(encode_record(record)) == record


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
