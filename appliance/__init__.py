"""The Dozvon daemon: SIP call control, media, routing and configuration of one office box.

Its hot rooms can be compiled (scripts/compile.py, by mypyc, out of the very same files). Loading
the package decides which build runs: the compiled one if it was made of the sources that stand
here, otherwise the sources themselves. A compiled room that is out of date is never used.
``DOZVON_COMPILED=0`` asks for the sources.
"""

from __future__ import annotations

import hashlib
import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path

__version__ = "0.1.0"

#: Where compiled rooms stand, beside a note of the sources that they were made of.
BUILD = Path(__file__).with_name("_compiled")
NOTE = "made-of"
#: What is compiled: whatever a call or a registration passes through, and is pure or nearly so.
ROOMS = ("call", "guard", "legs", "legs/lines", "legs/trunks", "routing", "sdp", "sip")
#: Of those rooms not compiled: coroutines, which wait more than they work.
COROUTINES = (
    "legs/lines/analog.py",
    "legs/app.py",
    "legs/lines/fxo_caller.py",
    "legs/lines/fxo_desk.py",
    "legs/lines/fxo_leg.py",
    "legs/lines/caller_id.py",
    "legs/lines/fxs_desk.py",
    "legs/lines/fxs_dialling.py",
    "legs/lines/fxs_ear.py",
    "legs/lines/fxs_knock.py",
    "legs/lines/fxs_leg.py",
    "legs/lines/audio.py",
    "legs/lines/desks.py",
    "legs/lines/devices.py",
    "legs/lines/dialogue.py",
    "legs/lines/flash.py",
    "legs/lines/keeper.py",
    "legs/lines/parts.py",
    "legs/lines/post.py",
    "legs/lines/one_way_stream.py",
    "legs/trunks/line.py",
    "legs/trunks/trial.py",
)
MODULES = (
    "clock",
    "config/checks/guessing",
    "config/host_text",
    "config/in_force",
    "live/call_log",
    "exchange",
    "live/calls",
    "live/choices",
    "live/counts",
    "live/making_room",
    "live/view",
    "media/api",
    "media/core_result",
    "media/ports",
    "media/remote",
    "media/session",
    "native_record",
    "net/direct_selector",
    "net/own_address",
    "net/sip_traffic",
    "net/socket_options",
    "net/udp",
    "rtp/quality",
    "secret_ids",
    "spending/spending",
    "store/checksum",
    "store/record_codec",
    "store/binding_codec",
    "store/dialog_codec",
    "store/transaction",
    "switchboard",
)
#: Written in C, for what no annotation makes quick; the sources do without it.
NATIVE = (
    "net/native/datagrams.c",
    "service/native/arenas.c",
    "sip/native/plain_reader.c",
    "sip/native/plain_values.c",
    "sip/native/plain_writer.c",
)
NATIVE_HEADERS = ("sip/native/plain_text.h",)


def sources() -> list[Path]:
    """The files that are compiled, in order; packages' own ``__init__`` stay as they are."""
    root = Path(__file__).parent
    left_out = {root / name for name in COROUTINES}
    rooms = [path for room in ROOMS for path in sorted((root / room).glob("*.py"))]
    chosen = [p for p in rooms if p.name != "__init__.py" and p not in left_out]
    return chosen + [root / f"{module}.py" for module in MODULES]


def fingerprint() -> str:
    """What a build depends on, as one checksum: the binary interface of Python, and every source.

    The interface is the same for all of 3.11.x: a security update of Python leaves a build in use.
    """
    seen = hashlib.sha256(EXTENSION_SUFFIXES[0].encode())
    root = Path(__file__).parent
    for path in [*sources(), *(root / name for name in (*NATIVE, *NATIVE_HEADERS))]:
        seen.update(f"\n{path.parent.name}/{path.name}\n".encode())
        seen.update(path.read_bytes())
    return seen.hexdigest()


class _Compiled:
    """Finds the compiled build's modules before the import system looks for their sources."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        parts = name.split(".")
        if parts[0] not in ("appliance", "appliance__mypyc"):
            return None
        file = str(self._folder.joinpath(*parts)) + EXTENSION_SUFFIXES[0]
        if not os.path.exists(file):
            return None
        return spec_from_file_location(name, file, loader=ExtensionFileLoader(name, file))


def _choose_build() -> bool:
    """Whether compiled rooms are used."""
    if os.environ.get("DOZVON_COMPILED") == "0":
        return False
    try:
        is_current = (BUILD / NOTE).read_text().strip() == fingerprint()
    except OSError:
        return False
    if is_current:
        sys.meta_path.insert(0, _Compiled(BUILD))
    return is_current


IS_COMPILED = _choose_build()
