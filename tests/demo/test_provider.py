"""The provider's process: starts, refuses, ends with its input. Calls: interop/box/test_demo.py."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from appliance.demo.child import ProviderOptions, ProviderProcess
from appliance.errors import UserError
from appliance.net.control_client import call


def options(folder: Path, port: int = 0) -> ProviderOptions:
    return ProviderOptions(
        port=port,
        username="74950002000",
        secret="x7kq2mzrw4tp9h",
        language="en",
        control=folder / "provider.sock",
    )


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[ProviderProcess]:
    with ProviderProcess(options(tmp_path)) as process:
        yield process


def test_it_calls_nobody_before_the_box_has_registered(
    provider: ProviderProcess, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as told:
        call(tmp_path / "provider.sock", "call", {"number": "+74950002001"}, 5)
    assert told.value.key == "demo.not_registered"
    with pytest.raises(UserError) as told:
        call(tmp_path / "provider.sock", "hangup", {}, 5)
    assert told.value.key == "control.unknown_operation"


def test_it_listens_where_it_says(provider: ProviderProcess) -> None:
    with closing(socket.create_connection(("127.0.0.1", provider.port), 5)):
        assert provider.port


def test_a_taken_port_makes_it_take_another(provider: ProviderProcess, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with ProviderProcess(options(tmp_path / "second", provider.port)) as second:
        assert second.port not in (0, provider.port)


def test_it_ends_with_its_input(provider: ProviderProcess, tmp_path: Path) -> None:
    assert (tmp_path / "provider.sock").exists()
    provider.close()
    assert not (tmp_path / "provider.sock").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", provider.port), 5)


def test_it_wants_a_secret() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "appliance.demo.provider"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2 and "secret" in done.stderr and not done.stdout
