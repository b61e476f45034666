"""Names of header fields, and the key that all spellings of one share.

PURE. RFC 3261 §7.3.1, §7.3.3: case does not matter, and many names have a compact form.
"""

from __future__ import annotations

from functools import lru_cache

LONGEST_NAME = 200  # longer ones are read anew each time, so that strangers fill no memory
#: RFC 3261 §7.3.3 and the IANA registry of compact forms.
COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
#: The names that we write ourselves.
_KEYS = {
    name: name.lower()
    for name in [
        "Via",
        "Route",
        "Record-Route",
        "Max-Forwards",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Contact",
        "User-Agent",
        "Server",
        "Allow",
        "Supported",
        "Require",
        "Proxy-Require",
        "Session-Expires",
        "Min-SE",
        "Content-Type",
        "Content-Length",
        "Date",
        "Content-Encoding",
        "Authorization",
        "Proxy-Authorization",
        "RSeq",
        "RAck",
        "Reason",
        "Expires",
    ]
}
#: Names as most phones write them, with their keys: these are found soonest, here and by
#: native/plain_reader.c.
KNOWN_NAMES: dict[str, str] = {
    **_KEYS,
    **{key: key for key in _KEYS.values()},
    **COMPACT,
    "CSEQ": "cseq",
    "Call-Id": "call-id",
    "Accept": "accept",
    "Event": "event",
    "Allow-Events": "allow-events",
}


def key_of(name: str) -> str:
    """The name that all spellings of a header share."""
    key = KNOWN_NAMES.get(name)
    if key is not None:
        return key
    return _remembered_key(name) if len(name) <= LONGEST_NAME else name.lower()


@lru_cache(maxsize=1024)
def _remembered_key(name: str) -> str:
    lower = name.lower()
    return COMPACT.get(lower, lower)
