// SPDX-License-Identifier: MIT
//
// Where segments of System V shared memory are attached: several places at a time, places of one's own, SHM_REMAP, SHM_RND and
// SHM_RDONLY; what munmap, mprotect, mremap, shmdt and execve do to an attachment, and how it shows.
#include "conform.h"
#include <setjmp.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>

enum { PAGE = 4096, PAGES = 8, SIZE = PAGES * PAGE };

static sigjmp_buf after_fault;
static int fault_code;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    fault_code = info->si_code;
    siglongjmp(after_fault, signal);
}

// 0, or the signal that a read or write of p ends in.
static int touch(volatile char *p, bool write)
{
    int r = sigsetjmp(after_fault, 1);
    if (!r) {
        if (write)
            *p = 'w';
        else
            (void)*p;
    }
    return r;
}

static unsigned long attached(int id)
{
    struct shmid_ds ds;
    NEED(!shmctl(id, IPC_STAT, &ds));
    return ds.shm_nattch;
}

static char *attach(int id, const void *at, int flags)
{
    char *p = shmat(id, at, flags);
    NEED(p != (void *)-1);
    return p;
}

// Addresses that are free: room for two segments.
static char *free_room(void)
{
    char *p = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    NEED(p != MAP_FAILED);
    munmap(p, 2 * SIZE);
    return p;
}

// p NULL: anywhere.
static bool mapped_by_name(const void *p, const char *name)
{
    char line[512];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "r");
    NEED(maps);
    while (fgets(line, sizeof(line), maps))
        found |= (!p || strtoul(line, NULL, 16) == (unsigned long)p) && strstr(line, " rw-s ") && strstr(line, name);
    fclose(maps);
    return found;
}

static void several(int id)
{
    char *a = attach(id, NULL, 0), *b = attach(id, NULL, 0), *c = attach(id, NULL, SHM_RDONLY);
    IS(a != b && b != c && a != c);
    TRY(attached(id));
    for (int i = 0; i < 1000; i++) { // the same bytes at all of them
        a[i * 7] = (char)i;
        if (b[i * 7] != (char)i || c[i * 7] != (char)i)
            printf("byte %d differs\n", i);
        b[i * 7 + 1] = (char)(i + 1);
        if (a[i * 7 + 1] != (char)(i + 1))
            printf("byte %d does not come back\n", i);
    }
    TRY(touch(c, false));
    TRY(touch(c, true));
    IS(fault_code == SEGV_ACCERR);
    TRY(mprotect(c, SIZE, PROT_READ | PROT_WRITE));
    TRY(shmdt(b));
    TRY(touch(b, false));
    IS(fault_code == SEGV_MAPERR);
    TRY(shmdt(b));
    TRY(attached(id));
    TRY(shmdt(a + PAGE));
    TRY(shmdt(a + 1));
    TRY(shmdt(a));
    TRY(shmdt(c));
    TRY(attached(id));
}

static void own_places(int id)
{
    char *room = free_room();
    IS(attach(id, room + PAGE, 0) == room + PAGE);
    IS(mapped_by_name(room + PAGE, "SYSV00000000"));
    IS(shmat(id, room + PAGE, 0) == (void *)-1 && errno == EINVAL);
    IS(shmat(id, room + 2 * PAGE, 0) == (void *)-1 && errno == EINVAL);
    IS(shmat(id, room + SIZE + 2 * PAGE + 5, 0) == (void *)-1 && errno == EINVAL);
    TRY(shmdt(room + PAGE));
    IS(attach(id, room + PAGE + 5, SHM_RND) == room + PAGE);
    room[PAGE] = 'o';
    TRY(shmdt(room + PAGE));
    IS(shmat(id, NULL, SHM_REMAP) == (void *)-1 && errno == EINVAL);
    char *own = mmap(room, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    NEED(own == room);
    memset(own, 'p', 2 * SIZE);
    IS(shmat(id, own + PAGE, 0) == (void *)-1 && errno == EINVAL);
    IS(attach(id, own + PAGE, SHM_REMAP) == own + PAGE);
    IS(own[0] == 'p' && own[PAGE] == 'o' && own[SIZE] == 0 && own[PAGE + SIZE] == 'p');
    TRY(shmdt(own + PAGE));
    TRY(touch(own + PAGE, false));
    TRY(touch(own, false));
    munmap(own, 2 * SIZE);
}

static void in_parts(int id)
{
    char *p = attach(id, NULL, 0);
    p[7 * PAGE] = 'l';
    TRY(munmap(p + 2 * PAGE, PAGE));
    TRY(attached(id)); // one mapping has become two
    TRY(mprotect(p + 4 * PAGE, PAGE, PROT_READ));
    TRY(touch(p + 4 * PAGE, true));
    TRY(touch(p + 5 * PAGE, true));
    TRY(munmap(p, PAGE));
    TRY(shmdt(p)); // what is left of it
    TRY(touch(p + 7 * PAGE, false));
    TRY(attached(id));
    p = attach(id, NULL, 0);
    IS(p[7 * PAGE] == 'l');
    char *moved = mremap(p, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, free_room());
    NEED(moved != MAP_FAILED);
    IS(moved[7 * PAGE] == 'l');
    TRY(attached(id));
    TRY(munmap(moved, SIZE)); // as good as shmdt
    TRY(attached(id));
}

static void processes(int id)
{
    char *p = attach(id, NULL, 0);
    struct shmid_ds ds;
    int status;
    pid_t child = fork();
    if (!child) {
        p[0] = 'c';
        _exit(shmdt(p) || touch(p, false) != SIGSEGV || attached(id) != 1);
    }
    waitpid(child, &status, 0);
    IS(!status);
    NEED(!shmctl(id, IPC_STAT, &ds));
    IS(ds.shm_lpid == child && ds.shm_dtime >= ds.shm_ctime);
    IS(p[0] == 'c');
    child = fork();
    if (!child) {
        execl("/proc/self/exe", "shared_memory_places", "attached", NULL);
        _exit(1);
    }
    waitpid(child, &status, 0);
    IS(!status);
    TRY(attached(id));
    TRY(shmctl(id, IPC_RMID, NULL));
    char *again = attach(id, NULL, 0); // Linux lets one attach what is still there
    IS(again[0] == 'c');
    TRY(shmdt(p));
    TRY(shmdt(again));
    TRY(shmctl(id, IPC_STAT, &ds));
    IS(shmat(id, NULL, 0) == (void *)-1 && errno == EINVAL);
}

int main(int argc, char **argv)
{
    if (argc > 1) // after execve nothing is attached
        return mapped_by_name(NULL, "SYSV");
    begin(argv);
    struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &fault, NULL);
    int id = shmget(IPC_PRIVATE, SIZE - 100, 0600);
    NEED(id >= 0);
    several(id);
    own_places(id);
    in_parts(id);
    processes(id);
    TRY(shmget(IPC_PRIVATE, (size_t)-1, 0600));
    return 0;
}
