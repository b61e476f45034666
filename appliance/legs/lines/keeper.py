"""Keeps every line of the settings: opens devices, follows new settings, knows which are usable.

Owns devices and posts. Drivers, posts and desks are loaded with the first line of the settings. A
device serves several lines and is opened once; a line that changed gets its port anew, and its
neighbours on the device notice nothing. Only what concerns the device itself (its address, its
country, a SIM's PIN) opens it again. A device that does not open is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from appliance.config.model import Document, Line
from appliance.legs.lines.parts import LineParts
from appliance.media.api import KeyPressed, MediaEvent, PlayEnded

if TYPE_CHECKING:
    from appliance.legs.lines.post import LinePost
    from drivers.api import Device

log = logging.getLogger(__name__)
_RETRY_S = 15.0
_LOOK_S = 2.0  # for a device that nobody can tell the kind of before it is plugged in
_CLOSE_S = 8  # a port lets go within 5
_BOX_CLOSE_S = 12  # the calls of its lines first, then the device
#: How a telephone on our wires stands among the phones of its extension.
BINDING = "line:"
#: A line, and the country whose tones it has.
_Seat = tuple[Line, str]


@dataclass(slots=True)
class _Box:
    """A device that lines of ours sit on. device None = it is being opened, or did not open."""

    url: str
    seats: tuple[_Seat, ...]
    posts: list[LinePost] = field(default_factory=list)
    device: Device | None = None
    task: asyncio.Task[None] | None = None

    @property
    def first(self) -> _Seat:
        """Whom the device is opened for."""
        return self.seats[0]

    def teach(self, seats: tuple[_Seat, ...]) -> None:
        """The same lines, which may have learned their busy tones: no call ends for that."""
        self.seats = seats
        lines = {line.name: line for line, _ in seats}
        for post in self.posts:
            post.line = post.audio.line = lines[post.line.name]

    def serves(self, seats: tuple[_Seat, ...]) -> bool:
        """Whether it need not be opened again for these."""
        if self.device is None or _opened_by(seats[0]) != _opened_by(self.first):
            return False
        kinds = {port.number: port.kind.value for port in self.device.ports}
        before = _untaught(self.seats)
        fresh = [line for line, country in _untaught(seats) if (line, country) not in before]
        return all(kinds.get(line.port) == line.kind.value for line in fresh)


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
                seats = wanted.get(url, ())
                if _untaught(seats) == _untaught(box.seats):
                    box.teach(seats)
                elif seats and box.serves(seats):
                    await self._seat_anew(box, seats)
                else:
                    await self._close(box)
            for url, seats in wanted.items():
                if url not in self._boxes:
                    self._begin(_Box(url, seats))

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
            for line, _ in box.seats:
                if line.name == name and box.device is not None:
                    return box.device, line.port
        return None

    def _note_stream(self, post: LinePost, number: int) -> None:
        self._by_stream[number] = post

    def _forget_stream(self, number: int) -> None:
        self._by_stream.pop(number, None)

    # ---- devices

    def _begin(self, box: _Box) -> None:
        self._boxes[box.url] = box
        for line, _ in box.seats:
            self._make_post(box, line)
        box.task = self._spawn(self._open(box))

    def _make_post(self, box: _Box, line: Line) -> LinePost:
        from appliance.legs.lines.post import LinePost

        post = LinePost(line, self._parts)
        box.posts.append(post)
        self.posts[line.name] = post
        post.audio.on_opened = partial(self._note_stream, post)
        post.audio.on_closed = self._forget_stream
        return post

    async def _open(self, box: _Box) -> None:
        from drivers.api import LineError

        while True:
            wait_s = _RETRY_S
            try:
                box.device = await self._parts.open_device(*box.first)
                break
            except LineError as error:
                wait_s = _LOOK_S if error.key == "line.unplugged" else _RETRY_S
                for post in box.posts:
                    post.fail(error.key, error.detail)
            except (OSError, ValueError) as error:
                for post in box.posts:
                    post.fail("line.device", str(error))
            except ImportError as error:
                for post in box.posts:
                    post.fail("line.no_driver", str(error))
            except Exception as error:
                log.exception("a device of lines did not open")
                for post in box.posts:
                    post.fail("line.device", str(error))
            await asyncio.sleep(wait_s)
        for post in box.posts:
            self._seat(post, box.device)

    def _seat(self, post: LinePost, device: Device) -> None:
        from appliance.legs.lines.desks import DESKS

        ports = {port.number: port for port in device.ports}
        port = ports.get(post.line.port)
        if port is None or port.kind.value != post.line.kind.value:
            post.fail("line.no_port", f"{post.line.port}")
            return
        post.attach(port, DESKS[post.line.kind](post, port))

    async def _seat_anew(self, box: _Box, seats: tuple[_Seat, ...]) -> None:
        """Lines that changed or went leave their ports, then those that are new take theirs."""
        before, now = _untaught(box.seats), _untaught(seats)
        left = {line.name for line, country in before if (line, country) not in now}
        for post in [post for post in box.posts if post.line.name in left]:
            box.posts.remove(post)
            await self._retire(post)
        fresh = [
            self._make_post(box, line)
            for (line, _), seat in zip(seats, now, strict=True)
            if seat not in before
        ]
        box.teach(seats)
        for post in fresh:
            if box.device is not None:
                self._seat(post, box.device)

    async def _retire(self, post: LinePost) -> None:
        """A defect in letting go of one line costs neither its neighbours nor its device."""
        try:
            await post.close()
        except Exception:
            log.exception("line %s: our own defect at its end", post.line.name)
        if self.posts.get(post.line.name) is post:
            del self.posts[post.line.name]

    async def _close(self, box: _Box) -> None:
        """A device that does not close is left to itself after a while: others wait for this."""
        del self._boxes[box.url]
        closing = self._spawn(self._let_go(box))
        done, _ = await asyncio.wait({closing}, timeout=_BOX_CLOSE_S)
        if not done:
            log.error("a device of lines did not close in %d s", _BOX_CLOSE_S)

    async def _let_go(self, box: _Box) -> None:
        if box.task is not None:
            box.task.cancel()
            await asyncio.gather(box.task, return_exceptions=True)
        for post in box.posts:
            await self._retire(post)
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


def _untaught(seats: tuple[_Seat, ...]) -> tuple[_Seat, ...]:
    return tuple((replace(line, busy_tone=""), country) for line, country in seats)


def _grouped(document: Document) -> dict[str, tuple[_Seat, ...]]:
    """Device URL -> its lines; the first one's country is the device's."""
    found: dict[str, list[_Seat]] = {}
    for line in document.lines:
        if line.is_enabled:
            country = line.country or document.site.country
            found.setdefault(line.device, []).append((line, country))
    return {url: tuple(seats) for url, seats in found.items()}


def _opened_by(seat: _Seat) -> tuple[str, str]:
    """What of a line its device is opened with."""
    line, country = seat
    return line.pin, country
