"""Modules that are written in C, built for a test whether or not this box was compiled."""

from __future__ import annotations

import subprocess
import sysconfig
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

_WARNINGS = ("-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers")


def build_native(source: Path, folder: Path, *headers: Path) -> Any:
    """The module of one C file, with every warning an error. headers: more folders of them."""
    made = folder / f"{source.stem}{EXTENSION_SUFFIXES[0]}"
    include = [f"-I{place}" for place in (sysconfig.get_paths()["include"], *headers)]
    options = ["-std=c11", "-O1", *_WARNINGS, "-Werror", "-shared", "-fPIC", *include]
    subprocess.run(["gcc", *options, str(source), "-o", str(made)], check=True, timeout=120)
    spec = spec_from_file_location(source.stem, made)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
