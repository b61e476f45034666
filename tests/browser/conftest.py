"""One browser for all tests of this folder; a new box with its pages for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from appliance.demo.child import ProviderOptions, ProviderProcess
from tests.browser.walk import Provider
from tests.kit.box import Box
from tests.kit.browser import chromium
from tests.kit.office import office


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """It ends with this folder: while it lives, no other test could run an event loop."""
    with chromium() as started:
        yield started


@pytest.fixture
def new_box(tmp_path: Path) -> Iterator[Box]:
    """A box that nobody has claimed or set up."""
    document = office(extensions=(), dialling={"name": "none", "outside_prefix": ""})
    with Box(tmp_path / "box", document) as box:
        yield box.start("--with-web")


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    """A provider that registers one account."""
    options = ProviderOptions(
        port=0,
        username="74950002000",
        secret="Wm4kq9xT2cVbR7",
        language="en",
        control=tmp_path / "provider.sock",
    )
    with ProviderProcess(options) as process:
        yield Provider(process.port, options.username, options.secret)
