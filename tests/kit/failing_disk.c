/* A disk that fails: writes to files of one folder end with EIO for as long as a switch exists.
 *
 * Loaded before libc (LD_PRELOAD). DOZVON_FAILING_FOLDER: below it all writes, truncations and
 * syncs fail; DOZVON_FAILING_SWITCH: a file; while it is there they do. What is mapped into memory
 * does not come by here: SQLite writes its index of the log so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fails(int fd)
{
    const char *switch_path = getenv("DOZVON_FAILING_SWITCH");
    const char *folder = getenv("DOZVON_FAILING_FOLDER");
    if (!switch_path || !folder || access(switch_path, F_OK))
        return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return !strncmp(path, folder, strlen(folder));
}

#define REAL(type, name, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
#define FAIL_OR(fd, call)                                                                          \
    if (fails(fd)) {                                                                               \
        errno = EIO;                                                                               \
        return -1;                                                                                 \
    }                                                                                              \
    return call

ssize_t write(int fd, const void *data, size_t size)
{
    FAIL_OR(fd, REAL(ssize_t, "write", int, const void *, size_t)(fd, data, size));
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    FAIL_OR(fd, REAL(ssize_t, "pwrite", int, const void *, size_t, off_t)(fd, data, size, at));
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    FAIL_OR(fd, REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t)(fd, data, size, at));
}

int ftruncate(int fd, off_t size)
{
    FAIL_OR(fd, REAL(int, "ftruncate", int, off_t)(fd, size));
}

int ftruncate64(int fd, off64_t size)
{
    FAIL_OR(fd, REAL(int, "ftruncate64", int, off64_t)(fd, size));
}

int fsync(int fd)
{
    FAIL_OR(fd, REAL(int, "fsync", int)(fd));
}

int fdatasync(int fd)
{
    FAIL_OR(fd, REAL(int, "fdatasync", int)(fd));
}
