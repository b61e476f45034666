/* What a compiled room calls when something is wrong: mypyc writes such a branch behind nearly every
 * call it makes. "cold" has the compiler put those branches apart, so that what runs lies close
 * together: at an office's load every message finds the caches cold (docs/benchmarks.md).
 *
 * Read before every file that mypyc writes; the declarations are those of mypyc's own CPy.h.
 */
#ifndef DOZVON_COLD_PATHS_H
#define DOZVON_COLD_PATHS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

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
