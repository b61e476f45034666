"""Live parts of pages, as long as somebody looks who may.

Owns nothing; broker.py asks the daemon. ``stream`` makes the answer of a ``…/live`` route:
server-sent events (WHATWG HTML §9.2), one named ``part`` for each fragment that changed; ``down``
and ``up`` tell whether the daemon answers. Before each round it is asked whether the session still
lives and its role still opens this page. A stream ends after STREAM_S, the browser comes back by
itself, and is checked anew at the door. Beyond the bound of listeners the page asks for ``?once``
now and then.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping

from flask import Response, current_app, g, jsonify, request, stream_with_context

from appliance.errors import UserError
from webui.access import may
from webui.broker import Answers, Broker
from webui.visitor import recognise

__all__ = ["Answers", "stream"]

STREAM_S = 300.0
_HEARTBEAT_S = 15.0

#: Answers of the daemon by operation -> HTML by the id of a part of the page.
Fragments = Callable[[Answers], Mapping[str, str]]


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
            if not may(recognise().role, request.endpoint or ""):
                return
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
