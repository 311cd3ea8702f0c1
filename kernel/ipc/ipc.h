// SPDX-License-Identifier: MIT
//
// System V semaphores, message queues and shared memory: the bodies of the system calls, with arguments in kernel
// memory where they have a bounded size. Waits are interruptible and hold no lock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/mm/user.h"

struct process;
struct sembuf;

// For /proc/sysvipc: the object at or behind *index, which becomes its index. Its identifier, or -1: none.
struct semid64_ds;
struct msqid64_ds;
struct shmid64_ds;
int sem_next(unsigned *index, struct semid64_ds *ret);
int msg_next(unsigned *index, struct msqid64_ds *ret);
int shm_next(unsigned *index, struct shmid64_ds *ret, uint64_t *ret_resident); // bytes in memory

long sem_get(int key, int count, int flags);
long sem_operate(int id, const struct sembuf *ops, unsigned count, uint64_t deadline_ns); // UINT64_MAX: no time-out
long sem_control(int id, int number, int command, uint64_t argument);
void sem_process_end(struct process *p); // SEM_UNDO

long msg_get(int key, int flags);
long msg_send(int id, const void USER *buf, size_t size, int flags);
long msg_receive(int id, void USER *buf, size_t size, long type, int flags);
long msg_control(int id, int command, uint64_t argument);

long shm_get(int key, size_t size, int flags);
long shm_attach(int id, uint64_t address, int flags); // the address
long shm_detach(uint64_t address);
long shm_control(int id, int command, uint64_t argument);
