"""``dozvon web``: where it listens, what it prints, and the claim code of a lost password."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

from appliance.commands import web
from appliance.options import RunOptions
from tests.commands.conftest import CommandLine
from tests.kit.processes import Program


def test_a_taken_port_is_told(dozvon: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert dozvon("web", "--bind", "127.0.0.1", "--web-port", port) == 1
        assert f"Port {port} at 127.0.0.1" in dozvon.err
        assert "--web-port" in dozvon.err


def test_mistaken_options_are_told(dozvon: CommandLine) -> None:
    assert dozvon("web", "--bind", "nowhere") != 0
    assert "nowhere" in dozvon.err
    assert dozvon("web", "--web-port", "99999") != 0
    assert "99999" in dozvon.err
    assert dozvon("web", "--web-proxy", "proxy.example.org") == 1
    assert "--web-proxy 192.168.1.5" in dozvon.err and "proxy.example.org" in dozvon.err


def test_a_new_claim_code(dozvon: CommandLine) -> None:
    assert dozvon("web", "claim") == 0
    path = dozvon.folder / "claim.code"
    code = path.read_text().strip()
    assert f"{code[:4]}-{code[4:]}" in dozvon.out
    assert dozvon.data("web", "claim")["claim_code"].replace("-", "") == path.read_text().strip()
    assert path.read_text().strip() != code


def test_no_folder_no_code(dozvon: CommandLine) -> None:
    dozvon.folder = dozvon.folder / "missing"
    assert dozvon("web", "claim") == 1
    assert "There is no folder" in dozvon.err
    dozvon.folder = dozvon.folder.parent


def test_it_says_where_the_pages_are_and_the_code(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    argv = [sys.executable, "-m", "appliance", "web", "--data", str(folder), "--json"]
    program = Program([*argv, "--bind", "127.0.0.1", "--web-port", "0"], log)
    try:
        program.wait_until(lambda: "}" in program.log(), 20, "it tells where it listens")
        told = json.loads(program.log())
        assert told["pages"][0].startswith("http://127.0.0.1:")
        assert told["claim_code"].replace("-", "") == (folder / "claim.code").read_text().strip()
    finally:
        program.stop(10)


def test_the_words_for_a_box() -> None:
    options = RunOptions(Path("box"), bind=("127.0.0.1", "::1"), web_port=81)
    words = ["web", "--data", "box", "--bind", "127.0.0.1", "--bind", "::1", "--web-port", "81"]
    assert web.command_of(options) == words
