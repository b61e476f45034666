/* Letters and texts, as plain_reader.c and plain_values.c both need them. */
#ifndef DOZVON_PLAIN_TEXT_H
#define DOZVON_PLAIN_TEXT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

static PyObject *nothing;             /* "" */
static unsigned char is_token[256];   /* RFC 3261 section 25.1 */

static inline int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline PyObject *ascii(const char *octets, Py_ssize_t length)
{
    PyObject *text;
    if (length == 0)
        return Py_NewRef(nothing);
    text = PyUnicode_New(length, 127);
    if (text != NULL)
        memcpy(PyUnicode_1BYTE_DATA(text), octets, length);
    return text;
}

/* Once, before anything else; -1 with an error set. */
static inline int begin_texts(void)
{
    static const char tokens[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~";
    for (const char *c = tokens; *c; c++)
        is_token[(unsigned char)*c] = 1;
    nothing = PyUnicode_InternFromString("");
    return nothing == NULL ? -1 : 0;
}

#endif
