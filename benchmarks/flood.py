"""What a flood of SIP from strangers does to the calls and the phones of the box.

    python -m benchmarks.flood [--seconds 60] [--rate 2000] [--sources 1 2000]

Starts a box for each number of senders, floods it over loopback, and prints what was measured.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.kit.box import Box
from tests.kit.flood import LAN, besiege
from tests.kit.office import office


def cpu_s(box: Box) -> float:
    """CPU seconds of the daemon so far, user and system."""
    fields = Path(f"/proc/{box.program.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--sources", type=int, nargs="+", default=[1, 2000])
    args = parser.parse_args()
    document = office([2001, 2002, 2008, 2009], site={"local_networks": LAN})
    for sources in args.sources:
        with tempfile.TemporaryDirectory() as folder, Box(Path(folder), document) as box:
            box.start()
            before = cpu_s(box)
            siege = besiege(box, rate=args.rate, seconds=args.seconds, sources=sources)
            used = cpu_s(box) - before
        print(f"{sources} senders, {siege.sent} messages in {args.seconds:.0f} s")
        print(f"  refreshes in 2 s: {siege.refreshed_in_time} of {siege.refreshes}, ", end="")
        print(f"median {siege.refresh_median_s * 1000:.1f} ms, ", end="")
        print(f"worst {siege.refresh_worst_s * 1000:.0f} ms")
        print(f"  media lost: {siege.media_loss:.3%}; normal after {siege.calm_after_s:.2f} s")
        print(f"  CPU of the box: {used / args.seconds:.1%} of one core")


if __name__ == "__main__":
    main()
