"""What cffi generates from core.h, as mypy sees it: ``ffi`` and ``lib`` are its two faces."""

from typing import Any

ffi: Any
lib: Any
