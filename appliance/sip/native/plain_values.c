/* Plain values of header fields: text to structure, for appliance/sip/headers.py, message.py and
 * digest.py.
 *
 * Plain is what nearly every phone writes: ASCII, no escapes, blanks where everybody puts them.
 * Whatever is not plain, or wrong in any way, gives None, and the reader in Python judges it: this
 * file refuses nothing and repairs nothing. RFC 3261 section 25.1, RFC 7616.
 * tests/sip/test_plain_values.py holds both to the same results. */

#include "plain_text.h"

enum {
    LONGEST_WORD = 16,   /* of those below */
    LONGEST_NAME = 64,   /* of a parameter */
    LONGEST_HOST = 255,
    LONGEST_FIGURE = 9,  /* digits that no 31 bits can be too small for */
};

/* Names and values that come with nearly every message: one object each, whose hash is known. */
static const char *const WORDS[] = {
    "branch", "rport", "received", "tag", "expires", "q", "lr", "ob", "transport", "user",
    "username", "realm", "nonce", "uri", "response", "algorithm", "cnonce", "opaque", "qop", "nc",
    "UDP", "TCP", "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "MD5", "auth",
};
enum { WORDS_KNOWN = sizeof WORDS / sizeof WORDS[0], PLACES = 128 };

static struct {
    PyObject *text;
    const char *octets;
    Py_ssize_t length;
} places[PLACES];
static unsigned char is_host[256];

/* A piece of a text: from ``at`` up to ``end``. */
struct piece {
    const char *at, *end;
};

static unsigned place_of(const char *octets, Py_ssize_t length)
{
    return (unsigned)(length * 7 + octets[0] * 3 + octets[length - 1]) % PLACES;
}

static PyObject *text_of(const char *octets, Py_ssize_t length)
{
    if (length > 0 && length <= LONGEST_WORD) {
        for (unsigned at = place_of(octets, length); places[at].text != NULL;
             at = (at + 1) % PLACES)
            if (places[at].length == length && memcmp(places[at].octets, octets, length) == 0)
                return Py_NewRef(places[at].text);
    }
    return ascii(octets, length);
}

static PyObject *lowered(const char *octets, Py_ssize_t length)
{
    char name[LONGEST_HOST];
    for (Py_ssize_t i = 0; i < length; i++)
        name[i] = lower(octets[i]);
    return text_of(name, length);
}

/* The octets of a text of ASCII; 0 when it is none. */
static int take(PyObject *text, struct piece *piece)
{
    if (!PyUnicode_Check(text) || !PyUnicode_IS_COMPACT_ASCII(text))
        return 0;
    piece->at = (const char *)PyUnicode_1BYTE_DATA(text);
    piece->end = piece->at + PyUnicode_GET_LENGTH(text);
    return 1;
}

static struct piece stripped(struct piece piece)
{
    while (piece.at < piece.end && is_blank(*piece.at))
        piece.at++;
    while (piece.end > piece.at && is_blank(piece.end[-1]))
        piece.end--;
    return piece;
}

/* Put name and value into a dict unless the name is there; takes both references. */
static int put(PyObject *fields, PyObject *name, PyObject *value)
{
    int done = -1;
    if (name != NULL && value != NULL)
        done = PyDict_SetDefault(fields, name, value) == NULL ? -1 : 1;
    Py_XDECREF(name);
    Py_XDECREF(value);
    return done;
}

/* One ``name=value`` or ``flag``; 1 done, 0 not plain, -1 with an error set. */
static int read_param(struct piece item, PyObject *params)
{
    const char *equals = memchr(item.at, '=', item.end - item.at);
    struct piece name = stripped((struct piece){item.at, equals != NULL ? equals : item.end});
    PyObject *value;
    if (name.at == name.end)
        return 1;
    if (name.end - name.at > LONGEST_NAME)
        return 0;
    if (equals == NULL) {
        value = Py_NewRef(Py_None);
    } else {
        struct piece said = stripped((struct piece){equals + 1, item.end});
        value = text_of(said.at, said.end - said.at);
    }
    return put(params, lowered(name.at, name.end - name.at), value);
}

/* ``;name=value;flag`` (grammar.parse_params); NULL when it is not plain, or with an error set. */
static PyObject *params_of(struct piece text)
{
    PyObject *params = PyDict_New();
    int done = params == NULL ? -1 : 1;
    if (memchr(text.at, '"', text.end - text.at) != NULL
        || memchr(text.at, '<', text.end - text.at) != NULL)
        done = 0;
    while (done == 1 && text.at < text.end) {
        const char *cut = memchr(text.at, ';', text.end - text.at);
        struct piece item = {text.at, cut != NULL ? cut : text.end};
        done = item.at < item.end ? read_param(item, params) : 1;
        text.at = cut != NULL ? cut + 1 : text.end;
    }
    if (done != 1)
        Py_CLEAR(params);
    return params;
}

/* What the readers give: the value, an error, or None for what is not plain. */
static PyObject *given(PyObject *value)
{
    if (value != NULL || PyErr_Occurred())
        return value;
    Py_RETURN_NONE;
}

/* Pack references that are taken; NULL when one of them is missing. */
static PyObject *packed(PyObject **parts, Py_ssize_t count)
{
    PyObject *tuple = PyTuple_New(count);
    int is_whole = tuple != NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        is_whole = is_whole && parts[i] != NULL;
        if (tuple != NULL)
            PyTuple_SET_ITEM(tuple, i, parts[i]);
        else
            Py_XDECREF(parts[i]);
    }
    if (!is_whole)
        Py_CLEAR(tuple);
    return tuple;
}

static PyObject *read_params(PyObject *self, PyObject *text)
{
    struct piece piece;
    return given(take(text, &piece) ? params_of(piece) : NULL);
}

/* The display name before ``<``; 0 when it is not plain. */
static int read_display(struct piece *rest, struct piece *display)
{
    if (rest->at < rest->end && *rest->at == '"') {
        display->at = rest->at + 1;
        display->end = memchr(display->at, '"', rest->end - display->at);
        if (display->end == NULL
            || memchr(display->at, '\\', display->end - display->at) != NULL)
            return 0;
        rest->at = display->end + 1;
        while (rest->at < rest->end && is_blank(*rest->at))
            rest->at++;
    } else {
        display->at = display->end = rest->at;
        while (rest->at < rest->end && (is_token[(unsigned char)*rest->at] || is_blank(*rest->at)))
            if (!is_blank(*rest->at++))
                display->end = rest->at;
    }
    return rest->at < rest->end && *rest->at == '<';
}

/* ``"Display" <uri>;params`` as (display, uri, params). */
static PyObject *read_name_addr(PyObject *self, PyObject *text)
{
    struct piece rest, display, uri;
    PyObject *parts[3];
    if (!take(text, &rest))
        Py_RETURN_NONE;
    rest = stripped(rest);
    if (!read_display(&rest, &display))
        Py_RETURN_NONE;
    uri.at = uri.end = rest.at + 1;
    while (uri.end < rest.end && *uri.end != '>') {
        if (is_blank(*uri.end) || *uri.end == '<' || *uri.end == '"')
            Py_RETURN_NONE;
        uri.end++;
    }
    if (uri.end == rest.end || uri.end == uri.at)
        Py_RETURN_NONE;
    rest.at = uri.end + 1;
    while (rest.at < rest.end && is_blank(*rest.at))
        rest.at++;
    if (rest.at < rest.end && *rest.at != ';')
        Py_RETURN_NONE;
    parts[2] = params_of(rest);
    if (parts[2] == NULL)
        return given(NULL);
    parts[0] = text_of(display.at, display.end - display.at);
    parts[1] = text_of(uri.at, uri.end - uri.at);
    return packed(parts, 3);
}

/* Digits as a figure; -1 when there are none, too many, or something else. */
static long figure_of(struct piece digits)
{
    long figure = 0;
    if (digits.at == digits.end || digits.end - digits.at > LONGEST_FIGURE)
        return -1;
    for (; digits.at < digits.end; digits.at++) {
        if (*digits.at < '0' || *digits.at > '9')
            return -1;
        figure = figure * 10 + *digits.at - '0';
    }
    return figure;
}

/* ``SIP/2.0/UDP host:port;params`` as (transport, host, port or None, params). */
static PyObject *read_via(PyObject *self, PyObject *text)
{
    static const char version[] = "SIP/2.0/";
    const Py_ssize_t word = sizeof version - 1;
    struct piece rest, transport, host;
    PyObject *parts[4];
    long port = 0;
    int has_letter = 0;
    if (!take(text, &rest) || memchr(rest.at, ',', rest.end - rest.at) != NULL)
        Py_RETURN_NONE;
    if (rest.end - rest.at <= word || memcmp(rest.at, version, word) != 0)
        Py_RETURN_NONE;
    transport.at = transport.end = rest.at + word;
    while (transport.end < rest.end && *transport.end >= 'A' && *transport.end <= 'Z')
        transport.end++;
    if (transport.end == transport.at || transport.end == rest.end || *transport.end != ' ')
        Py_RETURN_NONE;
    host.at = host.end = transport.end + 1;
    for (; host.end < rest.end && is_host[(unsigned char)*host.end]; host.end++)
        has_letter |= is_host[(unsigned char)*host.end] == 2;
    if (!has_letter || host.end - host.at > LONGEST_HOST)
        Py_RETURN_NONE;
    rest.at = host.end;
    if (rest.at < rest.end && *rest.at == ':') {
        struct piece digits = {rest.at + 1, rest.at + 1};
        while (digits.end < rest.end && *digits.end != ';')
            digits.end++;
        port = digits.end - digits.at <= 5 ? figure_of(digits) : -1;
        if (port < 1 || port > 65535)
            Py_RETURN_NONE;
        rest.at = digits.end;
    }
    if (rest.at < rest.end && *rest.at != ';')
        Py_RETURN_NONE;
    parts[3] = params_of(rest);
    if (parts[3] == NULL)
        return given(NULL);
    parts[0] = text_of(transport.at, transport.end - transport.at);
    parts[1] = lowered(host.at, host.end - host.at);
    parts[2] = port != 0 ? PyLong_FromLong(port) : Py_NewRef(Py_None);
    return packed(parts, 4);
}

/* ``314159 INVITE`` as (number, method). */
static PyObject *read_cseq(PyObject *self, PyObject *text)
{
    struct piece rest, digits;
    PyObject *parts[2];
    long number;
    if (!take(text, &rest))
        Py_RETURN_NONE;
    digits.at = digits.end = rest.at;
    while (digits.end < rest.end && *digits.end != ' ')
        digits.end++;
    number = figure_of(digits);
    rest.at = digits.end + 1;
    if (number < 0 || rest.at >= rest.end)
        Py_RETURN_NONE;
    for (const char *c = rest.at; c < rest.end; c++)
        if (!is_token[(unsigned char)*c])
            Py_RETURN_NONE;
    parts[0] = PyLong_FromLong(number);
    parts[1] = text_of(rest.at, rest.end - rest.at);
    return packed(parts, 2);
}

/* Digits as a figure, or None. */
static PyObject *read_figure(PyObject *self, PyObject *text)
{
    struct piece digits;
    long figure = take(text, &digits) ? figure_of(digits) : -1;
    if (figure < 0)
        Py_RETURN_NONE;
    return PyLong_FromLong(figure);
}

/* One ``name="value"`` or ``name=value`` of a digest; 1 done, 0 not plain, -1 with an error. */
static int read_digest_field(struct piece *rest, PyObject *fields)
{
    struct piece name = {rest->at, rest->at}, value;
    while (name.end < rest->end && lower(*name.end) >= 'a' && lower(*name.end) <= 'z')
        name.end++;
    if (name.end == name.at || name.end - name.at > LONGEST_NAME || name.end == rest->end
        || *name.end != '=')
        return 0;
    value.at = value.end = name.end + 1;
    if (value.at < rest->end && *value.at == '"') {
        value.at++;
        value.end = memchr(value.at, '"', rest->end - value.at);
        if (value.end == NULL || memchr(value.at, '\\', value.end - value.at) != NULL)
            return 0;
        rest->at = value.end + 1;
    } else {
        while (value.end < rest->end && *value.end != ',') {
            if (*value.end <= ' ' || strchr("\"<>\\", *value.end) != NULL)
                return 0;
            value.end++;
        }
        rest->at = value.end;
    }
    return put(fields, lowered(name.at, name.end - name.at),
               text_of(value.at, value.end - value.at));
}

/* The fields of a Digest by name in lower case, quotes resolved. */
static PyObject *read_digest(PyObject *self, PyObject *text)
{
    static const char scheme[] = "digest ";
    const Py_ssize_t word = sizeof scheme - 1;
    struct piece rest;
    PyObject *fields;
    int done = 1;
    if (!take(text, &rest) || rest.end - rest.at <= word)
        Py_RETURN_NONE;
    for (Py_ssize_t i = 0; i < word; i++)
        if (lower(rest.at[i]) != scheme[i])
            Py_RETURN_NONE;
    rest.at += word;
    fields = PyDict_New();
    if (fields == NULL)
        return NULL;
    while ((done = read_digest_field(&rest, fields)) == 1 && rest.at < rest.end) {
        if (*rest.at++ != ',') {
            done = 0;
            break;
        }
        if (rest.at < rest.end && *rest.at == ' ')
            rest.at++;
    }
    if (done != 1)
        Py_CLEAR(fields);
    return given(fields);
}

static PyMethodDef methods[] = {
    {"read_params", read_params, METH_O, NULL},
    {"read_name_addr", read_name_addr, METH_O, NULL},
    {"read_via", read_via, METH_O, NULL},
    {"read_cseq", read_cseq, METH_O, NULL},
    {"read_figure", read_figure, METH_O, NULL},
    {"read_digest", read_digest, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "plain_values", "Plain values of header fields.", -1, methods,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_plain_values(void)
{
    for (int c = 0; c < 128; c++) {
        int is_letter = (c >= '0' && c <= '9') || (lower((char)c) >= 'a' && lower((char)c) <= 'z');
        is_host[c] = is_letter ? 2 : c == '-' || c == '.' || c == '_';
    }
    if (begin_texts() < 0)
        return NULL;
    for (int i = 0; i < WORDS_KNOWN; i++) {
        Py_ssize_t length = (Py_ssize_t)strlen(WORDS[i]);
        unsigned at = place_of(WORDS[i], length);
        while (places[at].text != NULL)
            at = (at + 1) % PLACES;
        places[at].text = PyUnicode_InternFromString(WORDS[i]);
        if (places[at].text == NULL || PyObject_Hash(places[at].text) == -1)
            return NULL;
        places[at].octets = WORDS[i];
        places[at].length = length;
    }
    return PyModule_Create(&module);
}
