/* Remembers what a name of a module was (native_names.py), until the module's dictionary changes.
 *
 * Each change gives a dictionary another version, of all dictionaries no two the same (PEP 509).
 * Python 3.14 has no versions any more, and a build without a global lock must not borrow: these
 * look up as before.
 */
#ifndef DOZVON_NAMES_H
#define DOZVON_NAMES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *CPyDict_GetItem(PyObject *dict, PyObject *key); /* as in mypyc's CPy.h */

typedef struct {
    uint64_t version; /* of the dictionary when it was looked up; 0 before */
    PyObject *value;  /* borrowed of the dictionary */
} box_seen;

#if PY_VERSION_HEX < 0x030E0000 && !defined(Py_GIL_DISABLED)

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* of the version, since Python 3.12 */
#define VERSION(dict) (((PyDictObject *)(dict))->ma_version_tag)

/* A new reference to what a module's own name is; NULL with KeyError when there is none. */
ONE_OF_ALL_FILES PyObject *box_global(PyObject *globals, PyObject **name, box_seen *seen) {
    if (__builtin_expect(VERSION(globals) == seen->version, 1)) {
        Py_INCREF(seen->value);
        return seen->value;
    }
    PyObject *value = CPyDict_GetItem(globals, *name);
    if (value) {
        *seen = (box_seen){VERSION(globals), value};
    }
    return value;
}

/* A new reference to an attribute of another module; NULL with AttributeError. */
ONE_OF_ALL_FILES PyObject *box_attribute(PyObject *module, PyObject **name, box_seen *seen) {
    PyObject *dict = PyModule_CheckExact(module) ? PyModule_GetDict(module) : NULL;
    if (__builtin_expect(dict && VERSION(dict) == seen->version, 1)) {
        Py_INCREF(seen->value);
        return seen->value;
    }
    PyObject *value = PyObject_GetAttr(module, *name);
    /* What the module's type has (its __dict__) or makes at once stands in no dictionary. */
    if (value && dict && PyDict_GetItemWithError(dict, *name) == value) {
        *seen = (box_seen){VERSION(dict), value};
    }
    return value;
}

#undef VERSION

#else

#define box_global(globals, name, seen) ((void)(seen), CPyDict_GetItem(globals, *(name)))
#define box_attribute(module, name, seen) ((void)(seen), PyObject_GetAttr(module, *(name)))

#endif
#endif
