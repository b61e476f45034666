"""plain_writer.c, made by scripts/compile.py; see there what plain is."""

def write_message(start_line: str, fields: list[tuple[str, str, str]], body: bytes) -> bytes | None:
    """The octets with a true Content-Length; None when a text is not plain. fields: (key, name as
    it shall be written, value)."""
