"""Builds ``appliance.media.native._core``: the C core behind cffi in API mode.

Run by setuptools (setup.py) or by hand, ``python appliance/media/native/build.py``, which builds in
place. HEADERS are the one definition of the interface: cffi reads what is between their marks.
"""

from pathlib import Path

from cffi import FFI

ROOT = Path(__file__).resolve().parents[3]
HERE = Path("appliance/media/native")  # relative: setuptools wants it so
SOURCES = (
    "address.c",
    "commands.c",
    "core.c",
    "detect.c",
    "detect_aon.c",
    "detect_cadence.c",
    "detect_dtmf.c",
    "detect_fsk.c",
    "detect_keys.c",
    "detect_spectrum.c",
    "detect_tones.c",
    "generate.c",
    "keys.c",
    "line.c",
    "line_answer.c",
    "line_bulk.c",
    "line_card.c",
    "line_cards.c",
    "line_clock.c",
    "line_commands.c",
    "line_conceal.c",
    "line_device.c",
    "line_echo.c",
    "line_framing.c",
    "line_g711.c",
    "line_jitter.c",
    "line_keys.c",
    "line_links.c",
    "line_rate.c",
    "line_resample.c",
    "line_sender.c",
    "line_tonal.c",
    "line_voice.c",
    "line_watch.c",
    "packet.c",
    "player.c",
    "port.c",
    "reception.c",
    "recorder.c",
    "recording.c",
    "relay.c",
)
LIBRARIES = ("speexdsp", "spandsp", "asound", "m")
HEADERS = ("detect.h", "generate.h", "core.h")
BEGIN, END = "/* cffi reads from here */", "/* cffi reads up to here */"


def interface() -> str:
    """The declarations of the headers."""
    texts = [(ROOT / HERE / header).read_text(encoding="utf-8") for header in HEADERS]
    return "".join(text[text.index(BEGIN) + len(BEGIN) : text.index(END)] for text in texts)


ffi = FFI()
ffi.cdef(interface())
ffi.set_source(
    "appliance.media.native._core",
    "".join(f'#include "{header}"\n' for header in HEADERS),
    sources=[str(HERE / source) for source in SOURCES],
    include_dirs=[str(HERE)],
    libraries=list(LIBRARIES),
    extra_compile_args=["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-pthread"],
    extra_link_args=["-pthread"],
    py_limited_api=True,  # the same file name whoever builds it, so that no stale one is found
)

if __name__ == "__main__":
    ffi.compile(tmpdir=str(ROOT), verbose=True)
