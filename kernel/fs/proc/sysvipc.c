// SPDX-License-Identifier: MIT
//
// /proc/sysvipc: one line for each object of System V, as ipcs(1) and tests read them.
#include <asm/msgbuf.h>
#include <asm/sembuf.h>
#include <asm/shmbuf.h>

#include "kernel/fs/proc/show.h"
#include "kernel/ipc/ipc.h"

static void put_start(struct text *t, const struct ipc64_perm *p, int id)
{
    text_put(t, "%10d %10d  %4o", p->key, id, p->mode);
}

static void put_owners(struct text *t, const struct ipc64_perm *p)
{
    text_put(t, " %5u %5u %5u %5u", p->uid, p->gid, p->cuid, p->cgid);
}

void show_sysvipc_shm(struct text *t)
{
    struct shmid64_ds s;
    uint64_t resident;
    int id;
    text_put(t, "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid");
    text_put(t, "      atime      dtime      ctime                   rss                  swap\n");
    for (unsigned i = 0; (id = shm_next(&i, &s, &resident)) >= 0; i++) {
        put_start(t, &s.shm_perm, id);
        text_put(t, " %21lu %5u %5u  %5lu", s.shm_segsz, s.shm_cpid, s.shm_lpid, s.shm_nattch);
        put_owners(t, &s.shm_perm);
        text_put(t, " %10ld %10ld %10ld %21lu %21lu\n", s.shm_atime, s.shm_dtime, s.shm_ctime, resident, 0ul);
    }
}

void show_sysvipc_sem(struct text *t)
{
    struct semid64_ds s;
    int id;
    text_put(t, "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
    for (unsigned i = 0; (id = sem_next(&i, &s)) >= 0; i++) {
        put_start(t, &s.sem_perm, id);
        text_put(t, " %10lu", s.sem_nsems);
        put_owners(t, &s.sem_perm);
        text_put(t, " %10ld %10ld\n", s.sem_otime, s.sem_ctime);
    }
}

void show_sysvipc_msg(struct text *t)
{
    struct msqid64_ds q;
    int id;
    text_put(t, "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid");
    text_put(t, "      stime      rtime      ctime\n");
    for (unsigned i = 0; (id = msg_next(&i, &q)) >= 0; i++) {
        put_start(t, &q.msg_perm, id);
        text_put(t, "  %10lu %10lu %5u %5u", q.msg_cbytes, q.msg_qnum, q.msg_lspid, q.msg_lrpid);
        put_owners(t, &q.msg_perm);
        text_put(t, " %10ld %10ld %10ld\n", q.msg_stime, q.msg_rtime, q.msg_ctime);
    }
}
