"""sheet.py: every value of a telephone that no table knows, and which of them are secret."""

from __future__ import annotations

from provisioning.sheet import rows
from tests.provisioning.sheets import settings


def test_the_sheet_says_everything_and_marks_secrets() -> None:
    found = {(row.key, row.account): row for row in rows(settings())}
    assert found["user", 1].value == "2001" and found["server", 1].value == "192.168.50.1"
    assert found["password", 1].value == "s3cret-of-2001" and found["password", 1].is_secret
    assert found["port", 1].value == "5070" and found["transport", 1].value == "TCP"
    assert {row.key for row in found.values() if row.is_secret} == {"password"}
    assert found["vlan", 0].value == "120"


def test_without_secrets_no_secret_is_on_the_sheet() -> None:
    assert "password" not in {row.key for row in rows(settings().without_secrets())}
