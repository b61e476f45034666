"""datagrams.c, made by scripts/compile.py."""

def receive(descriptor: int) -> list[tuple[bytes, bytes]]:
    """Up to 64 datagrams that are there, each with the ``sockaddr`` that it came from; empty when
    there is none. Never blocks. Raises OSError."""

def send(descriptor: int, data: bytes, address: bytes) -> None:
    """One datagram to a ``sockaddr``. Raises OSError, BlockingIOError when there is no room."""
