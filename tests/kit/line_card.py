"""Line cards made of the reference implementation: a process on a pty, and a core in virtual time.

Builds tests/kit/linecard/*.c with drivers/linecard/card/*.c, once for each state of the sources.
``CardProcess`` is a card on a pty (shell.c), ``CardWire`` what hangs on a port of it;
``CardCore`` the same code as a library whose clock is
the test's (harness.c); ``fuzzer`` its sanitized build.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import select
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from tests.kit.closing import Closing
from tests.kit.processes import PROJECT, Program, wait_until

_CARD = PROJECT / "drivers/linecard/card"
_KIT = PROJECT / "tests/kit/linecard"
_WARNINGS = ("-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", f"-I{_CARD}")
_SANITIZERS = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def _built(name: str, compiler: str, options: Sequence[str], own: Sequence[str]) -> Path:
    sources = [*sorted(_CARD.glob("*.c")), *(_KIT / each for each in own)]
    digest = hashlib.sha256(repr((compiler, options)).encode())
    for path in [*sources, *sorted(_CARD.glob("*.h"))]:
        digest.update(path.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"dozvon-line-card-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder / f"{name}-{digest.hexdigest()[:16]}"
    if not made.exists():
        draft = made.with_suffix(f".{os.getpid()}")
        command = [compiler, *_WARNINGS, *options, *map(str, sources), "-lm", "-o", str(draft)]
        subprocess.run(command, check=True, timeout=120)
        draft.rename(made)
    return made


@cache
def fuzzer() -> Path:
    return _built("fuzz", "clang", _SANITIZERS, ("harness.c", "fuzz.c"))


class CardProcess:
    """A card as a process. kinds: ``sso`` = two FXS, one FXO."""

    def __init__(
        self,
        folder: Path,
        kinds: str,
        *,
        ber: float = 0.0,
        seed: int = 1,
        is_strict: bool = False,
        ppm: float = 0.0,
        serial: str = "LC000001",
    ) -> None:
        """ber: bit errors both ways. is_strict: octets at another rate than the card's are lost."""
        self.path = folder / "card"
        self.kinds = kinds
        self.serial = serial
        self._arguments = [str(ber), str(seed), str(int(is_strict)), str(ppm)]
        self._folder = folder
        self._starts = 0
        self.start()

    def start(self) -> None:
        """Plugged in (again); ``kinds`` and ``serial`` may be another card's."""
        self._starts += 1
        shell = _built("shell", "gcc", ("-O2",), ("shell.c",))
        self._log = self._folder / f"card-{self._starts}.log"
        what = [str(shell), str(self.path), self.kinds, *self._arguments, self.serial]
        self._program = Program(what, self._log, takes_input=True)
        wait_until(lambda: "ready" in self._log.read_text(), 10.0, "the card is there")

    def say(self, order: str) -> None:
        self._program.say(order)

    def said(self, word: str) -> list[list[str]]:
        """The fields of all its lines that begin with word."""
        lines = [line.split() for line in self._log.read_text().splitlines()]
        return [line[1:] for line in lines if line[:1] == [word]]

    def level(self, pin: str, port: int) -> int | None:
        """The last level of a pin; None if it was never set."""
        levels = [int(line[1]) for line in self.said(pin) if line[0] == str(port)]
        return levels[-1] if levels else None

    def stop(self) -> None:
        """Pulled."""
        self._program.kill()
        self.path.unlink(missing_ok=True)


class CardWire(Closing):
    """What hangs on a port of such a process: each 10 ms that it hears, and what it says then."""

    def __init__(
        self, card: CardProcess, port: int, folder: Path, block: Callable[[bytes], bytes]
    ) -> None:
        """block: 80 octets of A-law for 80."""
        path = folder / f"wire-{port}"
        ends = [path.with_suffix(end) for end in (".hears", ".says")]
        for end in ends:
            os.mkfifo(end)
        self._block = block
        self._hears, self._says = (os.open(end, os.O_RDWR | os.O_NONBLOCK) for end in ends)
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        card.say(f"wire {port} {path}")

    def close(self) -> None:
        self._is_closing.set()
        self._thread.join(2)
        for end in (self._hears, self._says):
            os.close(end)

    def _work(self) -> None:
        while not self._is_closing.is_set():
            if select.select([self._hears], [], [], 0.1)[0]:
                os.write(self._says, self._block(os.read(self._hears, 80)))


@cache
def _library() -> ctypes.CDLL:
    path = _built("core.so", "gcc", ("-O2", "-shared", "-fPIC"), ("harness.c",))
    library = ctypes.CDLL(str(path))
    library.harness_new.restype = ctypes.c_void_p
    library.harness_new.argtypes = [ctypes.c_char_p, ctypes.c_uint32, ctypes.c_uint32]
    for name in ("free", "tick", "audio", "hook", "rung", "loop", "say", "receive", "take", "see"):
        getattr(library, f"harness_{name}").argtypes = None
    library.harness_take.restype = ctypes.c_size_t
    library.harness_see.restype = ctypes.c_uint32
    library.harness_encode.restype = ctypes.c_size_t
    return library


def encode(frame_type: int, sequence: int, port: int, payload: bytes) -> bytes:
    """A frame as the C core writes it."""
    wire = ctypes.create_string_buffer(512)
    size = _library().harness_encode(
        wire, frame_type, sequence, port, payload, ctypes.c_size_t(len(payload))
    )
    return wire.raw[:size]


class CardCore:
    """The card's core; now in seconds."""

    def __init__(self, kinds: str, now: float = 0.0, best_baud: int = 0) -> None:
        self._library = _library()
        self._core = ctypes.c_void_p(
            self._library.harness_new(kinds.encode(), best_baud, _us(now).value)
        )
        self._buffer = ctypes.create_string_buffer(1 << 20)

    def close(self) -> None:
        self._library.harness_free(self._core)

    def receive(self, octets: bytes, now: float) -> None:
        self._library.harness_receive(self._core, octets, ctypes.c_size_t(len(octets)), _us(now))

    def tick(self, now: float) -> None:
        self._library.harness_tick(self._core, _us(now))

    def audio(self, now: float) -> None:
        self._library.harness_audio(self._core, _us(now))

    def hook(self, port: int, is_off: bool, now: float) -> None:
        self._library.harness_hook(self._core, port, int(is_off), _us(now))

    def rung(self, port: int, is_on: bool, now: float) -> None:
        self._library.harness_rung(self._core, port, int(is_on), _us(now))

    def loop(self, port: int, has_loop: bool, now: float) -> None:
        self._library.harness_loop(self._core, port, int(has_loop), _us(now))

    def say(self, port: int, octet: int) -> None:
        self._library.harness_say(self._core, port, octet)

    def take(self) -> bytes:
        """What left it since."""
        size = self._library.harness_take(
            self._core, self._buffer, ctypes.c_size_t(len(self._buffer))
        )
        return self._buffer.raw[:size]

    def _see(self, what: int, port: int = 0) -> int:
        return int(self._library.harness_see(self._core, what, port))

    def ringing_hz(self, port: int) -> int:
        return self._see(0, port)

    def is_off_hook(self, port: int) -> bool:
        return bool(self._see(1, port))

    def rings(self, port: int) -> int:
        return self._see(2, port)

    def breaks(self, port: int) -> int:
        return self._see(3, port)

    @property
    def has_session(self) -> bool:
        return bool(self._see(4))

    @property
    def baud(self) -> int:
        return self._see(5)

    def heard(self, port: int) -> int:
        return self._see(6, port)

    @property
    def figures(self) -> dict[str, int]:
        names = ("bad_frames", "repeated", "underruns", "overruns")
        return {name: self._see(7 + index) for index, name in enumerate(names)}

    def is_fed(self, port: int) -> bool:
        return bool(self._see(11, port))


def _us(now: float) -> ctypes.c_uint32:
    return ctypes.c_uint32(round(now * 1e6) & 0xFFFFFFFF)
