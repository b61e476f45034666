"""How quickly the web pages of a large office answer, and how large they are.

A real box with 500 extensions, 200 desk phones, 200 rules and outside numbers, 500 revisions of its
settings and 20,000 calls in its journal; every page of the menu and its live part is asked for.
Prints the processor time of the page's own thread (median), the time until it was there, and its
size. ``python -m benchmarks.pages [--rounds N] [--extensions N]``
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from appliance.call.record import CallRecord
from appliance.config import revisions
from appliance.config.diff import Change
from appliance.config.store import KEPT, ConfigStore
from appliance.store.journal import Journal
from appliance.store.writer import StateWriter
from tests.kit.box import Box
from tests.kit.office import office, trunk
from tests.kit.ports import free_port
from tests.store.records import make_record
from webui.access import Role
from webui.app import create_app
from webui.settings import WebSettings

CALLS = 20_000
PHONES = RULES = 200
_FIRST = 20_000
#: What is asked for beside the pages of the menu.
OTHERS = (
    "/extensions/?page=10",
    "/extensions/?q=450",
    f"/extensions/{_FIRST + 7}",
    f"/extensions/{_FIRST + 7}/edit",
    "/extensions/new",
    "/numbers/new",
    f"/journal/?party={_FIRST + 7}",
    "/journal/?party=nobody",
    "/journal/calls.csv",
    "/history/2",
    f"/try/?number=99990000&who={_FIRST}",
    "/status/live?once=1",
    "/extensions/live?once=1",
    "/phones/live?once=1",
)


def large_office(extensions: int) -> dict[str, Any]:
    """Its settings. Names are Cyrillic, as most are."""
    numbers = [str(_FIRST + n) for n in range(extensions)]
    ways = [trunk("first", "192.0.2.1", 5060)]
    dids = [
        {"number": f"+7495700{n:04}", "trunk": "first", "extension": numbers[n % extensions]}
        for n in range(RULES)
    ]
    document = dict(office(extensions=tuple(numbers), trunks=ways, dids=dids))
    for n, extension in enumerate(document["extensions"]):
        extension["name"] = f"Сотрудник {n} отдела снабжения"
    document["rules"] = [
        {"name": f"rule {n}", "kinds": ["national"], "prefix": f"7{n:03}", "ways": ["first"]}
        for n in range(RULES)
    ]
    document["phones"] = [
        {
            "mac": f"805ec000{n:04x}",
            "label": f"Стол {n}",
            "brand": "yealink",
            "model": "T46U",
            "extensions": [numbers[n % extensions]],
        }
        for n in range(PHONES)
    ]
    return document


def fill_history(data: Path) -> None:
    """Revisions up to the bound, each of them one extension's other name."""
    store = ConfigStore(data / "config.db")
    newest, document = store.load()
    store.close()
    with closing(sqlite3.connect(data / "config.db")) as database, database:
        for number in range(newest + 1, newest + KEPT):
            made = (Change(f"extensions[{_FIRST}].name", f"Имя {number - 1}", f"Имя {number}"),)
            entry = revisions.Revision(number, "anna", "другое имя", time.time(), made)
            revisions.insert(database, entry, document)
    database.close()


def calls() -> Iterator[CallRecord]:
    """A year of calls."""
    now = time.time()
    for n in range(CALLS):
        caller = str(_FIRST + n % 500)
        yield make_record(f"bench{n:06}", started_at=now - n * 1577.0, caller=caller)


def fill_journal(data: Path) -> None:
    """Before the box starts: it is the writer."""
    data.mkdir(parents=True, exist_ok=True)
    writer = StateWriter(data / "state.db")
    journal = Journal(writer)
    for kept in [journal.append(record) for record in calls()]:
        kept.result(60)
    writer.close()


@dataclass(frozen=True, slots=True)
class Figure:
    """Of one address: medians in ms, octets, and the answer's code."""

    path: str
    processor_ms: float
    whole_ms: float
    octets: int
    code: int

    def __str__(self) -> str:
        times = f"{self.processor_ms:9.1f} ms {self.whole_ms:9.1f} ms"
        return f"{self.path:34} {self.code:4} {times} {self.octets / 1000:9.1f} kB"


def measured(client: FlaskClient, path: str, rounds: int) -> Figure:
    """Ask so often, after once for warmth."""
    processor, whole, octets, code = [], [], 0, 0
    for turn in range(rounds + 1):
        began, spent = time.perf_counter(), time.thread_time()
        answer = client.get(path)
        octets, code = len(answer.get_data()), answer.status_code
        answer.close()
        if turn:
            processor.append((time.thread_time() - spent) * 1000)
            whole.append((time.perf_counter() - began) * 1000)
    return Figure(path, statistics.median(processor), statistics.median(whole), octets, code)


def pages_of_menu(app: Flask) -> list[str]:
    """Every page that needs no name in its address."""
    rules = [r for r in app.url_map.iter_rules() if r.endpoint.endswith(".index")]
    return sorted(r.rule for r in rules if not r.arguments and len(r.rule) > 1)


def signed_in(app: Flask) -> FlaskClient:
    """A client with the session of an administrator."""
    parts = app.extensions["dozvon"]
    account = parts.accounts.put("bench", "horse battery staple", Role.ADMIN, "ru")
    client = app.test_client()
    client.set_cookie("dozvon_session", parts.sessions.begin(account, "127.0.0.1", "bench"))
    return client


def main() -> None:
    """Build the office and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--extensions", type=int, default=500)
    given = parser.parse_args()
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="dozvon-"))
        box = stack.enter_context(Box(Path(name), large_office(given.extensions)))
        fill_journal(box.data)
        box.start("--with-phones", "--phones-port", str(free_port()))
        fill_history(box.data)
        app = create_app(WebSettings(data=box.data))
        client = signed_in(app)
        print(f"{'page':34} {'code':>4} {'processor':>12} {'whole':>12} {'size':>12}")
        for path in [*pages_of_menu(app), *OTHERS]:
            print(measured(client, path, given.rounds))


if __name__ == "__main__":
    main()
