"""How fast our TFTP is beside tftp-hpa: one file, one client (atftp), in one run.

``python -m benchmarks.tftp``. Ours with and without windows (RFC 7440), tftp-hpa's without, because
it knows none; blocks of 1,428 octets everywhere. The ratio is what counts.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.kit.ports import PortRange
from tests.kit.processes import wait_until

_FILE_OCTETS = 20_000_000
_OURS = """
import asyncio, socket, sys
from pathlib import Path
from provisioning.tftp import TftpServer
content = Path(sys.argv[2]).read_bytes()
async def main():
    async def contents(asked):
        return content
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", int(sys.argv[1])))
    TftpServer(contents).listen(sock)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def measure_tftp(folder: Path) -> dict[str, Any]:
    """MB/s of one file by one client from each server."""
    source = folder / "served" / "file.bin"
    source.parent.mkdir()
    source.write_bytes(bytes(range(256)) * (_FILE_OCTETS // 256))
    folder.chmod(0o755)
    ports = PortRange()
    ours, theirs = ports.one(), ports.one()
    hpa = shutil.which("in.tftpd", path="/usr/sbin") or "in.tftpd"
    theirs_argv = [hpa, "-L", "-a", f"127.0.0.1:{theirs}", "-u", "root", "-s", str(source.parent)]
    with (
        subprocess.Popen([sys.executable, "-c", _OURS, str(ours), str(source)]) as mine,
        subprocess.Popen(theirs_argv) as other,
    ):
        try:
            _probe(ours)
            _probe(theirs)
            found = {
                "ours_window_16": _rate(folder, ours, "windowsize 16"),
                "ours": _rate(folder, ours),
                "tftp_hpa": _rate(folder, theirs),
            }
        finally:
            mine.terminate()
            other.terminate()
    ports.close()
    ratio = round(found["ours_window_16"] / found["tftp_hpa"], 2)
    return {**found, "window_over_tftp_hpa": ratio}


def _probe(port: int) -> None:
    def is_there() -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.3)
            sock.sendto(b"\0\1no-such-file\0octet\0", ("127.0.0.1", port))
            try:
                return bool(sock.recvfrom(600))
            except OSError:
                return False

    wait_until(is_there, 15, f"TFTP answers at {port}")


def _rate(folder: Path, port: int, *options: str) -> float:
    """MB/s, the best of three."""
    target = folder / "got"
    argv = ["atftp", "--option", "blksize 1428"]
    for option in options:
        argv += ["--option", option]
    argv += ["--get", "-r", "file.bin", "-l", str(target), "127.0.0.1", str(port)]
    best = 0.0
    for _ in range(3):
        target.unlink(missing_ok=True)
        began = time.monotonic()
        subprocess.run(argv, check=True, capture_output=True, timeout=120)
        best = max(best, _FILE_OCTETS / 1e6 / (time.monotonic() - began))
        assert target.stat().st_size == _FILE_OCTETS // 256 * 256
    return round(best, 1)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps({"tftp_mb_per_s": measure_tftp(Path(name))}, indent=2))


if __name__ == "__main__":
    main()
