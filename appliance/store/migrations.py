"""The steps that make state.db what it is, in order; a file remembers how many it has seen.

Data only. A step that was released is never changed: what is to be otherwise is a new step.
"""

from __future__ import annotations

_FIRST = (
    """
    CREATE TABLE bindings (
        key TEXT PRIMARY KEY,
        address_of_record TEXT NOT NULL,
        expires_at REAL NOT NULL,
        detail TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY,
        call_ref TEXT NOT NULL UNIQUE,
        started_at REAL NOT NULL,
        direction TEXT NOT NULL,
        caller TEXT NOT NULL,
        caller_name TEXT NOT NULL,
        dialled TEXT NOT NULL,
        number TEXT NOT NULL,
        sent TEXT NOT NULL,
        trunk TEXT NOT NULL,
        answered_by TEXT NOT NULL,
        setup_s REAL,
        talk_s REAL NOT NULL,
        total_s REAL NOT NULL,
        cause TEXT NOT NULL,
        legs TEXT NOT NULL,
        reasons TEXT NOT NULL,
        alerts TEXT NOT NULL,
        revision INTEGER NOT NULL
    )
    """,
    "CREATE INDEX calls_by_start ON calls (started_at)",
    "CREATE INDEX calls_by_caller ON calls (caller, started_at)",
    "CREATE INDEX calls_by_number ON calls (number, started_at)",
    """
    CREATE TABLE open_calls (
        call_ref TEXT PRIMARY KEY,
        started_at REAL NOT NULL,
        summary TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

_DIALOGS = (
    """
    CREATE TABLE dialogs (
        key TEXT PRIMARY KEY,
        detail TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

_CHECKSUMS = ("ALTER TABLE calls ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0",)

_MESSAGES = (
    """
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        line TEXT NOT NULL,
        direction TEXT NOT NULL,
        number TEXT NOT NULL,
        text TEXT NOT NULL,
        sent_at TEXT NOT NULL,
        at REAL NOT NULL,
        reference TEXT NOT NULL
    )
    """,
)

_PHONES = (
    """
    CREATE TABLE phones (
        mac TEXT PRIMARY KEY,
        detail TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE phone_requests (
        id INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        mac TEXT NOT NULL,
        detail TEXT NOT NULL
    )
    """,
    "CREATE INDEX phone_requests_by_mac ON phone_requests (mac, id)",
    """
    CREATE TABLE claim_codes (
        extension TEXT PRIMARY KEY,
        code TEXT NOT NULL,
        expires_at REAL NOT NULL
    ) WITHOUT ROWID
    """,
)

_MORE_CHECKSUMS = tuple(
    f"ALTER TABLE {table} ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0"
    for table in ("messages", "claim_codes")
)

_SIGHTINGS = (
    """
    CREATE TABLE busy_sightings (
        line TEXT PRIMARY KEY,
        tone TEXT NOT NULL,
        times INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)

_VOICE_MESSAGES = (
    """
    CREATE TABLE voice_messages (
        ident TEXT PRIMARY KEY,
        extension TEXT NOT NULL,
        caller TEXT NOT NULL,
        caller_name TEXT NOT NULL,
        at REAL NOT NULL,
        seconds REAL NOT NULL,
        is_heard INTEGER NOT NULL,
        checksum INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)

#: No question ever used them: whoever looks for a party looks into several columns at once.
_FEWER_INDEXES = ("DROP INDEX calls_by_caller", "DROP INDEX calls_by_number")

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _DIALOGS,
    _CHECKSUMS,
    _MESSAGES,
    _PHONES,
    _MORE_CHECKSUMS,
    _SIGHTINGS,
    _VOICE_MESSAGES,
    _FEWER_INDEXES,
)
