"""A disk that fails: whatever a program writes below a folder, or reads there, ends with EIO while
that is wanted.

Owns the library that stands between the program and libc (failing_disk.c), and its switch. The
files themselves are sound: what failed was never written.
"""

from __future__ import annotations

from pathlib import Path

from tests.kit.processes import run

_SOURCE = Path(__file__).with_suffix(".c")


class FailingDisk:
    """environment: of a program whose files below ``folder`` shall be on that disk."""

    def __init__(self, work: Path, folder: Path) -> None:
        library = work / "failing_disk.so"
        flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror"]
        run(["cc", *flags, "-o", str(library), str(_SOURCE), "-ldl"], 60)
        self._switch = work / "the-disk-fails"
        self._reads = work / "the-disk-cannot-be-read"
        self.environment = {
            "LD_PRELOAD": str(library),
            "DOZVON_FAILING_FOLDER": str(folder),
            "DOZVON_FAILING_SWITCH": str(self._switch),
            "DOZVON_FAILING_READS": str(self._reads),
        }

    def fail(self) -> None:
        """From now on nothing can be written."""
        self._switch.touch()

    def fail_to_read(self, part: str) -> None:
        """From now on no file can be read whose path holds this."""
        self._reads.write_text(part)

    def heal(self) -> None:
        """As if nothing had been."""
        self._reads.unlink(missing_ok=True)
        self._switch.unlink(missing_ok=True)
