/* A disk that fails: writes to files of one folder, or reads of them, end with EIO for as long as a
 * switch exists.
 *
 * Loaded before libc (LD_PRELOAD). DOZVON_FAILING_FOLDER: below it all writes, truncations and
 * syncs fail while the file DOZVON_FAILING_SWITCH is there, and all reads of files whose path holds
 * what is written in the file DOZVON_FAILING_READS while that is there. What is mapped into memory
 * does not come by here: SQLite writes its index of the log so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(type, name, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

/* Whether the switch is there, and whether it is about this file. */
static int is_meant(int fd, const char *switch_name, int looks_inside)
{
    const char *switch_path = getenv(switch_name);
    const char *folder = getenv("DOZVON_FAILING_FOLDER");
    if (!switch_path || !folder || access(switch_path, F_OK))
        return 0;
    char link[64], path[PATH_MAX], part[64] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (strncmp(path, folder, strlen(folder)))
        return 0;
    if (!looks_inside)
        return 1;
    int file = open(switch_path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t read_octets = REAL(ssize_t, "read", int, void *, size_t)(file, part, sizeof part - 1);
    close(file);
    return read_octets > 0 && strstr(path, part);
}

static int fails(int fd) { return is_meant(fd, "DOZVON_FAILING_SWITCH", 0); }
static int is_unreadable(int fd) { return is_meant(fd, "DOZVON_FAILING_READS", 1); }

#define FAIL_TO_READ_OR(fd, call)                                                                  \
    if (is_unreadable(fd)) {                                                                       \
        errno = EIO;                                                                               \
        return -1;                                                                                 \
    }                                                                                              \
    return call
#define FAIL_OR(fd, call)                                                                          \
    if (fails(fd)) {                                                                               \
        errno = EIO;                                                                               \
        return -1;                                                                                 \
    }                                                                                              \
    return call

ssize_t read(int fd, void *data, size_t size)
{
    FAIL_TO_READ_OR(fd, REAL(ssize_t, "read", int, void *, size_t)(fd, data, size));
}

ssize_t pread(int fd, void *data, size_t size, off_t at)
{
    FAIL_TO_READ_OR(fd, REAL(ssize_t, "pread", int, void *, size_t, off_t)(fd, data, size, at));
}

ssize_t pread64(int fd, void *data, size_t size, off64_t at)
{
    FAIL_TO_READ_OR(fd, REAL(ssize_t, "pread64", int, void *, size_t, off64_t)(fd, data, size, at));
}

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
