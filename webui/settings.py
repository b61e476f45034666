"""How the web pages were asked to run. PURE. ``dozvon web`` makes this of its options; frozen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """data: folder of config.db, state.db, control.sock and web.db; hosts: further names by which
    browsers may ask for the box; proxies: addresses of proxies that are believed; most_listeners:
    live pages at once, each holds a thread; now: seconds since 1970."""

    data: Path
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    most_listeners: int = 10
    now: Callable[[], float] = time.time
