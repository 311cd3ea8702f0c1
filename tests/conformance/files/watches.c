// SPDX-License-Identifier: MIT
//
// inotify: every event, its order, names and cookies; files and directories; what goes; overflow; waiting.
#include "conform.h"
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <time.h>

static int in;

static void show(const char *what)
{
    static const char *const names[] = {
        [0] = "ACCESS", [1] = "MODIFY", [2] = "ATTRIB", [3] = "CLOSE_WRITE", [4] = "CLOSE_NOWRITE", [5] = "OPEN", [6] = "MOVED_FROM",
        [7] = "MOVED_TO", [8] = "CREATE", [9] = "DELETE", [10] = "DELETE_SELF", [11] = "MOVE_SELF", [13] = "UNMOUNT", [14] = "Q_OVERFLOW",
        [15] = "IGNORED", [30] = "ISDIR",
    };
    static char buffer[8192] __attribute__((aligned(8)));
    static uint32_t cookie;
    ssize_t n;
    printf("%s:\n", what);
    while ((n = read(in, buffer, sizeof(buffer))) > 0)
        for (ssize_t at = 0; at < n;) {
            struct inotify_event *e = (struct inotify_event *)(buffer + at);
            printf("  %d", e->wd);
            for (int bit = 0; bit < 31; bit++)
                if (e->mask >> bit & 1)
                    printf(" %s", names[bit] ? names[bit] : "?");
            if (e->len)
                printf(" %s (%u)", e->name, e->len);
            if (e->cookie)
                printf(" %s", e->cookie == cookie ? "same cookie" : "new cookie");
            cookie = e->cookie;
            printf("\n");
            at += (ssize_t)(sizeof(*e) + e->len);
        }
}

static void touch(const char *path)
{
    close(open(path, O_WRONLY | O_CREAT, 0644));
}

static void *later(void *unused)
{
    usleep(30000);
    touch("dir/late");
    return NULL;
}

static void wrong(void)
{
    TRY(inotify_init1(0x1234));
    TRY(inotify_add_watch(77, "dir", IN_CREATE));
    TRY(inotify_add_watch(0, "dir", IN_CREATE) == -1);
    TRY(inotify_add_watch(in, "none", IN_CREATE));
    TRY(inotify_add_watch(in, "dir", 0));
    TRY(inotify_add_watch(in, "dir", IN_MASK_ADD | IN_MASK_CREATE | IN_OPEN));
    TRY(inotify_add_watch(in, "file", IN_ONLYDIR | IN_OPEN));
    TRY(inotify_rm_watch(in, 99));
    TRY(syscall(SYS_inotify_add_watch, in, 8, IN_OPEN));
    char small[4];
    TRY(read(in, small, 4));
    TRY(write(in, small, 4) == -1);
}

static void of_directory(void)
{
    TRY(inotify_add_watch(in, "dir", IN_ALL_EVENTS));
    write_file("dir/a", "content");
    show("written");
    show_file("dir/a");
    show("read");
    chmod("dir/a", 0600);
    truncate("dir/a", 3);
    show("changed");
    mkdir("dir/sub", 0755);
    symlink("a", "dir/link");
    link("dir/a", "dir/hard");
    show("made");
    rename("dir/a", "dir/b");
    rename("dir/b", "elsewhere");
    rename("elsewhere", "dir/a-rather-long-name-for-a-file");
    show("moved");
    unlink("dir/hard");
    unlink("dir/link");
    rmdir("dir/sub");
    unlink("dir/a-rather-long-name-for-a-file");
    show("removed");
    int fd = open("dir", O_RDONLY | O_DIRECTORY);
    close(fd);
    show("directory itself");
    TRY(inotify_rm_watch(in, 1));
    touch("dir/unseen");
    show("not watched");
    unlink("dir/unseen");
}

static void of_file(void)
{
    write_file("file", "x");
    TRY(inotify_add_watch(in, "file", IN_ALL_EVENTS));
    int fd = open("file", O_RDWR | O_APPEND);
    NEED(write(fd, "y", 1) == 1 && write(fd, "z", 1) == 1); // two alike in a row are one
    NEED(write(fd, "", 0) == 0);
    show("appended");
    char c;
    NEED(pread(fd, &c, 1, 0) == 1);
    ftruncate(fd, 1);
    fchmod(fd, 0640);
    show("more");
    rename("file", "file2");
    show("moved");
    unlink("file2");
    show("without a name");
    close(fd);
    show("gone");
    write_file("file", "x");
    write_file("other", "y");
    TRY(inotify_add_watch(in, "file", IN_ALL_EVENTS));
    rename("other", "file");
    show("replaced");
}

static void of_both(void)
{
    write_file("dir/both", "x");
    TRY(inotify_add_watch(in, "dir", IN_ALL_EVENTS));
    TRY(inotify_add_watch(in, "dir/both", IN_ALL_EVENTS));
    close(open("dir/both", O_RDONLY));
    show("opened");
    unlink("dir/both");
    show("removed");
    mkdir("dir/d", 0755);
    TRY(inotify_add_watch(in, "dir/d", IN_ALL_EVENTS));
    rename("dir/d", "dir/e");
    rmdir("dir/e");
    show("directory removed");
    TRY(inotify_add_watch(in, "dir", IN_CREATE));
    touch("dir/one");
    unlink("dir/one");
    show("only what is asked for");
    TRY(inotify_add_watch(in, "dir", IN_DELETE | IN_MASK_ADD));
    touch("dir/one");
    unlink("dir/one");
    show("and added");
    TRY(inotify_add_watch(in, "dir", IN_CREATE | IN_MASK_CREATE));
    TRY(inotify_add_watch(in, "dir", IN_CREATE | IN_ONESHOT));
    touch("dir/one");
    touch("dir/two");
    show("once");
    unlink("dir/one");
    unlink("dir/two");
}

static void waiting(void)
{
    struct pollfd p = {in, POLLIN, 0};
    int available = -1;
    pthread_t t;
    TRY(inotify_add_watch(in, "dir", IN_CREATE) > 0);
    TRY(poll(&p, 1, 0));
    TRY(ioctl(in, FIONREAD, &available));
    printf("available %d\n", available);
    NEED(!pthread_create(&t, NULL, later, NULL));
    TRY(poll(&p, 1, 60000));
    TRY(ioctl(in, FIONREAD, &available));
    printf("available %d\n", available);
    char small[20];
    TRY(read(in, small, sizeof(small)));
    pthread_join(t, NULL);
    char event[100];
    TRY(read(in, event, sizeof(event)));
    unlink("dir/late");
    fcntl(in, F_SETFL, 0);
    NEED(!pthread_create(&t, NULL, later, NULL));
    TRY(read(in, event, sizeof(event))); // waits
    pthread_join(t, NULL);
    fcntl(in, F_SETFL, O_NONBLOCK);
    unlink("dir/late");
}

static void overflow(void)
{
    int events = 0, overflows = 0;
    for (int i = 0; i < 8300; i++) { // each makes two
        char name[20];
        snprintf(name, sizeof(name), "dir/%d", i % 2);
        touch(name);
        unlink(name);
    }
    TRY(inotify_add_watch(in, "dir", IN_CREATE | IN_DELETE) > 0);
    for (int i = 0; i < 8300; i++) {
        char name[20];
        snprintf(name, sizeof(name), "dir/%d", i % 2);
        touch(name);
        unlink(name);
    }
    static char buffer[8192] __attribute__((aligned(8)));
    ssize_t n;
    while ((n = read(in, buffer, sizeof(buffer))) > 0)
        for (ssize_t at = 0; at < n;) {
            struct inotify_event *e = (struct inotify_event *)(buffer + at);
            overflows += e->mask == IN_Q_OVERFLOW && e->wd == -1;
            events++;
            at += (ssize_t)(sizeof(*e) + e->len);
        }
    printf("events %d, overflows %d\n", events, overflows);
}

int main(int argc, char **argv)
{
    begin(argv);
    in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    NEED(in >= 0);
    mkdir("dir", 0755);
    touch("file");
    TRY(fcntl(in, F_GETFD));
    wrong();
    of_directory();
    of_file();
    of_both();
    waiting();
    overflow();
    TRY(close(in));
    touch("dir/after");
    return 0;
}
