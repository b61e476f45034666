"""``dozvon selftest`` on a living box: all well, echo switched off, media blocked by a firewall."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest

from tests.kit.box import Box
from tests.kit.netns import NatNetwork
from tests.kit.processes import KitError, run

MakeBox = Callable[..., Box]


def test_all_is_well(make_box: MakeBox) -> None:
    box = make_box()
    shown = json.loads(box.command("selftest", "--json"))
    assert shown["ok"], shown
    assert shown["measured"]["frequency_hz"] == pytest.approx(1000, abs=20)
    assert box.journal() == [] and box.registrations() == []
    assert box.control("calls")["calls"] == []


def test_a_firewall_blocks_media(make_box: MakeBox) -> None:
    with NatNetwork() as net:
        box = make_box(bind=(net.WAN_HOST,), netns=net.wan)
        low, high = box.rtp_ports
        rules = (
            "add table inet wall",
            "add chain inet wall inside { type filter hook input priority 0; }",
            f"add rule inet wall inside udp dport {low}-{high} drop",
        )
        run(["nft", "; ".join(rules)], netns=net.wan)
        with pytest.raises(KitError, match='"silence"'):
            argv = [
                sys.executable,
                "-m",
                "appliance",
                "selftest",
                "--json",
                "--data",
                str(box.data),
            ]
            run(argv, 30, net.wan)
