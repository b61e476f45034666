"""sipp speaks with sipp by our scenarios, and its failures are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.kit.ports import PortRange
from tests.kit.processes import KitError
from tests.kit.sipp import _DEFAULTS, SCENARIOS, Sipp, SippOptions, render


@pytest.fixture
def port() -> Iterator[int]:
    ports = PortRange()
    yield ports.one()
    ports.close()


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.xml")), ids=lambda path: path.stem)
def test_every_scenario_is_xml_with_nothing_left_open(path: Path) -> None:
    text = render(path.stem, _DEFAULTS)
    assert ElementTree.fromstring(text.encode()).tag == "scenario"
    assert "{{" not in text


PAIRS = [
    ("uas_answer", "uac_plain_call", "u1", {}),
    ("uas_answer", "uac_plain_call", "t1", {}),
    ("uas_early", "uac_plain_call", "u1", {}),
    ("uas_refuse", "uac_plain_refused", "u1", {"status": 486}),
    ("uas_rings_then_refuses", "uac_plain_refused", "u1", {"status": 503}),
    ("uas_early_refuse", "uac_plain_refused", "u1", {"status": 404}),
]


@pytest.mark.parametrize(("uas", "uac", "transport", "values"), PAIRS)
def test_scenarios_fit_each_other(
    tmp_path: Path, port: int, uas: str, uac: str, transport: str, values: dict[str, int]
) -> None:
    theirs = SippOptions(port=port, transport=transport, values=values)
    ours = SippOptions(remote=f"127.0.0.1:{port}", transport=transport, values=values)
    with Sipp(tmp_path, uas, theirs) as server, Sipp(tmp_path, uac, ours) as client:
        assert client.wait().successful == 1
        assert server.wait().successful == 1


def test_ipv6(tmp_path: Path, port: int) -> None:
    theirs = SippOptions(host="[::1]", port=port)
    ours = SippOptions(host="[::1]", remote=f"[::1]:{port}")
    with Sipp(tmp_path, "uas_answer", theirs), Sipp(tmp_path, "uac_plain_call", ours) as client:
        assert client.wait().successful == 1
        assert "c=IN IP6 ::1" in client.messages()


def test_a_failure_is_told(tmp_path: Path, port: int) -> None:
    theirs = SippOptions(port=port, values={"status": 486})
    ours = SippOptions(remote=f"127.0.0.1:{port}", timeout_s=5)
    with (
        Sipp(tmp_path, "uas_refuse", theirs),
        Sipp(tmp_path, "uac_plain_call", ours) as client,
        pytest.raises(KitError, match=r"SIP/2\.0 486"),
    ):
        client.wait()
