"""What the compiled build makes of names: remembered, and never older than what they name."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.kit.native import build_native

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

from native_names import rewrite  # noqa: E402

GLOBAL = """\
    cpy_r_r0 = CPyStatic_wire___globals;
    cpy_r_r1 = CPyStatics[12]; /* 'MOST' */
    cpy_r_r2 = CPyDict_GetItem(cpy_r_r0, cpy_r_r1);
"""
ATTRIBUTE = """\
    cpy_r_r4 = CPyImport_GetModuleCache(&CPyModule_time);
    cpy_r_r5 = CPyStatics[7]; /* 'monotonic' */
    cpy_r_r6 = CPyObject_GetAttr(cpy_r_r4, cpy_r_r5);
"""
OTHERS = """\
    cpy_r_r8 = CPyStatics[12]; /* 'MOST' */
    cpy_r_r9 = CPyDict_GetItem(cpy_r_table, cpy_r_r8);
    cpy_r_r10 = CPyObject_GetAttr(cpy_r_self, cpy_r_r8);
"""
# Two look-ups with a memory each, as a line of compiled code has one; CPyDict_GetItem is mypyc's.
TRIAL = """
#include "compact.h"
#include "names.h"

PyObject *CPyDict_GetItem(PyObject *dict, PyObject *key)
{
    PyObject *value = PyDict_GetItemWithError(dict, key);
    if (!value && !PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, key);
    return Py_XNewRef(value);
}

static PyObject *global_(PyObject *self, PyObject *args)
{
    static box_seen seen;
    PyObject *dict, *name;
    return PyArg_ParseTuple(args, "OO", &dict, &name) ? box_global(dict, &name, &seen) : NULL;
}

static PyObject *attribute(PyObject *self, PyObject *args)
{
    static box_seen seen;
    PyObject *of, *name;
    return PyArg_ParseTuple(args, "OO", &of, &name) ? box_attribute(of, &name, &seen) : NULL;
}

static PyMethodDef methods[] = {
    {"global_", global_, METH_VARARGS, ""}, {"attribute", attribute, METH_VARARGS, ""}, {0}};
static struct PyModuleDef trial = {PyModuleDef_HEAD_INIT, "trial", "", -1, methods};
PyMODINIT_FUNC PyInit_trial(void) { return PyModule_Create(&trial); }
"""


@pytest.fixture
def trial(tmp_path: Path) -> Any:
    """A module of its own for each test, which remembers nothing yet."""
    source = tmp_path / "trial.c"
    source.write_text(TRIAL)
    return build_native(source, tmp_path, ROOT / "scripts")


def test_names_of_modules_are_looked_up_by_the_function_that_remembers() -> None:
    made = rewrite(GLOBAL + ATTRIBUTE + OTHERS)
    assert made.startswith('#include "names.h"\n')
    assert "cpy_r_r2 = box_global(CPyStatic_wire___globals, &CPyStatics[12], &seen);" in made
    of_time = "CPyImport_GetModuleCache(&CPyModule_time), &CPyStatics[7], &seen"
    assert f"cpy_r_r6 = box_attribute({of_time});" in made
    assert made.count("static box_seen seen;") == 2


def test_other_look_ups_stay_as_they_are() -> None:
    assert rewrite(OTHERS) == OTHERS
    assert OTHERS in rewrite(GLOBAL + OTHERS)


def test_a_name_is_what_the_module_has_now(trial: Any) -> None:
    names: dict[str, object] = {"MOST": "a thing"}
    for value in ("a thing", "another", "another", "a third"):
        names["MOST"] = value
        assert trial.global_(names, "MOST") is value
    names["OTHER"] = "what comes beside it changes nothing"
    assert trial.global_(names, "MOST") == "a third"
    del names["MOST"]
    with pytest.raises(KeyError, match="MOST"):
        trial.global_(names, "MOST")
    names["MOST"] = "here again"
    assert trial.global_(names, "MOST") == "here again"


def test_a_name_that_is_missing_at_first_is_found_later(trial: Any) -> None:
    names: dict[str, object] = {}
    for _ in range(2):
        with pytest.raises(KeyError):
            trial.global_(names, "MOST")
    names["MOST"] = 3
    assert trial.global_(names, "MOST") == 3


def test_what_is_remembered_is_neither_leaked_nor_let_go(trial: Any) -> None:
    thing = object()
    names = {"THING": thing}
    before = sys.getrefcount(thing)
    for _ in range(100):
        assert trial.global_(names, "THING") is thing
    assert sys.getrefcount(thing) == before


def test_an_attribute_is_what_the_other_module_has_now(trial: Any) -> None:
    other = ModuleType("other")
    for value in (1, 2, 2, 3):
        other.figure = value  # type: ignore[attr-defined]
        assert trial.attribute(other, "figure") == value
    del other.figure
    with pytest.raises(AttributeError, match="figure"):
        trial.attribute(other, "figure")


def test_attributes_that_stand_in_no_dictionary_are_asked_for_each_time(trial: Any) -> None:
    other = ModuleType("other")
    answers = iter(range(3))
    other.__getattr__ = lambda name: next(answers)  # type: ignore[method-assign]
    assert [trial.attribute(other, "made") for _ in range(3)] == [0, 1, 2]
    assert trial.attribute(other, "__dict__") is vars(other)


def test_what_is_no_plain_module_is_asked_each_time(trial: Any) -> None:
    class Odd(ModuleType):
        figures = iter(range(3))

        @property
        def figure(self) -> int:
            return next(self.figures)

    odd = Odd("odd")
    assert [trial.attribute(odd, "figure") for _ in range(3)] == [0, 1, 2]
