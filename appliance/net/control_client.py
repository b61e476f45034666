"""A small client of the control socket for programs that may wait: the command line, the web.

Owns a connection for the length of one call. The protocol is told in control.py.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from appliance.errors import UserError

_CHUNK_OCTETS = 64 * 1024
_LARGEST_ANSWER_OCTETS = 64 * 1024 * 1024


def call(
    path: Path | str, op: str, args: Mapping[str, Any] | None = None, timeout_s: float = 10.0
) -> Any:
    """Ask the running daemon and return its result.

    Raises UserError: the daemon's own key and params, or ``control.not_running``,
    ``control.no_permission``, ``control.timeout``, ``control.bad_answer``.
    """
    request = json.dumps({"op": op, "args": dict(args or {})}, separators=(",", ":")).encode()
    deadline = time.monotonic() + timeout_s
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout_s)
            sock.connect(str(path))
            sock.sendall(request + b"\n")
            line = _read_line(sock, deadline)
    except TimeoutError as error:
        raise UserError("control.timeout", path=str(path), seconds=timeout_s) from error
    except PermissionError as error:
        raise UserError("control.no_permission", path=str(path)) from error
    except OSError as error:
        raise UserError("control.not_running", path=str(path)) from error
    return _result(line)


def _read_line(sock: socket.socket, deadline: float) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        sock.settimeout(left_s)
        chunk = sock.recv(_CHUNK_OCTETS)
        received += chunk
        if not chunk or len(received) > _LARGEST_ANSWER_OCTETS:
            break
    return bytes(received)


def _result(line: bytes) -> Any:
    try:
        answer = json.loads(line)
        if answer["ok"]:
            return answer["result"]
        error = answer["error"]
        key, params = str(error["key"]), dict(error.get("params") or {})
    except (ValueError, KeyError, TypeError) as error:
        raise UserError("control.bad_answer") from error
    params.pop("key", None)
    raise UserError(key, **params)
