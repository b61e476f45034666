"""The short form of ``benchmarks.ringing``: it measures, and the board that it rings is whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_it_measures_edges_and_cost() -> None:
    """The punctuality of a machine that does other things meanwhile is not judged here."""
    command = [sys.executable, "-m", "benchmarks.ringing", "--seconds", "3", "--load", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = re.findall(r"^(RU|US) (.{9}): (\d+) edges.* (\d+) Hz, .*", done.stdout, re.MULTILINE)
    assert [(country, what.strip(), hz) for country, what, _, hz in rows] == [
        ("RU", "alone", "25"),
        ("US", "alone", "20"),
        ("RU", "+ 1 busy", "25"),
    ]
    assert all(int(edges) > 100 for _, _, edges, _ in rows), "four telephones ring"
    costs = re.findall(r"^cost (.+): ([\d.]+)% of a core", done.stdout, re.MULTILINE)
    assert [what for what, _ in costs] == ["idle", "4 ringing"]
    assert float(costs[1][1]) > 0
