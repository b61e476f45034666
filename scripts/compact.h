/* Has what runs of the compiled rooms lie close together: at an office's load every message finds
 * the caches cold (docs/benchmarks.md).
 *
 * Read before every file that mypyc writes; the declarations are those of mypyc's own CPy.h.
 */
#ifndef DOZVON_COMPACT_H
#define DOZVON_COMPACT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* A reference is given up at every third line: a call is a quarter of what Python.h writes there. */
#define ONE_OF_ALL_FILES __attribute__((weak, visibility("hidden"), noinline))

#undef Py_DECREF
#undef Py_XDECREF
ONE_OF_ALL_FILES void box_decref(PyObject *object) { Py_DECREF(object); }
ONE_OF_ALL_FILES void box_xdecref(PyObject *object) { Py_XDECREF(object); }
#define Py_DECREF(object) box_decref(_PyObject_CAST(object))
#define Py_XDECREF(object) box_xdecref(_PyObject_CAST(object))

/* What is called when something is wrong: mypyc writes such a branch behind nearly every call it
 * makes. "cold" has the compiler put those branches apart. */
#define COLD __attribute__((cold))

COLD void CPy_Raise(PyObject *exception);
COLD void CPyError_OutOfMemory(void);
COLD void CPy_TypeError(const char *expected, PyObject *value);
COLD void CPy_AddTraceback(const char *file, const char *function, int line, PyObject *globals);
COLD void CPy_TypeErrorTraceback(const char *file, const char *function, int line,
                                 PyObject *globals, const char *expected, PyObject *value);
COLD void CPy_AttributeError(const char *file, const char *function, const char *class_name,
                             const char *attribute, int line, PyObject *globals);

#undef COLD

#endif
