"""Builds ``appliance.media.native._core``: the C core behind cffi in API mode.

Run by setuptools (setup.py) or by hand, ``python appliance/media/native/build.py``, which builds in
place. core.h is the one definition of the interface: cffi reads the part between its marks.
"""

from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).resolve().parents[3]
HERE = Path("appliance/media/native")  # relative: setuptools wants it so
SOURCES = (
    "address.c",
    "commands.c",
    "core.c",
    "keys.c",
    "line.c",
    "line_clock.c",
    "line_commands.c",
    "line_device.c",
    "line_framing.c",
    "line_g711.c",
    "line_jitter.c",
    "line_links.c",
    "line_rate.c",
    "line_resample.c",
    "line_sender.c",
    "line_voice.c",
    "packet.c",
    "player.c",
    "port.c",
    "reception.c",
    "relay.c",
)
LIBRARIES = ("speexdsp", "spandsp", "m")
BEGIN, END = "/* cffi reads from here */", "/* cffi reads up to here */"


def interface() -> str:
    """The declarations of core.h."""
    text = (ROOT / HERE / "core.h").read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)]


ffi = FFI()
ffi.cdef(interface())
ffi.set_source(
    "appliance.media.native._core",
    '#include "core.h"',
    sources=[str(HERE / source) for source in SOURCES],
    include_dirs=[str(HERE)],
    libraries=list(LIBRARIES),
    extra_compile_args=["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-pthread"],
    extra_link_args=["-pthread"],
    py_limited_api=True,  # the same file name whoever builds it, so that no stale one is found
)

if __name__ == "__main__":
    ffi.compile(tmpdir=str(ROOT), verbose=True)
