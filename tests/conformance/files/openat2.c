// SPDX-License-Identifier: MIT
//
// openat2: its structure, and where paths may lead.
// since: Linux 5.12
// needs: root
#include "conform.h"

struct open_how { // as in <linux/openat2.h>, which not every C library comes with
    uint64_t flags, mode, resolve;
};
enum {
    RESOLVE_NO_XDEV = 1,
    RESOLVE_NO_MAGICLINKS = 2,
    RESOLVE_NO_SYMLINKS = 4,
    RESOLVE_BENEATH = 8,
    RESOLVE_IN_ROOT = 16,
    RESOLVE_CACHED = 32
};
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

static int dir;

static void show(int at, const char *path, uint64_t flags, uint64_t resolve)
{
    struct open_how how = {.flags = flags, .resolve = resolve};
    int fd = (int)syscall(SYS_openat2, at, path, &how, sizeof(how));
    char c[20] = "";
    if (fd < 0) {
        printf("%s %llx %llx: %s\n", path, (unsigned long long)flags, (unsigned long long)resolve, errno_name(errno));
        return;
    }
    struct stat st;
    NEED(!fstat(fd, &st));
    if (S_ISREG(st.st_mode) && !(flags & O_PATH))
        (void)!read(fd, c, sizeof(c) - 1);
    printf("%s %llx %llx: %s %s\n", path, (unsigned long long)flags, (unsigned long long)resolve,
           S_ISREG(st.st_mode)   ? "file"
           : S_ISDIR(st.st_mode) ? "directory"
                                 : "other",
           c);
    close(fd);
}

static void structure(void)
{
    struct { struct open_how how; uint64_t more; } h = {.how.flags = O_RDONLY};
    IS(syscall(SYS_openat2, dir, "file", &h, sizeof(h)) >= 0);
    h.more = 1;
    TRY(syscall(SYS_openat2, dir, "file", &h, sizeof(h)));
    TRY(syscall(SYS_openat2, dir, "file", &h, 10));
    TRY(syscall(SYS_openat2, dir, "file", &h, 5000));
    TRY(syscall(SYS_openat2, dir, "file", 8, sizeof(h.how)));
    TRY(syscall(SYS_openat2, dir, 8, &h, sizeof(h.how)));
    TRY(syscall(SYS_openat2, 77, "file", &h, sizeof(h.how)));
    TRY(syscall(SYS_openat2, dir, "", &h, sizeof(h.how)));
    h.how.mode = 0600;
    TRY(syscall(SYS_openat2, dir, "file", &h, sizeof(h.how)));
    h.how.flags = O_CREAT | O_WRONLY, h.how.mode = 010600;
    TRY(syscall(SYS_openat2, dir, "file", &h, sizeof(h.how)));
    h.how.mode = 0600;
    IS(syscall(SYS_openat2, dir, "new", &h, sizeof(h.how)) >= 0);
    struct stat st;
    TRY(stat("dir/new", &st));
    printf("mode %o\n", st.st_mode);
    h.how = (struct open_how){.flags = 1ull << 40};
    TRY(syscall(SYS_openat2, dir, "file", &h, sizeof(h.how)));
    h.how = (struct open_how){.flags = O_PATH | O_RDWR};
    TRY(syscall(SYS_openat2, dir, "file", &h, sizeof(h.how)));
    h.how = (struct open_how){.resolve = 0x1000};
    TRY(syscall(SYS_openat2, dir, "file", &h, sizeof(h.how)));
    h.how = (struct open_how){.resolve = RESOLVE_BENEATH | RESOLVE_IN_ROOT};
    TRY(syscall(SYS_openat2, dir, "file", &h, sizeof(h.how)));
}

int main(int argc, char **argv)
{
    begin(argv);
    mkdir("dir", 0755);
    mkdir("dir/sub", 0755);
    mkdir("dir/tmp", 0755);
    write_file("outside", "outside");
    write_file("dir/file", "file");
    write_file("dir/sub/deep", "deep");
    write_file("dir/tmp/in-root", "in root");
    NEED(!symlink("file", "dir/link") && !symlink("../outside", "dir/out") && !symlink("/tmp/in-root", "dir/absolute") &&
         !symlink("sub", "dir/to-sub") && !symlink("../file", "dir/sub/up") && !symlink("loop", "dir/loop") &&
         !symlink("sub/../link", "dir/far") && !symlink("none", "dir/dangling") && !symlink("/proc/self/exe", "dir/magic"));
    dir = open("dir", O_RDONLY | O_DIRECTORY);
    structure();
    static const char *const paths[] = {"file",
                                        "link",
                                        "./sub//deep",
                                        "to-sub/deep",
                                        "sub/up",
                                        "sub/../file",
                                        "out",
                                        "../outside",
                                        "../dir/file",
                                        "absolute",
                                        "loop",
                                        "far",
                                        "dangling",
                                        "none",
                                        "none/file",
                                        "file/x",
                                        "sub",
                                        "sub/",
                                        "link/",
                                        "to-sub/",
                                        ".",
                                        "..",
                                        "sub/..",
                                        "/",
                                        "/tmp/in-root",
                                        "sub/../../../../file"};
    static const uint64_t rules[] = {RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS,
                                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    for (unsigned r = 0; r < sizeof(rules) / sizeof(rules[0]); r++)
        for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
            if (paths[i][0] != '/' || rules[r] & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) // not what this machine has in its own root
                if (rules[r] & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ||
                    (strcmp(paths[i], "absolute") && strcmp(paths[i], "sub/../../../../file")))
                    show(dir, paths[i], O_RDONLY, rules[r]);
    show(dir, "link", O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
    show(dir, "link", O_NOFOLLOW, RESOLVE_BENEATH);
    show(dir, "magic", O_RDONLY, RESOLVE_NO_MAGICLINKS);
    show(dir, "magic", O_RDONLY, RESOLVE_BENEATH);
    show(dir, "file", O_TRUNC | O_WRONLY, RESOLVE_CACHED);
    show(dir, "dangling", O_CREAT | O_RDWR, RESOLVE_BENEATH);
    show_file("dir/none");
    show(dir, "created", O_CREAT | O_RDWR, RESOLVE_IN_ROOT);
    show(dir, "link", O_CREAT | O_EXCL | O_RDWR, RESOLVE_BENEATH);
    return 0;
}
