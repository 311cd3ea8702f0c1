// SPDX-License-Identifier: MIT
//
// What C libraries build on processes and files: posix_spawn with its actions, semaphores, stdio on pipes, vfork,
// locks between processes.
#include "conform.h"
#include <pthread.h>
#include <semaphore.h>
#include <spawn.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <utime.h>

extern char **environ;

static void semaphores(void)
{
    sem_t s;
    int value;
    struct timespec past = {1, 0}, bad = {1, 1000000000}, soon;
    TRY(sem_init(&s, 0, 1));
    TRY(sem_wait(&s));
    TRY(sem_trywait(&s));
    TRY(sem_timedwait(&s, &past));
    TRY(sem_timedwait(&s, &bad));
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 20000000;
    if (soon.tv_nsec >= 1000000000)
        soon.tv_nsec -= 1000000000, soon.tv_sec++;
    TRY(sem_timedwait(&s, &soon));
    TRY(sem_post(&s));
    TRY(sem_getvalue(&s, &value));
    printf("value %d\n", value);
    TRY(sem_timedwait(&s, &past));
    TRY(sem_init(&s, 0, (unsigned)1 << 31));
    TRY(sem_destroy(&s));
    struct { sem_t a, b; int n; } *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    NEED(!sem_init(&shared->a, 1, 0) && !sem_init(&shared->b, 1, 0));
    pid_t pid = fork();
    if (!pid) {
        for (int i = 0; i < 200; i++) {
            sem_wait(&shared->a);
            shared->n++;
            sem_post(&shared->b);
        }
        _exit(0);
    }
    for (int i = 0; i < 200; i++) {
        sem_post(&shared->a);
        sem_wait(&shared->b);
    }
    waitpid(pid, NULL, 0);
    printf("exchanged %d\n", shared->n);
}

static void pipes(void)
{
    int fds[2];
    char line[64];
    NEED(!pipe(fds));
    FILE *r = fdopen(fds[0], "r"), *w = fdopen(fds[1], "w");
    NEED(r && w);
    fprintf(w, "first line\nsecond %d\n", 2);
    TRY(fflush(w));
    NEED(fgets(line, sizeof(line), r));
    printf("%s", line);
    NEED(fgets(line, sizeof(line), r));
    printf("%s", line);
    TRY(fseek(r, 0, SEEK_SET));
    TRY(ftell(w));
    TRY(fclose(w));
    TRY(fgetc(r));
    IS(feof(r));
    TRY(fclose(r));
}

static void locks(void)
{
    int fd = open("locked", O_RDWR | O_CREAT, 0644);
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10};
    TRY(fcntl(fd, F_SETLK, &l));
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        l.l_type = F_RDLCK, l.l_start = 15, l.l_len = 0;
        TRY(fcntl(fd, F_GETLK, &l));
        printf("type %d start %ld len %ld pid %s\n", l.l_type, (long)l.l_start, (long)l.l_len, l.l_pid == getppid() ? "parent" : "other");
        l = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 15};
        TRY(fcntl(fd, F_SETLK, &l));
        l.l_start = 20;
        TRY(fcntl(fd, F_SETLK, &l));
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    l = (struct flock){.l_type = F_UNLCK, .l_whence = SEEK_SET};
    TRY(fcntl(fd, F_SETLK, &l));
    struct utimbuf times = {1000, 2000};
    struct stat st;
    TRY(utime("locked", &times));
    NEED(!stat("locked", &st));
    printf("times %ld %ld\n", (long)st.st_atime, (long)st.st_mtime);
    TRY(futimens(fd, (struct timespec[2]){{7, UTIME_OMIT}, {5, 6}}));
    NEED(!stat("locked", &st));
    printf("times %ld %ld %ld\n", (long)st.st_atime, (long)st.st_mtime, (long)st.st_mtim.tv_nsec);
    close(fd);
}

static void sysv(void)
{
    struct { long type; char text[16]; } m = {3, "three"};
    int q = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    NEED(q >= 0);
    TRY(msgsnd(q, &m, 6, 0));
    m.type = 1, strcpy(m.text, "one");
    TRY(msgsnd(q, &m, 4, 0));
    struct msqid_ds ds;
    TRY(msgctl(q, IPC_STAT, &ds));
    printf("messages %lu, bytes %lu, last %d\n", (unsigned long)ds.msg_qnum, (unsigned long)ds.msg_cbytes, ds.msg_lspid == getpid());
    TRY(msgrcv(q, &m, 16, -2, 0));
    printf("%ld %s\n", m.type, m.text);
    TRY(msgrcv(q, &m, 2, 0, 0));
    TRY(msgrcv(q, &m, 2, 0, MSG_NOERROR));
    TRY(msgrcv(q, &m, 2, 0, IPC_NOWAIT));
    TRY(msgctl(q, IPC_RMID, NULL));
    TRY(msgrcv(q, &m, 2, 0, 0));
    int s = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    NEED(s >= 0);
    struct sembuf op[2] = {{0, 2, 0}, {1, -1, IPC_NOWAIT}};
    TRY(semop(s, op, 2));
    TRY(semctl(s, 0, GETVAL));
    op[1].sem_op = 1;
    TRY(semop(s, op, 2));
    TRY(semctl(s, 0, GETVAL));
    TRY(semctl(s, 1, GETPID) == getpid());
    TRY(semctl(s, 0, IPC_RMID));
    int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0600);
    NEED(id >= 0);
    struct shmid_ds sds;
    char *a = shmat(id, NULL, 0);
    NEED(a != (void *)-1);
    strcpy(a, "shared");
    TRY(shmctl(id, IPC_STAT, &sds));
    printf("size %zu, attached %lu\n", sds.shm_segsz, (unsigned long)sds.shm_nattch);
    TRY(shmctl(id, IPC_RMID, NULL));
    TRY(shmdt(a));
    TRY(shmdt(a));
    TRY(shmctl(id, IPC_STAT, &sds));
}

static void spawned(char *self)
{
    int fds[2], status;
    char text[64] = "";
    pid_t pid;
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t attr;
    NEED(!pipe(fds));
    NEED(!posix_spawn_file_actions_init(&fa) && !posix_spawnattr_init(&attr));
    RETURNS(posix_spawn_file_actions_adddup2(&fa, fds[1], 1));
    RETURNS(posix_spawn_file_actions_addclose(&fa, fds[0]));
    RETURNS(posix_spawn_file_actions_addopen(&fa, 7, "opened", O_WRONLY | O_CREAT | O_TRUNC, 0600));
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    RETURNS(posix_spawnattr_setsigmask(&attr, &set));
    RETURNS(posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
    char *args[] = {self, "spawned", NULL};
    RETURNS(posix_spawn(&pid, self, &fa, &attr, args, environ));
    close(fds[1]);
    ssize_t n = read(fds[0], text, sizeof(text) - 1);
    printf("read %zd [%s]\n", n, text);
    NEED(waitpid(pid, &status, 0) == pid);
    printf("status %d\n", WEXITSTATUS(status));
    struct stat st;
    TRY(stat("opened", &st));
    RETURNS(posix_spawn(&pid, "nothing-there", NULL, NULL, args, environ));
    pid = vfork();
    if (!pid) {
        execv(self, args);
        _exit(9);
    }
    NEED(waitpid(pid, &status, 0) == pid);
    printf("vfork %d\n", WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    static char self[4096];
    if (argc > 1 && !strcmp(argv[1], "spawned")) {
        sigset_t set;
        sigprocmask(SIG_BLOCK, NULL, &set);
        char out[64];
        int n =
            snprintf(out, sizeof(out), "blocked %d group %d open %d", sigismember(&set, SIGUSR1), getpgrp() == getpid(), fcntl(7, F_GETFD));
        (void)write(1, out, (size_t)n);
        return 4;
    }
    NEED(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    begin(argv);
    semaphores();
    pipes();
    locks();
    sysv();
    spawned(self);
    return 0;
}
