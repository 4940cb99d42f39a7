/* Counts the calls of a process that change files below a path, and lets the k-th of them fail, tear or kill.

   Loaded by LD_PRELOAD, and armed by torture_arm. The calls go to the kernel directly, so nothing is looked up and no
   order of loading matters. What is counted stands in memory shared with the process that watches. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN = 1, WRITE = 2, SYNC = 4, TRUNCATE = 8, RENAME = 16, UNLINK = 32, MKDIR = 64 };
enum action { COUNT = 0, KILL = 1, TEAR = 2, FAIL = 3, FAIL_FROM = 4, FILL = 5 };

struct watched {
    long calls, point;          /* how many came so far; the first that is harmed, from 1 */
    int kinds, action, number;  /* which are counted; what is done; the errno of a failure */
    int fired;                  /* how many were harmed */
    char prefix[PATH_MAX];      /* only calls on paths that begin so */
    char what[PATH_MAX];        /* the first that was harmed: call and path */
};

static struct watched *watched;

void torture_arm(struct watched *shared) { watched = shared; }

static void die(void) { syscall(SYS_kill, syscall(SYS_getpid), SIGKILL); }

static void absolute(int folder, const char *path, char *whole) {
    char link[64], base[PATH_MAX];
    ssize_t size;
    if (path[0] == '/') { snprintf(whole, PATH_MAX, "%s", path); return; }
    if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    size = readlink(link, base, sizeof base - 1);
    base[size < 0 ? 0 : size] = 0;
    if (snprintf(whole, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) whole[0] = 0;
}

/* Says what is to be done about a call: 0 let it happen, TEAR or FILL half of it, FAIL nothing of it. */
static int judge(enum kind kind, const char *call, const char *path) {
    long place;
    int saved = errno;
    if (!(watched->kinds & kind) || strncmp(path, watched->prefix, strlen(watched->prefix))) return 0;
    place = __sync_add_and_fetch(&watched->calls, 1);
    if (watched->action == COUNT || place < watched->point) return 0;
    if (place > watched->point && watched->action != FAIL_FROM && watched->action != FILL) return 0;
    if (watched->action == TEAR && kind != WRITE) return 0;
    if (watched->fired++ == 0) {
        if (snprintf(watched->what, PATH_MAX, "%s %s", call, path) < 0) watched->what[0] = 0;
    }
    if (watched->action == KILL) die();
    errno = saved;
    if (watched->action == TEAR) return TEAR;
    if (watched->action == FILL && place == watched->point && kind == WRITE) return FILL;
    errno = watched->number;
    return FAIL;
}

static int on_path(enum kind kind, const char *call, int folder, const char *path) {
    char whole[PATH_MAX];
    if (!watched) return 0;
    absolute(folder, path, whole);
    return judge(kind, call, whole);
}

static int on_file(enum kind kind, const char *call, int file) {
    char link[64], whole[PATH_MAX];
    ssize_t size;
    int saved = errno;
    if (!watched) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    size = readlink(link, whole, sizeof whole - 1);
    errno = saved;
    if (size < 0) return 0;
    whole[size] = 0;
    return judge(kind, call, whole);
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    int changes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
    if (changes && on_path(OPEN, "open", folder, path)) return -1;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }

ssize_t write(int file, const void *bytes, size_t size) {
    switch (on_file(WRITE, "write", file)) {
    case TEAR: syscall(SYS_write, file, bytes, size / 2); die();
    /* fall through */
    case FAIL: return -1;
    case FILL: return syscall(SYS_write, file, bytes, (size + 1) / 2);
    }
    return syscall(SYS_write, file, bytes, size);
}

static ssize_t written(int file, const void *bytes, size_t size, off_t place) {
    switch (on_file(WRITE, "pwrite", file)) {
    case TEAR: syscall(SYS_pwrite64, file, bytes, size / 2, place); die();
    /* fall through */
    case FAIL: return -1;
    case FILL: return syscall(SYS_pwrite64, file, bytes, (size + 1) / 2, place);
    }
    return syscall(SYS_pwrite64, file, bytes, size, place);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) { return written(file, bytes, size, place); }
ssize_t pwrite64(int file, const void *bytes, size_t size, off_t place) { return written(file, bytes, size, place); }

ssize_t writev(int file, const struct iovec *parts, int count) {
    if (on_file(WRITE, "writev", file)) return -1;
    return syscall(SYS_writev, file, parts, count);
}

int fsync(int file) { return on_file(SYNC, "fsync", file) ? -1 : (int)syscall(SYS_fsync, file); }
int fdatasync(int file) { return on_file(SYNC, "fdatasync", file) ? -1 : (int)syscall(SYS_fdatasync, file); }

int ftruncate(int file, off_t size) { return on_file(TRUNCATE, "ftruncate", file) ? -1 : (int)syscall(SYS_ftruncate, file, size); }
int ftruncate64(int file, off_t size) { return on_file(TRUNCATE, "ftruncate", file) ? -1 : (int)syscall(SYS_ftruncate, file, size); }

static int renamed(int from, const char *old, int to, const char *new) {
    if (on_path(RENAME, "rename", from, old)) return -1;
    return (int)syscall(SYS_renameat2, from, old, to, new, 0);
}

int rename(const char *old, const char *new) { return renamed(AT_FDCWD, old, AT_FDCWD, new); }
int renameat(int from, const char *old, int to, const char *new) { return renamed(from, old, to, new); }

static int removed(int folder, const char *path, int flags) {
    if (on_path(UNLINK, flags ? "rmdir" : "unlink", folder, path)) return -1;
    return (int)syscall(SYS_unlinkat, folder, path, flags);
}

int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) { return removed(folder, path, flags); }

static int made(int folder, const char *path, mode_t mode) {
    if (on_path(MKDIR, "mkdir", folder, path)) return -1;
    return (int)syscall(SYS_mkdirat, folder, path, mode);
}

int mkdir(const char *path, mode_t mode) { return made(AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return made(folder, path, mode); }
