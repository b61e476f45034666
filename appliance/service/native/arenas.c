/* Has the interpreter's small objects lie in large pages, for appliance/service/memory.py.
 *
 * They live in arenas of 1 MB, for which Python asks the kernel one by one; few of these come to lie
 * so that a large page (2 MB) has room. Here they are cut out of whole large pages. A page goes back
 * to the kernel when all of its arenas are free, as Python's own would. Raises nothing: what cannot
 * be had here is asked of Python's own allocator. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <sys/mman.h>

enum {
    ARENA = 1 << 20,     /* Objects/obmalloc.c of 64 bits; other sizes are not ours */
    LARGEST = 4 * ARENA, /* of a page: those of kernels with pages of 16 KB (32 MB) would stand empty */
    RESERVED = 64,       /* large pages that are reserved together: room, not memory */
    MOST_ROOMS = 16,     /* of so many pages each; more objects than 2 GB are not ours */
};

typedef struct {
    char *begin;
    unsigned given[RESERVED]; /* of each page a bit for each arena that is in use */
} room;

static PyObjectArenaAllocator before;
static room rooms[MOST_ROOMS];
static int room_count;
static size_t page;

/* Reserve more room, whole pages; 0 when there is none. */
static int reserve(void)
{
    if (room_count == MOST_ROOMS)
        return 0;
    size_t size = RESERVED * page;
    char *got = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED)
        return 0;
    char *begin = (char *)(((uintptr_t)got + page - 1) / page * page);
    if (begin > got)
        munmap(got, (size_t)(begin - got));
    munmap(begin + size, (size_t)(got + page - begin));
    madvise(begin, size, MADV_HUGEPAGE);
    rooms[room_count++].begin = begin;
    return 1;
}

/* The first arena that is free, so that what lives lies close together; NULL when none is. */
static void *take(void)
{
    unsigned whole = (1u << page / ARENA) - 1;
    for (int i = 0; i < room_count; i++) {
        for (int p = 0; p < RESERVED; p++) {
            unsigned *given = &rooms[i].given[p];
            if (*given == whole)
                continue;
            int bit = __builtin_ctz(~*given);
            *given |= 1u << bit;
            return rooms[i].begin + (size_t)p * page + (size_t)bit * ARENA;
        }
    }
    return NULL;
}

static void *allocate(void *context, size_t size)
{
    void *got = NULL;
    if (size == ARENA) {
        got = take();
        if (got == NULL && reserve())
            got = take();
    }
    return got != NULL ? got : before.alloc(before.ctx, size);
}

static void release(void *context, void *arena, size_t size)
{
    for (int i = 0; i < room_count; i++) {
        size_t at = (size_t)((char *)arena - rooms[i].begin);
        if ((char *)arena < rooms[i].begin || at >= RESERVED * page)
            continue;
        unsigned *given = &rooms[i].given[at / page];
        *given &= ~(1u << at % page / ARENA);
        if (*given == 0)
            madvise(rooms[i].begin + at / page * page, page, MADV_DONTNEED);
        return;
    }
    before.free(before.ctx, arena, size);
}

static PyObject *use_large_pages(PyObject *self, PyObject *octets)
{
    size_t asked = PyLong_AsSize_t(octets);
    if (asked == (size_t)-1 && PyErr_Occurred())
        return NULL;
    if (page != 0 || sizeof(void *) < 8 || asked < 2 * ARENA || asked > LARGEST || asked % ARENA)
        return PyBool_FromLong(page != 0 && page == asked);
    page = asked;
    PyObject_GetArenaAllocator(&before);
    PyObjectArenaAllocator ours = {NULL, allocate, release};
    PyObject_SetArenaAllocator(&ours);
    Py_RETURN_TRUE;
}

static PyMethodDef methods[] = {
    {"use_large_pages", use_large_pages, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "arenas", "Arenas in large pages.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_arenas(void)
{
    return PyModule_Create(&module);
}
