"""The short form of the hour's soak: after the warm-up nothing grows (benchmarks/soak.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_calls_leave_nothing_behind() -> None:
    """40 s until the first transactions are over, 20 s of looks, 40 s until the last ones are."""
    command = [sys.executable, "-m", "benchmarks.soak", "--hours", "0.006", "--warm-up", "40"]
    done = subprocess.run(
        [*command, "--every", "3"],
        cwd=ROOT,
        env={**os.environ, "DOZVON_BENCH_PORT": "13060"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "flat"
