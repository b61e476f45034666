"""Long lists: the right rows on each page, what a search finds, and that no list is endless."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from appliance.config.model import DestinationKind, DialRule, Did, Document
from tests.commands.stand_in import REGISTRATIONS, STATUS, StandIn
from tests.kit.office import trunk
from tests.webui.conftest import Browser, Web
from tests.webui.office import furnish
from webui.paging import ROWS, address_of, page_of

PEOPLE = ["2001 Анна Бухгалтерия", "2002 Борис Склад", "3001 Anna +7 495 123-45-67", "2003 "]


def found(search: str) -> list[str]:
    return [row.partition(" ")[0] for row in page_of(PEOPLE, str, search).rows]


def test_words_are_found_in_any_order_and_case() -> None:
    assert found("анна") == ["2001"]
    assert found("бухгалтерия АННА") == ["2001"]
    assert found("200") == ["2001", "2002", "2003"]
    assert found("анна склад") == []
    assert found("") == ["2001", "2002", "3001", "2003"]


def test_a_number_is_found_however_it_is_written() -> None:
    assert found("123-45-67") == ["3001"]
    assert found("(123)4567") == ["3001"]
    assert found("1234567") == ["3001"]
    assert found("-") == ["3001"]  # what is no number is looked for as it stands
    assert found("()") == []


@pytest.mark.parametrize("count", [0, 1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS, 3 * ROWS + 7])
def test_pages_follow_each_other_without_gap_or_double(count: int) -> None:
    items = list(range(count))
    first = page_of(items, str, "")
    seen = [row for n in range(1, first.pages + 1) for row in page_of(items, str, "", n).rows]
    assert seen == items
    assert all(len(page_of(items, str, "", n).rows) <= ROWS for n in range(1, first.pages + 1))
    assert first.is_long is (count > ROWS)


@pytest.mark.parametrize("number", [-5, 0, 4, 10**30])
def test_a_page_that_does_not_exist_is_the_nearest(number: int) -> None:
    page = page_of(list(range(3 * ROWS)), str, "", number)
    assert page.number == (1 if number < 1 else 3)
    assert page.rows


def test_a_page_says_where_it_is() -> None:
    page = page_of(list(range(ROWS + 7)), str, "", 2)
    assert (page.first, page.last, page.found, page.pages) == (ROWS + 1, ROWS + 7, ROWS + 7, 2)
    nothing = page_of([], str, "")
    assert (nothing.first, nothing.last, nothing.pages) == (0, 0, 1)


def _large(document: Document) -> Document:
    """130 extensions, outside numbers and rules."""
    (first,) = [e for e in document.extensions if e.number == "2001"]
    numbers = [str(4000 + n) for n in range(130)]
    new = [replace(first, number=n, name=f"Person {n}", caller_id="") for n in numbers]
    dids = [Did(number=f"+7495700{n}", trunk="first", extension=n) for n in numbers]
    kinds = (DestinationKind.NATIONAL,)
    rules = [DialRule(name=f"rule {n}", kinds=kinds, prefix=n, ways=("first",)) for n in numbers]
    return replace(
        document,
        extensions=(*document.extensions, *new),
        dids=(*document.dids, *dids),
        rules=(*rules, *document.rules),
    )


@pytest.fixture
def admin(web: Web, box: StandIn) -> Browser:
    document = _large(furnish(web, trunks=[trunk("first", "sip.example.net", 5060)]))
    store = web.store()
    store.save(document, 1, "test", "a large office")
    store.close()
    row = REGISTRATIONS["registrations"][0]
    rows = [row | {"extension": e.number} for e in document.extensions]
    box.answers["registrations"] = {"registrations": rows}
    alert = STATUS["alerts"][0]
    alerts = [alert | {"key": "unknown_did", "detail": f"first: +7{n}"} for n in range(4000, 4130)]
    box.answers["status"] = STATUS | {"alerts": alerts}
    ban = box.answers["bans"]["bans"][0]
    bans = [ban | {"address": f"203.0.113.9 {n}"} for n in range(4000, 4130)]
    box.answers["bans"] = box.answers["bans"] | {"bans": bans}
    spent = box.answers["spending"]["spending"][0]
    box.answers["spending"] = box.answers["spending"] | {
        "spending": [spent | {"extension": str(n), "name": ""} for n in range(4000, 4130)]
    }
    return web.signed_in()


LISTS = [
    ("extensions", r'href="/extensions/(4\d\d\d)"'),
    ("numbers", r"<strong>\+7495700(4\d\d\d)</strong>"),
    ("rules", r"<h2>\d+\. rule (4\d\d\d)</h2>"),
    ("alerts", r"\+7(4\d\d\d)"),
    ("bans", r"<span>203\.0\.113\.9 (4\d\d\d)</span>"),
    ("spending", r'href="/extensions/(4\d\d\d)"'),
]


@pytest.mark.parametrize(("noun", "row"), LISTS)
def test_every_row_of_a_list_is_reached_by_its_links(admin: Browser, noun: str, row: str) -> None:
    path, seen = f"/{noun}/", []
    for _ in range(9):
        page = admin.get(path)
        here = re.findall(row, page)
        assert len(here) <= ROWS
        seen += here
        onwards = re.search(rf'href="(/{noun}/\?page=\d+)">(?:(?!</a>).)*On</a>', page, re.S)
        if onwards is None:
            break
        path = onwards[1]
    assert sorted(seen) == [str(n) for n in range(4000, 4130)]


@pytest.mark.parametrize(("noun", "row"), LISTS)
def test_a_list_is_searched(admin: Browser, noun: str, row: str) -> None:
    page = admin.get(f"/{noun}/", query_string={"q": "4077"})
    assert set(re.findall(row, page)) == {"4077"}
    assert 'value="4077"' in page and "Show all" in page
    empty = admin.get(f"/{noun}/", query_string={"q": "<b>nobody"})
    assert "Nothing fits" in empty and "<b>nobody" not in empty


@pytest.mark.parametrize("noun", ["extensions", "alerts", "bans", "spending"])
def test_a_live_list_stays_on_its_page_and_is_light(admin: Browser, noun: str) -> None:
    page = admin.get(f"/{noun}/", query_string={"q": "40", "page": "2"})
    live = re.search(r'data-live="([^"]+)"', page)
    assert live is not None
    part = admin.get(live[1].replace("&amp;", "&") + "&once=1")
    shown = dict(LISTS)[noun].replace('"', r"\\\"").replace("</span>", "<")
    assert 0 < len(set(re.findall(shown, part))) <= ROWS
    assert "page=1" not in part and "Back" in part
    assert len(part) < 60_000


def test_changes_of_long_ago_are_reached(web: Web) -> None:
    document = furnish(web)
    store = web.store()
    for n in range(1, 121):
        site = replace(document.site, name=f"Name {n}")
        store.save(replace(document, site=site), n, "anna", f"note {n}.")
    store.close()
    browser, path, seen = web.signed_in(), "/history/", []
    while path:
        page = browser.get(path)
        seen += [int(n) for n in re.findall(r": note (\d+)\.", page)]
        older = re.search(r'href="(/history/\?before=\d+)"', page)
        path = older[1] if older else ""
    assert seen == list(reversed(range(1, 121)))


@pytest.mark.parametrize("number", ["0", "-1", "9" * 30])
def test_numbers_that_no_database_holds_are_no_defect(web: Web, number: str) -> None:
    browser = web.signed_in()
    browser.get(f"/history/?before={number}")
    browser.get(f"/audit/?before={number}")
    browser.get(f"/extensions/?page={number}")
    browser.get(f"/history/{number}", 404)


def test_the_page_on_which_a_row_stands(web: Web) -> None:
    keys = [str(number) for number in range(1, 121)]
    with web.app.test_request_context():
        places = {key: address_of("extensions.index", keys, key) for key in ("1", "50", "51")}
        assert places == {"1": "/extensions/", "50": "/extensions/", "51": "/extensions/?page=2"}
        assert address_of("extensions.index", keys, "120") == "/extensions/?page=3"
        assert address_of("extensions.index", keys, "gone") == "/extensions/"
