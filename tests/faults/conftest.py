"""Fixtures of the fault tests: the boxes of tests/interop."""

from __future__ import annotations

from tests.interop.conftest import box, make_box

__all__ = ["box", "make_box"]
