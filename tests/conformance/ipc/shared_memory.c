// SPDX-License-Identifier: MIT
//
// System V shared memory: segments, attaching, sharing with children, counts, removal; futexes in it.
// link: -pthread
#include "conform.h"
#include <pthread.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>

enum { SIZE = 100000 };

static unsigned long attached(int id)
{
    struct shmid_ds ds;
    NEED(!shmctl(id, IPC_STAT, &ds));
    return ds.shm_nattch;
}

static int status_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct place {
    pthread_mutex_t mutex;
    sem_t go;
    int count;
};

static void synchronised(void *memory)
{
    struct place *p = memory;
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    RETURNS(pthread_mutex_init(&p->mutex, &a));
    TRY(sem_init(&p->go, 1, 0));
    p->count = 0;
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        if (!children[i]) {
            sem_wait(&p->go);
            for (int n = 0; n < 1000; n++) {
                pthread_mutex_lock(&p->mutex);
                p->count++;
                pthread_mutex_unlock(&p->mutex);
            }
            _exit(0);
        }
    }
    usleep(20000);
    for (int i = 0; i < 3; i++)
        sem_post(&p->go);
    for (int i = 0; i < 3; i++)
        TRY(status_of(children[i]));
    TRY(p->count);
}

int main(int argc, char **argv)
{
    begin(argv);
    const int key = 0x4d590003;
    struct shmid_ds ds;
    TRY(shmget(key, SIZE, 0));
    TRY(shmget(key, 0, IPC_CREAT | 0600));
    int id = shmget(key, SIZE, IPC_CREAT | IPC_EXCL | 0600);
    NEED(id >= 0);
    TRY(shmget(key, SIZE, IPC_CREAT | IPC_EXCL | 0600));
    IS(shmget(key, 100, 0) == id);
    TRY(shmget(key, SIZE + 1, 0));
    TRY(shmctl(id, IPC_STAT, &ds));
    IS(ds.shm_segsz == SIZE && ds.shm_nattch == 0 && ds.shm_cpid == getpid() && ds.shm_lpid == 0 && ds.shm_atime == 0);
    printf("mode %o\n", ds.shm_perm.mode);
    TRY(shmctl(id, IPC_STAT, (void *)8));
    TRY(shmctl(id, 77, NULL));
    IS(shmat(-1, NULL, 0) == (void *)-1 && errno == EINVAL);
    IS(shmat(id, (void *)1, 0) == (void *)-1 && errno == EINVAL);
    TRY(shmdt((void *)4096));
    char *p = shmat(id, NULL, 0);
    NEED(p != (void *)-1);
    IS(p[0] == 0 && p[SIZE - 1] == 0);
    strcpy(p, "from the parent");
    IS(attached(id) == 1);
    pid_t child = fork();
    if (!child) {
        bool seen = !strcmp(p, "from the parent") && attached(id) == 2;
        strcpy(p + 50000, "from the child");
        _exit(seen ? 0 : 1);
    }
    TRY(status_of(child));
    IS(!strcmp(p + 50000, "from the child"));
    IS(attached(id) == 1);
    synchronised(p);
    // Detached and attached again: the content stays.
    TRY(shmdt(p));
    TRY(shmdt(p));
    IS(attached(id) == 0);
    p = shmat(id, NULL, 0);
    IS(!strcmp(p + 50000, "from the child"));
    // Twice.
    char *q = shmat(id, NULL, 0);
    NEED(q != (void *)-1);
    IS(attached(id) == 2);
    p[7] = 'Q';
    IS(q[7] == 'Q');
    TRY(shmdt(q));
    IS(p[7] == 'Q');
    // Removed while attached: gone with the last attachment.
    TRY(shmctl(id, IPC_RMID, NULL));
    TRY(shmctl(id, IPC_STAT, &ds));
    IS(ds.shm_perm.mode & 01000);
    TRY(shmget(key, SIZE, 0));
    p[8] = 'R';
    child = fork();
    if (!child)
        _exit(p[8] == 'R' ? 0 : 1);
    TRY(status_of(child));
    TRY(shmdt(p));
    TRY(shmctl(id, IPC_STAT, &ds));
    TRY(shmctl(id, IPC_RMID, NULL));
    // A child attaches on its own, and its end detaches.
    id = shmget(IPC_PRIVATE, 4096, 0600);
    child = fork();
    if (!child) {
        char *mine = shmat(id, NULL, 0);
        strcpy(mine, "left behind");
        _exit(0);
    }
    TRY(status_of(child));
    IS(attached(id) == 0);
    p = shmat(id, NULL, SHM_RDONLY);
    IS(!strcmp(p, "left behind"));
    TRY(shmctl(id, IPC_RMID, NULL));
    return 0;
}
