"""The snapshot in force, as whoever serves a call asks for it.

PURE. Owns nothing else; configuration.py, which waits for disks, puts a snapshot in.
"""

from __future__ import annotations

from appliance.config.model import Snapshot


class InForce:
    """Holds one snapshot; a saved revision puts another in its place."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def current(self) -> Snapshot:
        """Asked several times a call."""
        return self.snapshot
