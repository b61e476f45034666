"""What the application is made of, built once by ``create_app``, and how a view reaches it.

Owns nothing itself. ``parts()`` is for code that runs inside a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from webui.accounts import Accounts
from webui.audit import Audit
from webui.broker import Broker
from webui.claim import ClaimCode
from webui.database import WebDatabase
from webui.links import Links
from webui.sessions import Sessions
from webui.settings import WebSettings
from webui.throttle import Throttle


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part that outlives a request."""

    settings: WebSettings
    database: WebDatabase
    accounts: Accounts
    sessions: Sessions
    audit: Audit
    claim: ClaimCode
    throttle: Throttle
    broker: Broker
    links: Links


def build_parts(settings: WebSettings) -> Parts:
    """Open ``web.db`` and build the rest on it; raises StoreError."""
    database = WebDatabase(settings.data / "web.db")
    return Parts(
        settings=settings,
        database=database,
        accounts=Accounts(database, settings.now),
        sessions=Sessions(database, settings.now),
        audit=Audit(database, settings.now),
        claim=ClaimCode(settings.data),
        throttle=Throttle(),
        links=Links(database, settings.now),
        broker=Broker(settings.data / "control.sock", settings.most_listeners),
    )


def parts() -> Parts:
    """The parts of the application that serves this request."""
    return cast(Parts, current_app.extensions["dozvon"])
