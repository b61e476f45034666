"""Whose address the pages see when a proxy of the owner's stands before them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Response, request

from webui.app import create_app
from webui.proxies import plain_address
from webui.settings import WebSettings

PROXY = "192.168.1.5"
Seen = Callable[..., str]


def _seen(folder: Path, source: str, **said: str) -> str:
    """What the application takes for scheme and address of a request from this source."""
    app = create_app(WebSettings(data=folder, proxies=(PROXY, "fd00::5")))
    seen: list[str] = []

    @app.before_request
    def look() -> Response:
        seen.append(f"{request.scheme} {request.remote_addr}")
        return Response()

    headers = {name.replace("_", "-"): value for name, value in said.items()}
    app.test_client().get("/", headers=headers, environ_base={"REMOTE_ADDR": source})
    return seen[0] if seen else ""


@pytest.fixture
def seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    """The gate would answer first."""
    monkeypatch.setattr("webui.app.gate.install", lambda app: None)
    return lambda source, **said: _seen(folder, source, **said)


@pytest.mark.parametrize("source", [PROXY, f"::ffff:{PROXY}", "fd00::5", "FD00:0::5"])
def test_a_named_proxy_is_believed(seen: Seen, source: str) -> None:
    told = {"X_Forwarded_For": "203.0.113.7", "X_Forwarded_Proto": "https"}
    assert seen(source, **told) == "https 203.0.113.7"


def test_the_last_word_is_the_proxys_own(seen: Seen) -> None:
    """What stood there before came from the browser."""
    assert seen(PROXY, X_Forwarded_For="127.0.0.1, 203.0.113.7") == "http 203.0.113.7"
    assert seen(PROXY, X_Forwarded_For="203.0.113.7, ::ffff:198.51.100.9") == "http 198.51.100.9"


@pytest.mark.parametrize("said", ["", "unknown", "203.0.113.7:4711", "203.0.113.7, x", "a" * 4000])
def test_what_is_no_address_is_not_believed(seen: Seen, said: str) -> None:
    assert seen(PROXY, X_Forwarded_For=said) == f"http {PROXY}"


@pytest.mark.parametrize("source", ["192.168.1.6", "127.0.0.1", "fd00::6", ""])
def test_nobody_else_is_believed(seen: Seen, source: str) -> None:
    told = {"X_Forwarded_For": "203.0.113.7", "X_Forwarded_Proto": "https"}
    assert seen(source, **told) == f"http {source}"


def test_addresses_have_one_spelling() -> None:
    assert plain_address("::FFFF:10.0.0.1") == "10.0.0.1"
    assert plain_address("2001:DB8:0::1") == "2001:db8::1"
    assert plain_address("pbx") == plain_address("") == ""
