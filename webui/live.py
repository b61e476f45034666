"""Live parts of pages: one thread asks the daemon once a second while somebody looks.

Owns that thread and the listeners. ``stream`` makes the answer of a ``…/live`` route: server-sent
events (WHATWG HTML §9.2), one named ``part`` for each fragment that changed; ``down`` and ``up``
tell whether the daemon answers. A stream ends after STREAM_S, the browser comes back by itself, and
is checked anew at the door. Beyond the bound of listeners the page asks for ``?once`` now and then.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Response, current_app, g, jsonify, request, stream_with_context

from appliance.errors import UserError
from appliance.net.control_client import call

POLL_S = 1.0
ASK_S = 3.0
STREAM_S = 300.0
_HEARTBEAT_S = 15.0

Answers = Mapping[str, Any]
#: Answers of the daemon by operation -> HTML by the id of a part of the page.
Fragments = Callable[[Answers], Mapping[str, str]]


class Broker:
    """Asks for everybody who looks; ``look`` gives what changed since."""

    def __init__(self, socket: Path, most_listeners: int) -> None:
        self._socket = socket
        self._free = threading.BoundedSemaphore(most_listeners)
        self._changed = threading.Condition()
        self._wanted: dict[str, int] = {}
        self._answers: dict[str, Any] = {}
        self._error: UserError | None = None
        self._version = 0
        self._thread: threading.Thread | None = None

    def join(self, operations: tuple[str, ...]) -> bool:
        """Begin to listen; False when too many do."""
        if not self._free.acquire(blocking=False):
            return False
        with self._changed:
            for name in operations:
                self._wanted[name] = self._wanted.get(name, 0) + 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._ask, name="live", daemon=True)
                self._thread.start()
        return True

    def leave(self, operations: tuple[str, ...]) -> None:
        """Listen no more; the thread ends with the last listener."""
        with self._changed:
            for name in operations:
                self._wanted[name] -= 1
                if not self._wanted[name]:
                    del self._wanted[name]
                    self._answers.pop(name, None)
            self._changed.notify_all()
        self._free.release()

    def look(
        self, operations: tuple[str, ...], since: int, timeout_s: float
    ) -> tuple[int, Answers | UserError | None]:
        """(version, answers or the error); None in place of both when nothing new came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_new(operations, since), timeout_s)
            if not self._is_new(operations, since):
                return since, None
            if self._error is not None:
                return self._version, self._error
            return self._version, {name: self._answers[name] for name in operations}

    def _is_new(self, operations: tuple[str, ...], since: int) -> bool:
        has_all = self._error is not None or all(o in self._answers for o in operations)
        return self._version > since and has_all

    def _ask(self) -> None:
        while True:
            with self._changed:
                wanted = tuple(self._wanted)
                if not wanted:
                    self._thread = None
                    return
            answers, error = self.ask_now(wanted)
            with self._changed:
                self._answers.update({n: a for n, a in answers.items() if n in self._wanted})
                self._error = error
                self._version += 1
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._wanted, POLL_S)

    def ask_now(self, wanted: tuple[str, ...]) -> tuple[dict[str, Any], UserError | None]:
        """The daemon's answers at this moment, or the error."""
        try:
            return {name: call(self._socket, name, timeout_s=ASK_S) for name in wanted}, None
        except UserError as error:
            return {}, error


def stream(
    broker: Broker,
    operations: tuple[str, ...],
    fragments: Fragments,
    say_error: Callable[[UserError], str],
) -> Response:
    """The answer of a live route; fragments and say_error run inside the request."""
    if "once" in request.args:
        return _once(broker, operations, fragments, say_error)
    if not broker.join(operations):
        return Response("too many live pages", 503, {"Retry-After": "10"})
    source = _Source(broker, operations, fragments, say_error)
    body = stream_with_context(source.events())
    response = Response(body, mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(source.close)
    return response


def _once(
    broker: Broker,
    operations: tuple[str, ...],
    fragments: Fragments,
    say_error: Callable[[UserError], str],
) -> Response:
    answers, error = broker.ask_now(operations)
    if error is not None:
        return jsonify({"down": str(say_error(error))})
    return jsonify({"parts": {k: str(v) for k, v in fragments(answers).items()}})


class _Source:
    """The events of one listener."""

    def __init__(
        self,
        broker: Broker,
        operations: tuple[str, ...],
        fragments: Fragments,
        say_error: Callable[[UserError], str],
    ) -> None:
        self._broker, self._operations = broker, operations
        self._fragments, self._say_error = fragments, say_error
        self._sent: dict[str, str] = {}
        self._is_closed = False

    def events(self) -> Iterator[str]:
        version, deadline, is_down = 0, time.monotonic() + STREAM_S, False
        yield "retry: 2000\n\n"
        while time.monotonic() < deadline and not self._is_closed:
            version, found = self._broker.look(self._operations, version, _HEARTBEAT_S)
            if found is None:
                yield ": still here\n\n"
            elif isinstance(found, UserError):
                is_down = True
                yield _event("down", {"text": str(self._say_error(found))})
            else:
                if is_down:
                    is_down = False
                    yield _event("up", {})
                _look_anew()
                yield from self._news(found)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._broker.leave(self._operations)

    def _news(self, answers: Answers) -> Iterator[str]:
        changed = {
            name: str(html)
            for name, html in self._fragments(answers).items()
            if self._sent.get(name) != str(html)
        }
        self._sent.update(changed)
        for name, html in changed.items():
            yield _event("part", {"id": name, "html": html})
        if not changed:
            yield ": nothing new\n\n"


def _look_anew() -> None:
    """What a page knows once for all of its request is known anew for each round of a stream: the
    time, and the settings, which others save meanwhile."""
    g.pop("loaded", None)
    g.now = current_app.extensions["dozvon"].settings.now()


def _event(name: str, data: Mapping[str, str]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
