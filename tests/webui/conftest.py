"""The pages on a data folder of their own, and browsers that only read and send forms."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.config.store import ConfigStore
from tests.commands.stand_in import StandIn, running
from webui.access import Role
from webui.app import create_app
from webui.parts import Parts
from webui.passwords import hash_password
from webui.settings import WebSettings

PASSWORD = "horse battery staple"
_TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


@cache
def _hash_of_password() -> str:
    return hash_password(PASSWORD)


class Browser:
    """A client with a memory for cookies and for the token of the last page's forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""
        self.page = ""
        self.response: TestResponse | None = None

    def get(self, path: str, code: int = 200, **options: object) -> str:
        """Open a page, following nothing; its text."""
        return self._took(self.client.get(path, **options), code)  # type: ignore[arg-type]

    def post(self, path: str, form: Mapping[str, object] | None = None, code: int = 302) -> str:
        """Send a form with the token of the page before; the answer's text."""
        if not self.token:
            self.get("/login" if path != "/claim" else path, code=0)
        data = {"token": self.token, **(form or {})}
        return self._took(self.client.post(path, data=data), code)

    @property
    def location(self) -> str:
        """Where the last answer sent us."""
        assert self.response is not None
        return self.response.headers.get("Location", "")

    def _took(self, response: TestResponse, code: int) -> str:
        self.response = response
        self.page = response.get_data(as_text=True)
        response.close()
        assert code in (0, response.status_code), f"{response.status_code}\n{self.page}"
        if found := _TOKEN.search(self.page):
            self.token = found[1]
        return self.page


class Web:
    """The application, its data folder, and a browser for each role. now: the pages' clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 1_772_440_000.0  # 2026-03-02 08:26:40 UTC
        self.app: Flask = create_app(WebSettings(data=folder, now=lambda: self.now))
        self.parts: Parts = self.app.extensions["dozvon"]

    def anonymous(self, language: str = "en") -> Browser:
        """A browser that nobody signed in with."""
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        return Browser(client)

    def signed_in(self, role: Role = Role.ADMIN, language: str = "en") -> Browser:
        """A browser of an account named as its role."""
        name = role.value
        if self.parts.accounts.find(name) is None:
            self._add(name, role, language)
        self.parts.accounts.set_language(name, language)
        browser = self.anonymous(language)
        account = self.parts.accounts.find(name)
        assert account is not None
        token = self.parts.sessions.begin(account, "127.0.0.1", "test")
        browser.client.set_cookie("dozvon_session", token)
        browser.token = self.parts.sessions.form_token(token)
        return browser

    def _add(self, name: str, role: Role, language: str) -> None:
        """As accounts.put, without the cost of hashing PASSWORD again."""
        row = (name, _hash_of_password(), role.value, language, self.now)
        with self.parts.database.connect() as database:
            database.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", row)

    def store(self) -> ConfigStore:
        """The settings, opened beside the pages; to be closed."""
        return ConfigStore(self.folder / "config.db")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder whose path is short enough for a socket."""
    path = Path(tempfile.mkdtemp(prefix="dozvon-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def web(folder: Path) -> Web:
    return Web(folder)


@pytest.fixture
def box(folder: Path) -> Iterator[StandIn]:
    """A daemon that answers as tests/commands/stand_in.py says."""
    with running(folder) as stand_in:
        yield stand_in
