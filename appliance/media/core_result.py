"""What a command of the C core returned: its figure, or why it failed."""

from __future__ import annotations

import errno
import os

from appliance.errors import LocalProtocolError, MediaError


def checked_result(result: int) -> int:
    """The same figure.

    Raises LocalProtocolError when the stream or line is closed, MediaError ``media.core_failed``
    for the rest.
    """
    if result == -errno.ENOENT:
        raise closed()
    if result < 0:
        raise MediaError("media.core_failed", os.strerror(-result))
    return result


def closed() -> LocalProtocolError:
    """The error for a command to what is closed."""
    return LocalProtocolError("stream is closed")
