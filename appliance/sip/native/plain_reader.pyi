"""plain_reader.c, made by scripts/compile.py; see there what plain is."""

def read_message(
    data: bytes,
) -> tuple[str, str, int, dict[str, str], dict[str, list[str]] | None, bytes] | None:
    """(method, Request-URI, 0, …) or (reason, "", status, …), then the first value of each key,
    all values of those keys that stand in several lines, and the body; None for a message that is
    not plain."""

def read_fields(data: bytes) -> list[tuple[str, str, str]]:
    """Fields in order (key, name as written, value) of a message that read_message has read."""

def know_names(keys: dict[str, str]) -> None:
    """Names of header fields as they are mostly written, with their keys; others cost more."""
