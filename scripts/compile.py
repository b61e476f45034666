"""Compiles the hot rooms of ``appliance`` with mypyc, and what is C, into appliance/_compiled.

Owns that folder: it is made beside, and put in its place when it is whole. What is compiled is the
same typed Python that runs without it; appliance/__init__.py says which files, and takes the build
only as long as they are unchanged. Usage: python scripts/compile.py
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "appliance"
sys.path.insert(0, str(ROOT))
os.environ["DOZVON_COMPILED"] = "0"  # this process needs no compiled room

import native_constants  # noqa: E402
import native_names  # noqa: E402
import native_records  # noqa: E402
from mypyc.build import mypycify  # noqa: E402
from setuptools import Distribution, Extension  # noqa: E402
from setuptools.command.build_ext import build_ext  # noqa: E402

import appliance  # noqa: E402

#: Quick code, that lies close together (compact.h). Nothing is made larger for loops that turn
#: long: at an office's load every message finds the caches cold. Nobody outside calls into it, so
#: that its files call each other straight.
_OPTIMIZE = "2"
_COMPACT = [
    "-fvisibility=hidden",
    *("-I", str(Path(__file__).resolve().parent), "-include", "compact.h"),
    *("-fno-tree-vectorize", "-fno-align-loops", "-fno-align-jumps", "-fno-align-labels"),
]
#: The interpreter's functions are called where they are, not by way of a table of jumps.
_DIRECT_CALLS = "-fno-plt"


class _BuildOnAllCores(build_ext):
    """setuptools compiles the files of an extension one after the other."""

    def build_extensions(self) -> None:
        one: Callable[..., list[str]] = self.compiler.compile

        def compile_all(sources: list[str], **options: object) -> list[str]:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                made = list(pool.map(lambda source: one([source], **options), sources))
            return [name for names in made for name in names]

        self.compiler.compile = compile_all
        super().build_extensions()


def copy_sources(work: Path) -> Path:
    """The package as it is compiled: the same lines, records with constructors written out and
    constants that are final; beside it the drivers, whose types it names."""
    tree = work / "sources"
    shutil.copytree(ROOT / "drivers", tree / "drivers")
    shutil.copytree(PACKAGE, tree / "appliance", ignore=shutil.ignore_patterns("*.so", "_compiled"))
    for path in appliance.sources():
        text = native_constants.rewrite(native_records.rewrite(path.read_text()))
        (tree / path.relative_to(ROOT)).write_text(text)
    return tree


def compile_rooms(work: Path) -> Path:
    """Compile everything; returns the folder of what came out. Raises SystemExit on bad types."""
    os.chdir(copy_sources(work))
    extensions: list[Extension] = mypycify(
        ["--strict", *(str(path.relative_to(ROOT)) for path in appliance.sources())],
        opt_level=_OPTIMIZE,
        debug_level="0",
        multi_file=True,
        target_dir=str(work / "c"),
        group_name="appliance",
    )
    for extension in extensions:
        remember_names(extension)
        extension.extra_compile_args = [*extension.extra_compile_args, *_COMPACT, _DIRECT_CALLS]
    extensions += [_native(Path(name)) for name in appliance.NATIVE]
    command = _BuildOnAllCores(Distribution({"name": "dozvon", "ext_modules": extensions}))
    command.build_lib, command.build_temp = str(work / "lib"), str(work / "temp")
    command.ensure_finalized()
    command.run()
    return work / "lib"


def remember_names(extension: Extension) -> None:
    """Rewrite the C that mypyc wrote (native_names.py)."""
    for path in map(Path, extension.sources):
        if path.name.startswith("__native"):
            path.write_text(native_names.rewrite(path.read_text()))


def _native(source: Path) -> Extension:
    """A module that is written in C; its place is beside the compiled ones of its room."""
    name = ".".join(("appliance", *source.with_suffix("").parts))
    arguments = ["-std=c11", "-O2", "-Wall"]
    return Extension(name, [str("appliance" / source)], extra_compile_args=arguments)


def put_in_place(made: Path, print_: str) -> None:
    """Let the new build take the place of the old one; the note comes last."""
    shutil.rmtree(appliance.BUILD, ignore_errors=True)
    shutil.copytree(made, appliance.BUILD)
    (appliance.BUILD / appliance.NOTE).write_text(print_ + "\n")


def main() -> None:
    before = appliance.fingerprint()
    with tempfile.TemporaryDirectory(prefix="dozvon-compile-") as name:
        put_in_place(compile_rooms(Path(name)), before)


if __name__ == "__main__":
    main()
