// SPDX-License-Identifier: MIT
//
// What /proc/sysvipc says of one object of each kind.
#include "conform.h"
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

// The title, and the line of this identifier, with the columns that are the same everywhere.
static void show(const char *path, int id, const char *columns)
{
    char line[512];
    FILE *f = fopen(path, "r");
    NEED(f && fgets(line, sizeof(line), f));
    fputs(line, stdout);
    while (fgets(line, sizeof(line), f)) {
        int column = 0, number = -1;
        if (sscanf(line, "%*d %d", &number) != 1 || number != id)
            continue;
        printf("%zu bytes:", strlen(line));
        for (char *at = strtok(line, " \n"); at; at = strtok(NULL, " \n"), column++)
            if (columns[column] == '+')
                printf(" %s", at);
            else if (columns[column] == 'p')
                printf(" %s", atoi(at) == getpid() ? "me" : "another");
            else if (columns[column] == 't')
                printf(" %s", atol(at) > 0 ? "now" : "never");
        puts("");
    }
    fclose(f);
}

int main(int argc, char **argv)
{
    begin(argv);
    struct {
        long type;
        char text[8];
    } message = {1, "text"};
    int shm = shmget(0x11223344, 5000, IPC_CREAT | 0640), sem = semget(0x11223344, 3, IPC_CREAT | 0600);
    int msg = msgget(0x11223344, IPC_CREAT | 0604);
    NEED(shm >= 0 && sem >= 0 && msg >= 0);
    char *p = shmat(shm, NULL, 0);
    NEED(p != (void *)-1 && !msgsnd(msg, &message, 5, 0));
    memset(p, 1, 5000);
    show("/proc/sysvipc/shm", shm, "+-++p-+++++ttt++");
    show("/proc/sysvipc/sem", sem, "+-++++++tt");
    show("/proc/sysvipc/msg", msg, "+-+++p-++++ttt");
    struct sembuf step = {1, 1, 0};
    NEED(!shmctl(shm, IPC_RMID, NULL) && !semop(sem, &step, 1) && msgrcv(msg, &message, 8, 0, 0) == 5);
    show("/proc/sysvipc/shm", shm, "+-++p-+++++ttt++"); // removed, but there
    show("/proc/sysvipc/sem", sem, "+-++++++tt");
    show("/proc/sysvipc/msg", msg, "+-+++pp++++ttt");
    TRY(shmdt(p));
    TRY(semctl(sem, 0, IPC_RMID));
    TRY(msgctl(msg, IPC_RMID, NULL));
    show("/proc/sysvipc/shm", shm, "");
    TRY(shmget(1, 4096, IPC_CREAT | 04000 /* SHM_HUGETLB */ | 0600)); // there are no such pages
    return 0;
}
