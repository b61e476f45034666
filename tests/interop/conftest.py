"""Fixtures of the interop tests: boxes and peers that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.office import Document, office, secret_of
from tests.kit.ports import PortRange


@pytest.fixture
def make_box(tmp_path: Path) -> Iterator[Callable[..., Box]]:
    """make_box(document, **options of Box) -> a started box; several may live side by side.

    What they logged stands in the report of a test that failed.
    """
    with ExitStack() as stack:
        count = iter(range(1000))

        def make(document: Document | None = None, **options: Any) -> Box:
            folder = tmp_path / f"box{next(count)}"
            box = stack.enter_context(Box(folder, document or office(), **options)).start()
            stack.callback(lambda: print(box.program.tail()))
            return box

        yield make


@pytest.fixture
def box(make_box: Callable[..., Box]) -> Box:
    """A box on loopback with the extensions 2001, 2002 and 2003."""
    return make_box()


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Callable[..., Baresip]]:
    """phone(box, number, **options of Baresip) -> a baresip, registered unless it shall not be."""
    with ExitStack() as stack:

        def make(box: Box, number: str, **options: Any) -> Baresip:
            host = f"[{box.host}]" if ":" in box.host else box.host
            settings = BaresipOptions(
                user=number,
                registrar=f"{host}:{box.sip_port}",
                secret=options.pop("secret", secret_of(number)),
                **options,
            )
            made = stack.enter_context(Baresip(tmp_path, settings))
            if settings.registers:
                made.register()
            return made

        yield make


@pytest.fixture
def ports() -> Iterator[PortRange]:
    """Ports for the peers of this test."""
    leased = PortRange()
    yield leased
    leased.close()
