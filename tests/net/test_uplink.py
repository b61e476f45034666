"""The default gateway and the name servers, out of the files of the kernel and the resolver."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from appliance.net.uplink import default_gateway, name_servers

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
lan0\t00004E0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
lan0\t00000000\tFD004E0A\t0003\t0\t0\t600\t00000000\t0\t0\t0
lan0\t00000000\tFE004E0A\t0003\t0\t0\t100\t00000000\t0\t0\t0
wan0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0
odd
"""


@pytest.mark.skipif(sys.byteorder != "little", reason="the kernel writes in its own byte order")
def test_the_gateway_is_that_of_the_interface_with_the_best_route(tmp_path: Path) -> None:
    (tmp_path / "route").write_text(ROUTES)
    found = [default_gateway(name, tmp_path / "route") for name in ("lan0", "wan0", "tun0", "no")]
    assert found == ["10.78.0.254", "192.0.2.1", "", ""]
    assert default_gateway("lan0", tmp_path / "missing") == ""


def test_a_resolver_of_this_machine_alone_is_passed_over(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("# nameserver 9.9.9.9\nnameserver 127.0.0.53\nnameserver ::1\nnameserver\n")
    second.write_text("search office\nnameserver 10.78.0.254\nnameserver 10.78.0.253\n")
    assert name_servers((first, tmp_path / "missing", second)) == ("10.78.0.254", "10.78.0.253")
    assert name_servers((first,)) == ()
