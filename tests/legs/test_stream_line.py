"""Tests of appliance/legs/app.py: an app's line is let go while it plays."""

from __future__ import annotations

import asyncio

from appliance.errors import MediaError
from appliance.legs.app import StreamLine
from appliance.media.sounds import Sounds
from appliance.sdp.negotiate import default_offer
from tests.kit.stage import StagePlane, StageStream
from tests.kit.virtual_loop import run_virtually


class _Stream(StageStream):
    """Knows nothing of itself once it is closed, as the core's streams."""

    silenced = 0

    def close(self) -> None:
        self.is_closed = True

    def stop_playing(self) -> None:
        if self.is_closed:
            raise MediaError("media.no_such_stream")
        self.silenced += 1


async def _cancel_during_a_tone(stream: _Stream, *, is_released: bool) -> object:
    """What the app's task ended with."""
    line = StreamLine(stream, default_offer(), Sounds("ru", "RU"))
    task = asyncio.ensure_future(line.tone("busy", 30.0))
    await asyncio.sleep(0)
    task.cancel()
    if is_released:
        line.let_go()
        stream.close()
    return (await asyncio.gather(task, return_exceptions=True))[0]


def test_a_line_that_was_let_go_is_not_silenced_once_more() -> None:
    async def main() -> None:
        stream = _Stream(StagePlane(), 1, "127.0.0.1")
        ended = await _cancel_during_a_tone(stream, is_released=True)
        assert isinstance(ended, asyncio.CancelledError)
        assert stream.silenced == 0

    run_virtually(main())


def test_a_line_that_is_held_falls_silent() -> None:
    async def main() -> None:
        stream = _Stream(StagePlane(), 1, "127.0.0.1")
        ended = await _cancel_during_a_tone(stream, is_released=False)
        assert isinstance(ended, asyncio.CancelledError)
        assert stream.silenced == 1

    run_virtually(main())
