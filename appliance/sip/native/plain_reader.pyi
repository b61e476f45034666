"""plain_reader.c, made by scripts/compile.py; see there what plain is."""

def read_message(
    data: bytes,
) -> tuple[str, str, int, list[tuple[str, str, str]], dict[str, list[str]], bytes] | None:
    """(method, Request-URI, 0, …) or (reason, "", status, …), then fields (key, name as written,
    value), values by key, and the body; None for a message that is not plain."""

def know_names(keys: dict[str, str]) -> None:
    """Names of header fields as they are mostly written, with their keys; others cost more."""
