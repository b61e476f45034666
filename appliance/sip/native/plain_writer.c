/* Plain SIP messages that leave: fields to octets, for appliance/sip/message.py.
 *
 * Plain is what is text (octets that were no UTF-8 when they came are not) and has no line break
 * within a line. Whatever is not gives None, and the writer in Python judges it.
 * tests/sip/test_plain_messages.py holds both to the same results. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

enum { MOST_FIELDS = 200 }; /* message.MAX_HEADERS */

static PyObject *length_key; /* "content-length" */

/* The octets of a text; NULL when it is not plain (an error may be set; it is cleared). */
static const char *octets_of(PyObject *text, Py_ssize_t *length)
{
    const char *octets;
    if (!PyUnicode_Check(text))
        return NULL;
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        octets = (const char *)PyUnicode_1BYTE_DATA(text);
        *length = PyUnicode_GET_LENGTH(text);
    } else {
        octets = PyUnicode_AsUTF8AndSize(text, length);
        if (octets == NULL) { /* octets that were no UTF-8 when they came */
            PyErr_Clear();
            return NULL;
        }
    }
    if (memchr(octets, '\r', *length) != NULL || memchr(octets, '\n', *length) != NULL)
        return NULL;
    return octets;
}

struct piece {
    const char *name, *value;
    Py_ssize_t name_length, value_length;
};

/* Name and value of each field but Content-Length; how many, or -1 when one is not plain. */
static Py_ssize_t take_pieces(PyObject *fields, struct piece *pieces, Py_ssize_t *size)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(fields); i++) {
        PyObject *field = PyList_GET_ITEM(fields, i);
        struct piece *piece = &pieces[count];
        if (!PyTuple_Check(field) || PyTuple_GET_SIZE(field) != 3)
            return -1;
        if (PyTuple_GET_ITEM(field, 0) == length_key
            || (PyUnicode_GET_LENGTH(PyTuple_GET_ITEM(field, 0)) == PyUnicode_GET_LENGTH(length_key)
                && PyUnicode_Compare(PyTuple_GET_ITEM(field, 0), length_key) == 0))
            continue;
        piece->name = octets_of(PyTuple_GET_ITEM(field, 1), &piece->name_length);
        piece->value = octets_of(PyTuple_GET_ITEM(field, 2), &piece->value_length);
        if (piece->name == NULL || piece->value == NULL)
            return -1;
        *size += piece->name_length + piece->value_length + 4;
        count++;
    }
    return count;
}

static char *put(char *at, const char *octets, Py_ssize_t length)
{
    memcpy(at, octets, length);
    return at + length;
}

static PyObject *write_message(PyObject *self, PyObject *const *given, Py_ssize_t count)
{
    struct piece pieces[MOST_FIELDS];
    char tail[48], *at;
    const char *start;
    Py_ssize_t start_length, size, kept;
    int tail_length;
    PyObject *data;
    if (count != 3 || !PyList_Check(given[1]) || !PyBytes_Check(given[2])) {
        PyErr_SetString(PyExc_TypeError, "a line, a list of fields and octets are wanted");
        return NULL;
    }
    start = octets_of(given[0], &start_length);
    if (start == NULL || PyList_GET_SIZE(given[1]) > MOST_FIELDS)
        Py_RETURN_NONE;
    size = start_length + 2;
    kept = take_pieces(given[1], pieces, &size);
    if (PyErr_Occurred())
        return NULL;
    if (kept < 0)
        Py_RETURN_NONE;
    tail_length = snprintf(tail, sizeof tail, "Content-Length: %zd\r\n\r\n",
                           PyBytes_GET_SIZE(given[2]));
    data = PyBytes_FromStringAndSize(NULL, size + tail_length + PyBytes_GET_SIZE(given[2]));
    if (data == NULL)
        return NULL;
    at = put(put(PyBytes_AS_STRING(data), start, start_length), "\r\n", 2);
    for (Py_ssize_t i = 0; i < kept; i++) {
        at = put(put(at, pieces[i].name, pieces[i].name_length), ": ", 2);
        at = put(put(at, pieces[i].value, pieces[i].value_length), "\r\n", 2);
    }
    at = put(at, tail, tail_length);
    put(at, PyBytes_AS_STRING(given[2]), PyBytes_GET_SIZE(given[2]));
    return data;
}

static PyMethodDef methods[] = {
    {"write_message", (PyCFunction)(void (*)(void))write_message, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "plain_writer", "Plain SIP messages: fields to octets.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_plain_writer(void)
{
    length_key = PyUnicode_InternFromString("content-length");
    return length_key == NULL ? NULL : PyModule_Create(&module);
}
