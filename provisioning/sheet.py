"""Everything that a telephone must be told, as rows to read and to copy: for what no table knows.

PURE. ``dozvon phones sheet`` shows these rows. What may not be told has no row; what is secret is
marked, and whoever shows it decides. No phone book is named: each brand has a form of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioning.api import NeutralSettings


@dataclass(frozen=True, slots=True)
class Row:
    """key: stable, its words are the page's; account: from 1, 0 = of the whole telephone."""

    key: str
    value: str
    account: int = 0
    is_secret: bool = False


def rows(settings: NeutralSettings) -> tuple[Row, ...]:
    """The sheet; what is empty or not to be told now is left out."""
    return tuple(row for row in _rows(settings) if row.value)


def _rows(settings: NeutralSettings) -> Iterator[Row]:
    for n, account in enumerate(settings.accounts, 1):
        yield Row("user", account.number, n)
        yield Row("auth_user", account.auth_name or account.number, n)
        yield Row("password", account.password or "", n, is_secret=True)
        yield Row("name", account.name, n)
        yield Row("server", account.server, n)
        yield Row("port", str(account.port), n)
        yield Row("transport", account.transport.value.upper(), n)
        yield Row("expires", str(account.expires_s), n)
    yield Row("codecs", ", ".join(codec.upper() for codec in settings.codecs))
    yield Row("dtmf", settings.dtmf.value)
    yield Row("ntp", settings.ntp_server)
    yield Row("timezone", settings.timezone)
    yield Row("voicemail", settings.voicemail_number)
    yield Row("pickup", settings.pickup_code)
    yield Row("directed_pickup", settings.directed_pickup_code)
    yield Row("vlan", str(settings.vlan) if settings.vlan else "")
