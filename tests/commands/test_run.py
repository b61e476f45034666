"""``dozvon run``: options over variables over defaults, each checked; errors at the start."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from appliance.commands import run
from appliance.errors import ConfigErrors, MediaError, Problem, StoreError, UserError
from appliance.options import RunOptions
from appliance.store.database import StateError
from tests.commands.conftest import CommandLine

NO_VARIABLES: Mapping[str, str] = {}


def options(*words: str, environ: Mapping[str, str] = NO_VARIABLES) -> RunOptions:
    parser = argparse.ArgumentParser()
    run.add_parser(parser.add_subparsers())
    args = parser.parse_args(["run", *words])
    args.data = "box"
    return run.read_options(args, environ)


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_has_ipv6", lambda: True)
    assert options() == RunOptions(
        data=Path("box"),
        config=None,
        bind=("0.0.0.0", "::"),
        sip_port=5060,
        web_port=8080,
        rtp_ports=(10000, 19999),
    )
    monkeypatch.setattr(run, "_has_ipv6", lambda: False)
    assert options().bind == ("0.0.0.0",)


VARIABLES = {
    "DOZVON_CONFIG": "office.yaml",
    "DOZVON_BIND": "127.0.0.1, ::1",
    "DOZVON_SIP_PORT": "5070",
    "DOZVON_WEB_PORT": "8081",
    "DOZVON_RTP_PORTS": "30000-30999",
}


def test_variables() -> None:
    assert options(environ=VARIABLES) == RunOptions(
        Path("box"), Path("office.yaml"), ("127.0.0.1", "::1"), 5070, 8081, (30000, 30999)
    )


def test_options_win_over_variables() -> None:
    words = [
        "--config",
        "b.yaml",
        "--bind",
        "192.0.2.1",
        "--bind",
        "192.0.2.1",
        "--sip-port",
        "0",
        "--web-port",
        "90",
    ]
    chosen = options(*words, "--rtp-ports", "1024-1027", environ=VARIABLES)
    assert chosen == RunOptions(Path("box"), Path("b.yaml"), ("192.0.2.1",), 0, 90, (1024, 1027))


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("--sip-port", "65536"), "run.bad_port"),
        (("--sip-port", "-1"), "run.bad_port"),
        (("--sip-port", ""), "run.bad_port"),
        (("--web-port", "eighty"), "run.bad_port"),
        (("--rtp-ports", "10000"), "run.bad_rtp_ports"),
        (("--rtp-ports", "1023-2000"), "run.bad_rtp_ports"),
        (("--rtp-ports", "2000-1999"), "run.bad_rtp_ports"),
        (("--rtp-ports", "2000-2002"), "run.bad_rtp_ports"),
        (("--rtp-ports", "60000-65536"), "run.bad_rtp_ports"),
        (("--rtp-ports", "5000-5999"), "run.ports_overlap"),
        (("--rtp-ports", "8000-8999"), "run.ports_overlap"),
        (("--sip-port", "8080"), "run.same_port"),
        (("--bind", "localhost"), "run.bad_address"),
        (("--bind", "192.0.2.300"), "run.bad_address"),
    ],
)
def test_mistakes_are_exit_code_2(words: tuple[str, ...], key: str, dozvon: CommandLine) -> None:
    with pytest.raises(UserError) as caught:
        options(*words)
    assert caught.value.key == key
    assert dozvon("run", *words) == 2 and dozvon.err.startswith("dozvon: ")


def test_a_mistaken_variable_is_named() -> None:
    with pytest.raises(UserError) as caught:
        options(environ={"DOZVON_SIP_PORT": "x"})
    assert caught.value.params["option"] == "DOZVON_SIP_PORT"


def test_a_folder_that_is_a_file(dozvon: CommandLine) -> None:
    file = dozvon.folder / "file"
    file.touch()
    dozvon.folder = file
    assert dozvon("run") == 1 and "--data" in dozvon.err


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | int], None]:
    """Put something in the place of the composition root that ends, or fails, at once."""
    import appliance

    def ends_with(outcome: Exception | int) -> None:
        def start(_: RunOptions) -> int:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        module = ModuleType("appliance.daemon")
        vars(module)["run"] = start
        monkeypatch.setitem(sys.modules, "appliance.daemon", module)
        monkeypatch.setattr(appliance, "daemon", module, raising=False)

    return ends_with


@pytest.mark.parametrize("code", [0, 1])
def test_the_exit_code_is_the_daemon_s(
    dozvon: CommandLine, daemon: Callable[[Exception | int], None], code: int
) -> None:
    daemon(code)
    dozvon.folder = dozvon.folder / "new"
    assert dozvon("run") == code
    assert dozvon.folder.stat().st_mode & 0o777 == 0o700


BROKEN = Problem("file.unreadable", "", {"name": "office.yaml", "reason": "gone"})


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (UserError("net.address_in_use", address="::", port=5060), "Порт 5060 на адресе ::"),
        (UserError("control.already_running", path="x"), "уже работает"),
        (ConfigErrors((BROKEN, BROKEN)), "office.yaml"),
        (StateError("store.too_new", "state.db has version 9"), "более новая версия: state.db has"),
        (StoreError("config.db: disk I/O error"), "config.db: disk I/O error"),
        (MediaError("media.core_failed", "Too many open files"), "Too many open files"),
        (OSError(24, "Too many open files"), "Too many open files"),
    ],
)
def test_a_failed_start_is_told(
    dozvon: CommandLine,
    daemon: Callable[[Exception | int], None],
    error: Exception,
    text: str,
) -> None:
    daemon(error)
    assert dozvon("run", language="ru") == 1
    assert text in dozvon.err and "Traceback" not in dozvon.err
    if isinstance(error, ConfigErrors):
        assert len(dozvon.err.splitlines()) == 2
