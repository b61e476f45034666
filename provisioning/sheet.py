"""Everything that a telephone must be told, as rows to read and to copy: for what no table knows.

PURE. The page of a phone shows these rows with a button beside each; ``qr`` is the text of the code
that a softphone's camera reads. A code holds the one-time URL and never the password.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioning.api import NeutralSettings
from provisioning.catalogue import Catalogue, shipped


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
    for book in settings.phone_books:
        yield Row("phone_book", book.url)


def qr(brand: str, url: str, catalogue: Catalogue | None = None) -> str:
    """The text of a softphone's code, or empty for a brand without one. url: one-time, ends with
    ``/``: it is all that the code holds."""
    found = (catalogue or shipped()).brand(brand)
    pattern = found.discovery.get("qr") if found else None
    if not isinstance(pattern, str):
        return ""
    path = url.partition("://")[2]
    return pattern.replace("{url_host_and_path}", path).replace("{url}", url)
