"""Are the databases whole? SQLite's own quick check, by a connection that only reads."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from appliance.doctor.finding import Finding, Patient, fault, ok, warning
from appliance.store.trouble import DAMAGED, key_of

_FILES = ("config.db", "state.db", "web.db")
_BUSY_S = 5.0


def check(patient: Patient) -> list[Finding]:
    """One line a file; one more when a damaged file was put aside."""
    if patient.is_closed:
        return []  # service.py tells it; a file that we may not open is not damaged
    findings = [_look(patient.data / name) for name in _FILES if (patient.data / name).exists()]
    if not findings:
        findings.append(warning("databases.none", folder=patient.data))
    aside = sorted(p.name for p in patient.data.glob("*.db.damaged-*"))
    if aside:
        findings.append(warning("databases.aside", files=", ".join(aside)))
    return findings


def _look(path: Path) -> Finding:
    try:
        uri = f"file:{quote(str(path))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as database:
            (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        if key_of(error) != DAMAGED:  # locked, or the disk is full or does not give it
            return fault("databases.unread", file=path.name, said=str(error)[:200])
        said = str(error)
    if said == "ok":
        return ok("databases.whole", file=path.name)
    return fault("databases.damaged", file=path.name, said=str(said)[:200])
