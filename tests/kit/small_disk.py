"""A disk of a few hundred kilobytes that can be filled up, emptied, and made read-only.

Owns a mount of tmpfs, which always ends. Needs root; KitError elsewhere, for a disk that never
fills proves nothing.
"""

from __future__ import annotations

from pathlib import Path

from tests.kit.closing import Closing
from tests.kit.processes import run

_STEP_OCTETS = 4096


class SmallDisk(Closing):
    """A folder that is a disk of its own; a context manager that always unmounts it."""

    def __init__(self, folder: Path, kilobytes: int) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"
        folder.mkdir(parents=True)
        run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)])

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("ab", buffering=0) as file:
            for octets in (_STEP_OCTETS, 1):
                try:
                    while file.write(b"x" * octets):
                        pass
                except OSError:
                    continue

    def make_room(self) -> None:
        """Take away what filled it."""
        self._ballast.unlink(missing_ok=True)

    def read_only(self, *, is_so: bool = True) -> None:
        """What a kernel does to a disk that fails: it takes no writes at all."""
        run(["mount", "-o", f"remount,{'ro' if is_so else 'rw'}", str(self.folder)])

    def close(self) -> None:
        run(["umount", "-l", str(self.folder)])
