"""Keeps every line of the settings: opens devices, follows new settings, knows which are usable.

Owns devices and posts. Drivers, posts and desks are loaded with the first line of the settings. A
device serves several lines and is opened once; one whose lines did not change is never touched by a
new configuration. A device that does not open is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from appliance.config.model import Document, Line
from appliance.legs.line_parts import LineParts
from appliance.media.api import KeyPressed, MediaEvent, PlayEnded

if TYPE_CHECKING:
    from appliance.legs.line_post import LinePost
    from drivers.api import Device

log = logging.getLogger(__name__)
_RETRY_S = 15.0
_CLOSE_S = 8  # a port lets go within 5
#: How a telephone on our wires stands among the phones of its extension.
BINDING = "line:"


@dataclass(slots=True)
class _Box:
    """A device that lines of ours sit on. device None = it is being opened, or did not open."""

    url: str
    lines: tuple[Line, ...]
    country: str
    posts: list[LinePost] = field(default_factory=list)
    device: Device | None = None
    task: asyncio.Task[None] | None = None

    def teach(self, lines: tuple[Line, ...]) -> None:
        """The same lines, which may have learned their busy tones: no call ends for that."""
        self.lines = lines
        for post, line in zip(self.posts, lines, strict=True):
            post.line = post.audio.line = line


class LineKeeper:
    """All lines of the configuration."""

    def __init__(self, parts: LineParts) -> None:
        self._parts = parts
        self.posts: dict[str, LinePost] = {}
        self._boxes: dict[str, _Box] = {}
        self._by_stream: dict[int, LinePost] = {}
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    # ---- settings

    def configure(self, document: Document) -> None:
        """Open, keep or close so that these are the lines; soon, not before this returns."""
        if document.lines or self._boxes:
            self._spawn(self.follow(document))

    async def follow(self, document: Document) -> None:
        """The same, and wait until devices that are gone are closed."""
        async with self._turn:
            wanted = _grouped(document)
            for url, box in list(self._boxes.items()):
                lines, country = wanted.get(url, ((), ""))
                if country == box.country and _untaught(lines) == _untaught(box.lines):
                    box.teach(lines)
                else:
                    await self._close(box)
            for url, (lines, country) in wanted.items():
                if url not in self._boxes:
                    self._begin(_Box(url, lines, country))

    async def close(self) -> None:
        """Everything on-hook and silent; a device that does not answer is left after a while."""
        try:
            async with asyncio.timeout(_CLOSE_S), self._turn:
                for box in list(self._boxes.values()):
                    await self._close(box)
        except TimeoutError:
            log.error("a device of lines did not close in %d s", _CLOSE_S)

    # ---- what routing asks for

    def down(self) -> dict[str, str]:
        """Lines out that cannot be used now, with the reason (routing.LiveState.down)."""
        return {
            name: post.why_not
            for name, post in self.posts.items()
            if not post.is_phone and post.why_not
        }

    def bindings(self, extension: str) -> tuple[str, ...]:
        """Telephones of this extension on our wires (routing.LiveState.bindings)."""
        return tuple(
            BINDING + name
            for name, post in self.posts.items()
            if post.is_phone and post.line.extension == extension and post.is_there
        )

    def extensions(self) -> set[str]:
        """Extensions that have a telephone on our wires."""
        return {post.line.extension for post in self.posts.values() if post.is_phone}

    def post_of(self, binding: str) -> LinePost | None:
        """The telephone behind a binding."""
        return self.posts.get(binding.removeprefix(BINDING))

    # ---- media

    def on_media_event(self, event: MediaEvent) -> bool:
        """An event of a line's audio; False when it is (also) the switchboard's."""
        post = self._by_stream.get(event.stream)
        if post is None:
            return False
        post.on_media_event(event)
        return not isinstance(event, KeyPressed | PlayEnded)

    def device_of(self, name: str) -> tuple[Device, int] | None:
        """The open device of a line, and the line's port in it."""
        for box in self._boxes.values():
            for line in box.lines:
                if line.name == name and box.device is not None:
                    return box.device, line.port
        return None

    def _note_stream(self, post: LinePost, number: int) -> None:
        self._by_stream[number] = post

    def _forget_stream(self, number: int) -> None:
        self._by_stream.pop(number, None)

    # ---- devices

    def _begin(self, box: _Box) -> None:
        from appliance.legs.line_post import LinePost

        self._boxes[box.url] = box
        for line in box.lines:
            post = LinePost(line, self._parts)
            box.posts.append(post)
            self.posts[line.name] = post
            post.audio.on_opened = partial(self._note_stream, post)
            post.audio.on_closed = self._forget_stream
        box.task = self._spawn(self._open(box))

    async def _open(self, box: _Box) -> None:
        from drivers.api import LineError

        while True:
            try:
                box.device = await self._parts.open_device(box.lines[0], box.country)
                break
            except LineError as error:
                for post in box.posts:
                    post.fail(error.key, error.detail)
            except (OSError, ValueError) as error:
                for post in box.posts:
                    post.fail("line.device", str(error))
            except ImportError as error:
                for post in box.posts:
                    post.fail("line.no_driver", str(error))
            await asyncio.sleep(_RETRY_S)
        for post in box.posts:
            self._seat(post, box.device)

    def _seat(self, post: LinePost, device: Device) -> None:
        from appliance.legs.line_desks import DESKS

        ports = {port.number: port for port in device.ports}
        port = ports.get(post.line.port)
        if port is None or port.kind.value != post.line.kind.value:
            post.fail("line.no_port", f"{post.line.port}")
            return
        post.attach(port, DESKS[post.line.kind](post, port))

    async def _close(self, box: _Box) -> None:
        del self._boxes[box.url]
        if box.task is not None:
            box.task.cancel()
            await asyncio.gather(box.task, return_exceptions=True)
        for post in box.posts:
            await post.close()
            if self.posts.get(post.line.name) is post:
                del self.posts[post.line.name]
        if box.device is not None:
            await box.device.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("lines: a task failed", exc_info=task.exception())


def _untaught(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(replace(line, busy_tone="") for line in lines)


def _grouped(document: Document) -> dict[str, tuple[tuple[Line, ...], str]]:
    """Device URL -> its lines and the country that it is opened for."""
    found: dict[str, list[Line]] = {}
    for line in document.lines:
        if line.is_enabled:
            found.setdefault(line.device, []).append(line)
    return {
        url: (tuple(lines), lines[0].country or document.site.country)
        for url, lines in found.items()
    }
