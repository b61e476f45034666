"""The certificate of ``dozvon provision``: made once, made anew when damaged, or done without."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from appliance.commands.provision import _certificate
from provisioning.tls import modern_context, old_context


def test_a_certificate_is_made_once(tmp_path: Path) -> None:
    path = _certificate(tmp_path)
    assert path is not None and modern_context(path) and old_context(path)
    first = path.read_bytes()
    assert _certificate(tmp_path) == path and path.read_bytes() == first


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA", b"\xff" * 3000])
def test_a_damaged_one_is_put_aside_and_made_anew(content: bytes, tmp_path: Path) -> None:
    damaged = tmp_path / "phones-tls.pem"
    damaged.write_bytes(content)
    path = _certificate(tmp_path)
    assert path == damaged and modern_context(path)
    kept = [other for other in tmp_path.iterdir() if other != damaged]
    assert [other.read_bytes() for other in kept] == [content]


def test_an_openssl_that_takes_too_long_leaves_phones_without_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(argv: list[str], **_: Any) -> None:
        raise subprocess.TimeoutExpired(argv, 30)

    monkeypatch.setattr("provisioning.tls.subprocess.run", slow)
    assert _certificate(tmp_path) is None
