"""What the tests of the wizard fill in on their way to a step."""

from __future__ import annotations

from appliance.config.model import Document
from tests.webui.conftest import Browser, Web

P9 = {"country": "RU", "profile": "P9", "area_code": "495", "local_length": "7"}
RANGE = {"first": "2001", "last": "2003", "names": "Анна\n\nВера", "class_of_service": "local"}


def document_of(web: Web) -> Document:
    """What the pages have saved."""
    store = web.store()
    try:
        return store.load()[1]
    finally:
        store.close()


def with_extensions(browser: Browser) -> None:
    """The steps before the trunk's are done."""
    browser.post("/wizard/dialling", P9)
    browser.post("/wizard/extensions", RANGE)
