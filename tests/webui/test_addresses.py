"""Tests of webui/addresses.py: a telephone is sent where it can go, however the page was opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import g

from tests.commands.stand_in import STATUS, StandIn
from tests.webui.conftest import Web
from webui.addresses import link_for_phones, name_for_phones
from webui.app import create_app
from webui.settings import WebSettings

OWN = STATUS["host"]


def _link(folder: Path, asked: str) -> str:
    app = create_app(WebSettings(data=folder, hosts=("pbx.example.org",)))
    with app.test_request_context(base_url=asked):
        g.language = "en"
        return link_for_phones("/sheet/x")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("http://localhost:8080", f"http://{OWN}:8080"),
        ("http://127.0.0.1", f"http://{OWN}"),
        ("http://[::1]:8080", f"http://{OWN}:8080"),
        ("http://dozvon.local:8080", f"http://{OWN}:8080"),
        ("http://192.168.7.1:8080", "http://192.168.7.1:8080"),
        ("http://[fd00::7]:8080", "http://[fd00::7]:8080"),
        ("https://PBX.example.org", "https://pbx.example.org"),
    ],
)
def test_a_link_leads_a_telephone_to_these_pages(
    folder: Path, box: StandIn, asked: str, told: str
) -> None:
    assert _link(folder, asked).lower() == f"{told}/sheet/x"


def test_while_the_daemon_is_down_the_browsers_word_is_all_there_is(folder: Path) -> None:
    assert _link(folder, "http://localhost:8080") == "http://localhost:8080/sheet/x"


@pytest.mark.parametrize(
    ("asked", "told"), [("localhost", OWN), ("192.168.7.1", "192.168.7.1"), ("pbx.local", OWN)]
)
def test_an_account_names_a_server_that_a_telephone_reaches(
    web: Web, asked: str, told: str
) -> None:
    with web.app.test_request_context(base_url=f"http://{asked}:8080"):
        assert name_for_phones(STATUS) == told
        assert name_for_phones(STATUS | {"host": "fd00::1"}) in (told, "[fd00::1]")
        assert name_for_phones(None) == asked
