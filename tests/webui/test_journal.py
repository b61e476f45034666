"""The journal's pages on a state.db that the real writer wrote."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from appliance.call.leg import Cause
from appliance.call.record import CallRecord
from appliance.store.journal import Journal
from appliance.store.writer import StateWriter
from tests.store.records import make_record
from tests.webui.conftest import Web
from webui.access import Role
from webui.views.journal import SHOWN

START = 1_772_400_000.0  # 2026-03-02 00:20:00 in Moscow
HOSTILE = "<script>alert(1)</script>\u202e\x00"


def keep(folder: Path, records: Sequence[CallRecord]) -> None:
    writer = StateWriter(folder / "state.db")
    journal = Journal(writer)
    for kept in [journal.append(record) for record in records]:
        kept.future.result(30)
    writer.close()


def test_a_box_that_never_ran_has_an_empty_journal(web: Web) -> None:
    page = web.signed_in().get("/journal/")
    assert "No calls yet" in page


def test_a_row_tells_who_called_whom_and_how_it_ended(web: Web) -> None:
    keep(web.folder, [make_record("a1", started_at=START, cause=Cause.NORMAL)])
    page = web.signed_in(language="ru").get("/journal/")
    assert "2001" in page and "95551525" in page and "+74955551525" in page and "1:00" in page
    assert "линия mango" in page


def test_pages_follow_each_other_without_gap_or_double(web: Web) -> None:
    count = 2 * SHOWN + 7
    keep(web.folder, [make_record(f"c{n:04}", started_at=START + n // 2) for n in range(count)])
    browser, path, seen = web.signed_in(), "/journal/", []
    while path:
        page = browser.get(path)
        seen += re.findall(r'href="/journal/c(\d+)"', page)
        links = [part.partition('"')[0] for part in page.split('href="/journal/?before=')[1:]]
        path = f"/journal/?before={links[0]}".replace("&amp;", "&") if links else ""
    assert seen == [f"{n:04}" for n in reversed(range(count))]


def test_filters(web: Web) -> None:
    keep(
        web.folder,
        [
            make_record("a1", started_at=START, caller="2001", answered_by="extension 2002"),
            make_record("b2", started_at=START + 86400, direction="inbound", caller="+79031234567"),
            make_record("c3", started_at=START + 2 * 86400, cause=Cause.BUSY, setup_s=None),
        ],
    )
    browser = web.signed_in()

    def found(**query: str) -> set[str]:
        page = browser.get("/journal/", query_string=query)
        return {ref for ref in ("a1", "b2", "c3") if f"/journal/{ref}" in page}

    assert found() == {"a1", "b2", "c3"}
    assert found(party="2002") == {"a1"}
    assert found(party="+7 903 123-45-67") == {"b2"}
    assert found(direction="inbound") == {"b2"}
    assert found(result="busy") == {"c3"}
    assert found(since="2026-03-03", until="2026-03-03") == {"b2"}
    assert found(party="nobody") == set()


def test_a_day_that_is_none_is_told_beside_its_field(web: Web) -> None:
    page = web.signed_in().get("/journal/?since=yesterday", 422)
    assert "This is no date" in page and 'value="yesterday"' in page


def test_one_call_tells_its_legs_quality_and_reasons(web: Web) -> None:
    keep(web.folder, [make_record("a1", started_at=START)])
    page = web.signed_in().get("/journal/a1")
    assert "extension 2001" in page and "3000" in page and "4.3" in page
    assert "plain" in page and "revision 7" in page
    assert "Until the answer" in page


def test_a_call_that_is_not_there(web: Web) -> None:
    keep(web.folder, [make_record("a1")])
    web.signed_in().get("/journal/zz", 404)


def test_names_from_outside_are_text(web: Web) -> None:
    keep(web.folder, [make_record("a1", caller_name=HOSTILE, caller=HOSTILE, number=HOSTILE)])
    browser = web.signed_in()
    for path in ("/journal/", "/journal/a1"):
        page = browser.get(path)
        assert "<script>alert" not in page and "⟨202E⟩" in page and "\x00" not in page


def test_a_spreadsheet_gets_the_filtered_rows_and_no_formula(web: Web) -> None:
    rows = [
        make_record("a1", started_at=START, caller_name="=HYPERLINK(1)", caller="+74951234567"),
        make_record("b2", started_at=START, direction="inbound"),
    ]
    keep(web.folder, rows)
    browser = web.signed_in()
    text = browser.get("/journal/calls.csv?direction=outbound")
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert len(table) == 2 and len(table[0]) == len(table[1])
    assert "'=HYPERLINK(1)" in table[1] and "+74951234567" in table[1]
    assert browser.response is not None
    assert "attachment" in browser.response.headers["Content-Disposition"]


def test_a_spreadsheet_gets_every_call_however_many(web: Web) -> None:
    """In pieces as they are read: nothing is held back, and nothing is left out."""
    count = 1203
    keep(web.folder, [make_record(f"c{n:05}", started_at=START + n // 3) for n in range(count)])
    answer = web.signed_in().client.get("/journal/calls.csv")
    pieces = [piece.decode() for piece in answer.response]
    assert len(pieces) > 3 and answer.content_length is None
    table = list(csv.reader(io.StringIO("".join(pieces)), delimiter=";"))
    assert [row[-1] for row in table[1:]] == [f"c{n:05}" for n in reversed(range(count))]


def test_damaged_rows_hide_no_older_ones(web: Web) -> None:
    """A page that lost a row still leads to the page behind it."""
    count = 3 * SHOWN
    keep(web.folder, [make_record(f"c{n:04}", started_at=START + n) for n in range(count)])
    damaged = range(count - SHOWN - 9, count - 9)
    with closing(sqlite3.connect(web.folder / "state.db")) as database, database:
        for n in damaged:
            database.execute("UPDATE calls SET caller = 'x' WHERE call_ref = ?", (f"c{n:04}",))
    browser = web.signed_in()
    page = browser.get("/journal/")
    assert page.count('href="/journal/c0') == SHOWN
    older = page.split('href="/journal/?before=')[1].partition('"')[0]
    last = browser.get(f"/journal/?before={older}".replace("&amp;", "&"))
    assert last.count('href="/journal/c0') == SHOWN
    text = browser.get("/journal/calls.csv")
    assert text.count("\r\n") == 1 + count - len(damaged)


def test_a_damaged_database_is_told_and_opens_no_trace(web: Web) -> None:
    (web.folder / "state.db").write_bytes(b"this is no database" * 500)
    page = web.signed_in().get("/journal/")
    assert "damaged" in page


def test_a_page_that_rotted_is_told(web: Web) -> None:
    """The file opens; what is broken is found as rows are read."""
    keep(web.folder, [make_record(f"c{n:04}", started_at=START + n) for n in range(400)])
    path = web.folder / "state.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (root,) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'calls'"
        ).fetchone()
    octets = bytearray(path.read_bytes())
    octets[(root - 1) * 4096 : root * 4096] = b"\xee" * 4096
    path.write_bytes(octets)
    page = web.signed_in().get("/journal/")
    assert "damaged" in page


def test_a_user_without_that_role_sees_no_journal(web: Web) -> None:
    web.signed_in(Role.USER).get("/journal/", 403)
