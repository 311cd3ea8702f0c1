// SPDX-License-Identifier: MIT
// needs: root
//
// process_vm_readv and process_vm_writev between processes: memory that was copied by fork, that is only there in one of them, that nobody
// has touched yet, and that is not there; also while both run, and by who may not.
#include "conform.h"
#include <sched.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { PAGE = 4096, LARGE = 3 << 20 };

static char text[64] = "the parent's";
static char *large, *untouched;

struct ends {
    int ready[2], go[2];
};

static ssize_t look(pid_t pid, void *to, const void *from, size_t size)
{
    struct iovec local = {to, size}, remote = {(void *)(uintptr_t)from, size};
    return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static ssize_t put(pid_t pid, void *to, const void *from, size_t size)
{
    struct iovec local = {(void *)(uintptr_t)from, size}, remote = {to, size};
    return process_vm_writev(pid, &local, 1, &remote, 1, 0);
}

static void wait_for(int fd)
{
    char c;
    NEED(read(fd, &c, 1) == 1);
}

static void tell(int fd)
{
    NEED(write(fd, "x", 1) == 1);
}

static void child(const struct ends *e, char *own)
{
    strcpy(text, "the child's");
    memset(large, 'c', LARGE);
    strcpy(own, "only here");
    tell(e->ready[1]);
    wait_for(e->go[0]);
    printf("child has: %s, %s, %.9s, %c\n", text, own, untouched, large[LARGE - 1]);
    tell(e->ready[1]);
    for (volatile unsigned long turns = 0;; turns++) // runs on while it is looked at
        text[63] = (char)turns;
}

static void vectors(pid_t pid)
{
    char a[8] = "", b[8] = "";
    struct iovec local[2] = {{a, 4}, {b, 7}}, remote[3] = {{text, 3}, {text + 4, 5}, {large, 3}};
    TRY(process_vm_readv(pid, local, 2, remote, 3, 0));
    printf("%s %s\n", a, b);
    remote[1].iov_base = (void *)8;
    TRY(process_vm_readv(pid, local, 2, remote, 3, 0)); // up to what is not there
    remote[0].iov_base = (void *)8;
    TRY(process_vm_readv(pid, local, 2, remote, 3, 0));
    remote[0].iov_base = text;
    local[0].iov_base = (void *)8;
    TRY(process_vm_readv(pid, local, 1, remote, 1, 0));
}

static void by_another_user(pid_t pid)
{
    fflush(stdout);
    if (!fork()) {
        char got[8];
        NEED(!setresgid(1000, 1000, 1000) && !setresuid(1000, 1000, 1000));
        TRY(look(pid, got, text, 8));
        TRY(put(pid, text, got, 8));
        exit(0);
    }
    wait(NULL);
}

static void by_file(pid_t pid)
{
    char path[64], got[16] = "";
    snprintf(path, sizeof(path), "/proc/%d/mem", pid);
    int fd = open(path, O_RDWR);
    TRY(pread(fd, got, 8, (off_t)(uintptr_t)text));
    printf("%s\n", got);
    TRY(pwrite(fd, "by file", 8, (off_t)(uintptr_t)text));
    TRY(look(pid, got, text, 8));
    printf("%s, %s\n", got, text);
    TRY(pread(fd, got, 8, 0));
    close(fd);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct ends e;
    char got[64] = "", *copy = malloc(LARGE), *own;
    NEED(!pipe(e.ready) && !pipe(e.go));
    large = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    untouched = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    own = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(large != MAP_FAILED && untouched != MAP_FAILED && own != MAP_FAILED);
    memset(large, 'p', LARGE);
    fflush(stdout);
    pid_t pid = fork();
    if (!pid)
        child(&e, own);
    NEED(!munmap(own, 2 * PAGE));
    wait_for(e.ready[0]);
    TRY(look(pid, got, text, sizeof(text)));
    printf("%s; %s\n", got, text);
    TRY(look(pid, got, own, 16));
    printf("%s\n", got);
    TRY(look(pid, copy, large, LARGE));
    IS(all_are((unsigned char *)copy, LARGE, 'c') && all_are((unsigned char *)large, LARGE, 'p'));
    TRY(look(pid, got, untouched, 16));
    IS(all_are((unsigned char *)got, 16, 0));
    TRY(put(pid, text, "written", 8));
    TRY(put(pid, untouched, "untouched", 10));
    TRY(put(pid, own, "from outside", 13));
    memset(copy, 'w', LARGE);
    TRY(put(pid, large, copy, LARGE));
    printf("%s, %d, %c\n", text, untouched[0], large[0]);
    tell(e.go[1]);
    wait_for(e.ready[0]);
    bool same = true;
    for (int i = 0; i < 50; i++)
        same &= look(pid, got, text, 8) == 8 && !strcmp(got, "written") && look(pid, got, own, 13) == 13;
    IS(same);
    vectors(pid);
    by_file(pid);
    by_another_user(pid);
    TRY(look(pid, got, own + PAGE - 4, 8));
    kill(pid, SIGKILL);
    NEED(waitpid(pid, NULL, 0) == pid);
    TRY(look(pid, got, text, 8));
    return 0;
}
