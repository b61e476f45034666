/* Datagrams taken from a socket many at a time, by one system call, and sent to whom they came from,
 * for appliance/net/udp.py.
 *
 * What asks Python's own socket asks twice for each datagram, since the second answer, that there
 * is no more, comes as an exception. recvmmsg(2) says it by a count. */

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { AT_ONCE = 64, LARGEST = 65536 }; /* udp.DATAGRAMS_PER_WAKE_UP */

/* One call at a time holds the interpreter's lock from the system call until all is copied. */
static char octets[AT_ONCE][LARGEST];
static struct sockaddr_in6 sources[AT_ONCE]; /* the larger of the two families */
static struct iovec pieces[AT_ONCE];
static struct mmsghdr headers[AT_ONCE];

static void prepare(int at)
{
    pieces[at].iov_base = octets[at];
    pieces[at].iov_len = LARGEST;
    headers[at].msg_hdr.msg_iov = &pieces[at];
    headers[at].msg_hdr.msg_iovlen = 1;
    headers[at].msg_hdr.msg_name = &sources[at];
    headers[at].msg_hdr.msg_namelen = sizeof sources[at];
}

static PyObject *datagram(const struct mmsghdr *received, int at)
{
    PyObject *pair = PyTuple_New(2);
    PyObject *data = PyBytes_FromStringAndSize(octets[at], received->msg_len);
    PyObject *source = PyBytes_FromStringAndSize((const char *)&sources[at],
                                                 received->msg_hdr.msg_namelen);
    if (pair == NULL || data == NULL || source == NULL) {
        Py_XDECREF(pair);
        Py_XDECREF(data);
        Py_XDECREF(source);
        return NULL;
    }
    PyTuple_SET_ITEM(pair, 0, data);
    PyTuple_SET_ITEM(pair, 1, source);
    return pair;
}

static PyObject *receive(PyObject *self, PyObject *number)
{
    PyObject *taken;
    int count, descriptor = (int)PyLong_AsLong(number);
    if (PyErr_Occurred())
        return NULL;
    count = recvmmsg(descriptor, headers, AT_ONCE, MSG_DONTWAIT, NULL);
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        return PyErr_SetFromErrno(PyExc_OSError);
    if (count < 0)
        count = 0;
    taken = PyList_New(count);
    for (int i = 0; taken != NULL && i < count; i++) {
        PyObject *pair = datagram(&headers[i], i);
        if (pair == NULL)
            Py_CLEAR(taken);
        else
            PyList_SET_ITEM(taken, i, pair);
    }
    for (int i = 0; i < count; i++)
        prepare(i); /* the kernel wrote lengths over ours */
    return taken;
}

/* To an address as the kernel gave it; OSError as of Python's own socket. */
static PyObject *send_one(PyObject *self, PyObject *const *given, Py_ssize_t count)
{
    int descriptor = count == 3 ? (int)PyLong_AsLong(given[0]) : -1;
    if (PyErr_Occurred())
        return NULL;
    if (count != 3 || !PyBytes_Check(given[1]) || !PyBytes_Check(given[2])) {
        PyErr_SetString(PyExc_TypeError, "a descriptor, octets, the octets of an address");
        return NULL;
    }
    if (sendto(descriptor, PyBytes_AS_STRING(given[1]), PyBytes_GET_SIZE(given[1]), 0,
               (const struct sockaddr *)PyBytes_AS_STRING(given[2]),
               (socklen_t)PyBytes_GET_SIZE(given[2])) < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"send", (PyCFunction)(void (*)(void))send_one, METH_FASTCALL, NULL},
    {"receive", receive, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "datagrams", "Datagrams many at a time.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_datagrams(void)
{
    for (int i = 0; i < AT_ONCE; i++)
        prepare(i);
    return PyModule_Create(&module);
}
