"""gunicorn with the application in it: one process of pages with threads, on sockets that are
given.

Owns nothing after ``serve`` began: gunicorn does. worker.py keeps its
threads from slow clients.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Sequence
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from webui.app import create_app
from webui.settings import WebSettings
from webui.worker import FairWorker

THREADS = 24  # live pages hold one each, WebSettings.most_listeners of them at most
_OPTIONS: dict[str, Any] = {
    "worker_class": FairWorker,
    "workers": 1,
    "threads": THREADS,
    "timeout": 60,
    "graceful_timeout": 2,
    "keepalive": 5,
    "limit_request_fields": 60,
    "limit_request_field_size": 8190,
    "loglevel": "warning",
    "proc_name": "dozvon-web",
}
#: What newer versions of gunicorn do unasked; older ones do not know the words.
_NEWER = {"control_socket_disable": True}


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: WebSettings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)
        for name, value in _NEWER.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, made in the worker: its threads must not be forked."""
        return create_app(self._settings)


def serve(
    settings: WebSettings, listeners: Sequence[socket.socket], *, has_lifeline: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT; never returns.

    listeners: bound sockets, which are taken over. has_lifeline: end when standard input ends,
    because whoever started us is gone then.
    """
    options = {**_OPTIONS, "bind": [f"fd://{sock.detach()}" for sock in listeners]}
    if has_lifeline:
        options["post_worker_init"] = _hang_on
    _Server(settings, options).run()


def _hang_on(worker: Any) -> None:
    threading.Thread(target=_watch_lifeline, args=(os.getppid(),), daemon=True).start()


def _watch_lifeline(server: int) -> None:
    while os.read(0, 4096):
        pass
    os.kill(server, signal.SIGTERM)
