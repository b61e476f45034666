"""An office for tests of pages: settings in config.db, of the kit's plain document."""

from __future__ import annotations

from typing import Any

from appliance.config.codec import from_data, to_data
from appliance.config.model import Document
from appliance.config.presets import factory_document
from tests.kit.office import office, secret_of, trunk
from tests.webui.conftest import Web

HOSTILE = "<script>alert(1)</script>"


def furnish(web: Web, **parts: Any) -> Document:
    """Save an office of 2001..2003 with the trunk ``first`` and a DID at 2001."""
    given = {
        "trunks": [trunk("first", "sip.example.net", 5060)],
        "dids": [{"number": "+74951234567", "trunk": "first", "extension": "2001"}],
    }
    data = to_data(factory_document()) | office(**(given | parts))
    del data["format"]
    data["classes"] = to_data(factory_document())["classes"]
    store = web.store()
    store.save(from_data(data), store.load()[0], "test", "an office")
    document = store.load()[1]
    store.close()
    return document


def settings(web: Web) -> Document:
    """The newest settings."""
    store = web.store()
    document = store.load()[1]
    store.close()
    return document


__all__ = ["HOSTILE", "furnish", "secret_of", "settings"]
