"""plain_values.c, made by scripts/compile.py; see there what plain is. None: it is not plain."""

def read_params(text: str) -> dict[str, str | None] | None:
    """What grammar.parse_params gives."""

def read_name_addr(text: str) -> tuple[str, str, dict[str, str | None]] | None:
    """Display name, URI and parameters of ``"Display" <uri>;params``."""

def read_via(text: str) -> tuple[str, str, int | None, dict[str, str | None]] | None:
    """Transport, host, port and parameters of one Via."""

def read_cseq(text: str) -> tuple[int, str] | None:
    """Number and method."""

def read_figure(text: str) -> int | None:
    """A figure of at most nine digits."""

def read_digest(text: str) -> dict[str, str] | None:
    """What digest.parse_digest gives."""
