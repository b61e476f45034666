/* Plain SIP messages that came: octets to values, for appliance/sip/message.py and headers.py.
 *
 * Plain is what nearly every phone sends: ASCII, lines that end with CRLF, a start line of three
 * words with single blanks, no folded line, names that are tokens, a Content-Length of digits that
 * the datagram holds. Whatever is not plain, or wrong in any way, gives None, and the reader in
 * Python judges it: this file refuses nothing and repairs nothing. RFC 3261 section 7.
 * tests/sip/test_plain_messages.py holds both to the same results. */

#include "plain_text.h"

#include <stdint.h>

enum {
    MOST_FIELDS = 200,      /* message.MAX_HEADERS */
    LARGEST = 65536,        /* message.MAX_OCTETS */
    LONGEST_NAME = 32,
    MOST_NAMES = 256,       /* a power of two, twice what is known at least */
    LONGEST_FIGURE = 5,
};

/* A name as written, with the key that all its spellings share. */
struct name {
    char octets[LONGEST_NAME];
    Py_ssize_t length;
    PyObject *written;
    PyObject *key;
};

static struct name names[MOST_NAMES];
static int names_known;
static PyObject *length_key;    /* "content-length" */

static unsigned hash_of(const char *octets, Py_ssize_t length)
{
    unsigned hash = 2166136261u;
    for (Py_ssize_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)octets[i]) * 16777619u;
    return hash;
}

/* The place of a name in the table: its own, or the free one where it would stand. */
static struct name *place_of(const char *octets, Py_ssize_t length)
{
    unsigned at = hash_of(octets, length) % MOST_NAMES;
    while (names[at].written != NULL
           && (names[at].length != length || memcmp(names[at].octets, octets, length) != 0))
        at = (at + 1) % MOST_NAMES;
    return &names[at];
}

/* The name as written and its key; -1 with an error set, 0 when it is not plain. */
static int read_name(const char *octets, Py_ssize_t length, PyObject **written, PyObject **key)
{
    char lowered[LONGEST_NAME];
    const struct name *known;
    if (length < 1 || length > LONGEST_NAME)
        return 0;
    known = place_of(octets, length);
    if (known->written != NULL) {
        *written = Py_NewRef(known->written);
        *key = Py_NewRef(known->key);
        return 1;
    }
    if (length == 1)
        return 0; /* a compact form in an unusual case */
    for (Py_ssize_t i = 0; i < length; i++) {
        if (!is_token[(unsigned char)octets[i]])
            return 0;
        lowered[i] = lower(octets[i]);
    }
    *written = ascii(octets, length);
    *key = *written == NULL ? NULL : ascii(lowered, length);
    if (*key == NULL) {
        Py_CLEAR(*written);
        return -1;
    }
    return 1;
}

/* What is read of the fields: the first value of each key, and of the keys that stand in several
 * lines all values; or, where these are not asked for, the fields in order. */
struct read {
    PyObject *firsts, *more, *fields;
};

/* A value whose key stood in a line before. */
static int note_more(struct read *read, PyObject *key, PyObject *first, PyObject *value)
{
    PyObject *values;
    int failed;
    if (read->more == NULL && (read->more = PyDict_New()) == NULL)
        return -1;
    values = PyDict_GetItemWithError(read->more, key);
    if (values != NULL)
        return PyList_Append(values, value);
    if (PyErr_Occurred() || (values = PyList_New(2)) == NULL)
        return -1;
    PyList_SET_ITEM(values, 0, Py_NewRef(first));
    PyList_SET_ITEM(values, 1, Py_NewRef(value));
    failed = PyDict_SetItem(read->more, key, values);
    Py_DECREF(values);
    return failed;
}

static int note_value(struct read *read, PyObject *key, PyObject *value)
{
    Py_ssize_t known = PyDict_GET_SIZE(read->firsts);
    PyObject *first = PyDict_SetDefault(read->firsts, key, value);
    if (first == NULL)
        return -1;
    return PyDict_GET_SIZE(read->firsts) > known ? 0 : note_more(read, key, first, value);
}

static int note_field(struct read *read, PyObject *key, PyObject *written, PyObject *value)
{
    PyObject *field = PyTuple_Pack(3, key, written, value);
    int failed = field == NULL ? -1 : PyList_Append(read->fields, field);
    Py_XDECREF(field);
    return failed;
}

/* One line ``name: value``; 1 done, 0 not plain, -1 with an error set. */
static int read_field(const char *line, const char *end, struct read *read)
{
    const char *colon = memchr(line, ':', end - line), *name_end, *start;
    PyObject *written, *key, *value;
    int done;
    if (colon == NULL)
        return 0;
    name_end = colon;
    while (name_end > line && is_blank(name_end[-1]))
        name_end--;
    done = read_name(line, name_end - line, &written, &key);
    if (done != 1)
        return done;
    start = colon + 1;
    while (start < end && is_blank(*start))
        start++;
    while (end > start && is_blank(end[-1]))
        end--;
    value = ascii(start, end - start);
    if (value == NULL)
        done = -1;
    else
        done = (read->fields != NULL ? note_field(read, key, written, value)
                                     : note_value(read, key, value)) == 0 ? 1 : -1;
    Py_DECREF(written);
    Py_DECREF(key);
    Py_XDECREF(value);
    return done;
}

/* Method and URI, or status and reason; 1 done, 0 not plain, -1 with an error set. */
static int read_start(const char *line, const char *end, PyObject **first, PyObject **second,
                      long *status)
{
    static const char version[] = "SIP/2.0";
    const Py_ssize_t word = sizeof version - 1;
    const char *blank, *last;
    *status = 0;
    *second = NULL;
    if (end - line > word && memcmp(line, version, word) == 0 && line[word] == ' ') {
        const char *figure = line + word + 1;
        if (end - figure < 3 || (end - figure > 3 && figure[3] != ' '))
            return 0;
        for (int i = 0; i < 3; i++) {
            if (figure[i] < '0' || figure[i] > '9')
                return 0;
            *status = *status * 10 + figure[i] - '0';
        }
        if (*status < 100 || *status > 699)
            return 0;
        figure += end - figure > 3 ? 4 : 3;
        *first = ascii(figure, end - figure);
        *second = *first == NULL ? NULL : Py_NewRef(nothing);
        return *first == NULL ? -1 : 1;
    }
    blank = memchr(line, ' ', end - line);
    last = end - word - 1;
    if (blank == NULL || last <= blank + 1 || *last != ' ' || memcmp(last + 1, version, word) != 0)
        return 0;
    if (memchr(blank + 1, ' ', last - blank - 1) != NULL)
        return 0;
    for (const char *c = line; c < blank; c++)
        if (*c < 'A' || *c > 'Z')
            return 0;
    if (blank == line)
        return 0;
    *first = ascii(line, blank - line);
    *second = *first == NULL ? NULL : ascii(blank + 1, last - blank - 1);
    if (*second == NULL) {
        Py_CLEAR(*first);
        return -1;
    }
    return 1;
}

/* The body that Content-Length cuts; 1 done, 0 not plain, -1 with an error set. */
static int read_body(const char *rest, Py_ssize_t left, PyObject *firsts, PyObject **body)
{
    PyObject *text = PyDict_GetItemWithError(firsts, length_key);
    Py_ssize_t length = left;
    if (text == NULL && PyErr_Occurred())
        return -1;
    if (text != NULL) {
        const char *digits = (const char *)PyUnicode_1BYTE_DATA(text);
        Py_ssize_t count = PyUnicode_GET_LENGTH(text);
        if (count < 1 || count > LONGEST_FIGURE)
            return 0;
        length = 0;
        for (Py_ssize_t i = 0; i < count; i++) {
            if (digits[i] < '0' || digits[i] > '9')
                return 0;
            length = length * 10 + digits[i] - '0';
        }
        if (length > left)
            return 0;
    }
    *body = PyBytes_FromStringAndSize(rest, length);
    return *body == NULL ? -1 : 1;
}

/* Whether eight octets are all between the blank and the tilde. */
static int are_printable(const char *octets)
{
    const uint64_t each = 0x0101010101010101u, top = 0x80 * each;
    uint64_t word, control, rubout;
    memcpy(&word, octets, sizeof word);
    control = (word - ' ' * each) & ~word;
    rubout = word ^ (0x7f * each);
    rubout = (rubout - each) & ~rubout;
    return ((word | control | rubout) & top) == 0;
}

/* Where the head ends (behind its last line's CRLF), or NULL when it is not plain: only ASCII, CR
 * and LF in pairs alone, no NUL. Each line's end is told by the walk itself. */
static const char *end_of_head(const char *octets, const char *end)
{
    for (const char *c = octets; c < end; c++) {
        unsigned char octet = (unsigned char)*c;
        if (octet >= ' ' && octet < 0x7f) {
            while (end - c > 8 && are_printable(c + 1))
                c += 8;
            continue;
        }
        if (octet == '\r' && end - c >= 2 && c[1] == '\n') {
            if (end - c >= 4 && c[2] == '\r' && c[3] == '\n')
                return c + 2;
            c++;
        } else if (octet != '\t') {
            return NULL;
        }
    }
    return NULL;
}

static int read_lines(const char *line, const char *head_end, struct read *read)
{
    int count = 0;
    while (line < head_end) {
        const char *end = memchr(line, '\r', head_end - line);
        int done;
        if (is_blank(*line) || ++count > MOST_FIELDS)
            return 0;
        done = read_field(line, end, read);
        if (done != 1)
            return done;
        line = end + 2;
    }
    return 1;
}

static PyObject *read_message(PyObject *self, PyObject *data)
{
    const char *octets, *end, *head_end, *first_end;
    PyObject *first = NULL, *second = NULL, *body = NULL, *message = NULL;
    struct read read = {NULL, NULL, NULL};
    long status;
    int done;
    if (!PyBytes_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "octets are wanted");
        return NULL;
    }
    octets = PyBytes_AS_STRING(data);
    end = octets + PyBytes_GET_SIZE(data);
    if (end - octets > LARGEST || (head_end = end_of_head(octets, end)) == NULL)
        Py_RETURN_NONE;
    first_end = memchr(octets, '\r', head_end - octets);
    done = read_start(octets, first_end, &first, &second, &status);
    if (done == 1) {
        read.firsts = PyDict_New();
        done = read.firsts == NULL ? -1 : read_lines(first_end + 2, head_end, &read);
    }
    if (done == 1)
        done = read_body(head_end + 2, end - head_end - 2, read.firsts, &body);
    if (done == 1)
        message = Py_BuildValue("OOlOOO", first, second, status, read.firsts,
                                read.more != NULL ? read.more : Py_None, body);
    Py_XDECREF(first);
    Py_XDECREF(second);
    Py_XDECREF(read.firsts);
    Py_XDECREF(read.more);
    Py_XDECREF(body);
    if (done == 0)
        Py_RETURN_NONE;
    return message;
}

/* The fields in order of a message that read_message has read. */
static PyObject *read_fields(PyObject *self, PyObject *data)
{
    const char *octets, *end, *head_end, *line;
    struct read read = {NULL, NULL, NULL};
    int done = 0;
    if (!PyBytes_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "octets are wanted");
        return NULL;
    }
    octets = PyBytes_AS_STRING(data);
    end = octets + PyBytes_GET_SIZE(data);
    head_end = end_of_head(octets, end);
    line = head_end == NULL ? NULL : memchr(octets, '\r', head_end - octets);
    read.fields = PyList_New(0);
    if (read.fields == NULL)
        return NULL;
    if (line != NULL)
        done = read_lines(line + 2, head_end, &read);
    if (done == 1)
        return read.fields;
    Py_DECREF(read.fields);
    if (done == 0)
        PyErr_SetString(PyExc_ValueError, "no plain message");
    return NULL;
}

static PyObject *know_names(PyObject *self, PyObject *keys)
{
    PyObject *written, *key;
    Py_ssize_t at = 0;
    if (!PyDict_Check(keys)) {
        PyErr_SetString(PyExc_TypeError, "keys by name are wanted");
        return NULL;
    }
    while (PyDict_Next(keys, &at, &written, &key)) {
        Py_ssize_t length;
        const char *octets = PyUnicode_AsUTF8AndSize(written, &length);
        struct name *place;
        if (octets == NULL)
            return NULL;
        if (length < 1 || length > LONGEST_NAME || names_known >= MOST_NAMES / 2)
            continue; /* it is read all the same, only slower */
        place = place_of(octets, length);
        if (place->written != NULL)
            continue;
        memcpy(place->octets, octets, length);
        place->length = length;
        place->written = Py_NewRef(written);
        place->key = Py_NewRef(key);
        names_known++;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"read_message", read_message, METH_O, NULL},
    {"read_fields", read_fields, METH_O, NULL},
    {"know_names", know_names, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "plain_reader", "Plain SIP messages: octets to values.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_plain_reader(void)
{
    if (begin_texts() < 0)
        return NULL;
    length_key = PyUnicode_InternFromString("content-length");
    if (length_key == NULL)
        return NULL;
    return PyModule_Create(&module);
}
