// SPDX-License-Identifier: MIT
//
// System V semaphores, message queues, shared memory.
#include "kernel/ipc/ipc.h"

#include <linux/errno.h>
#include <linux/sem.h>

#include "kernel/mm/heap.h"
#include "kernel/syscall/deadline.h"
#include "kernel/syscall/syscalls.h"

#define OPERATIONS_ON_STACK 16

long sys_semget(int key, int count, int flags)
{
    return sem_get(key, count, flags);
}

static long operate(int id, const void USER *user_ops, unsigned count, uint64_t deadline)
{
    struct sembuf few[OPERATIONS_ON_STACK], *ops = few;
    if (id < 0 || !count)
        return -EINVAL;
    if (count > SEMOPM)
        return -E2BIG;
    if (count > OPERATIONS_ON_STACK && !(ops = kmalloc(count * sizeof(*ops))))
        return -ENOMEM;
    long r = copy_from_user(ops, user_ops, count * sizeof(*ops));
    if (!r)
        r = sem_operate(id, ops, count, deadline);
    if (ops != few)
        kfree(ops);
    return r;
}

long sys_semop(int id, const void USER *ops, unsigned count)
{
    return operate(id, ops, count, UINT64_MAX);
}

long sys_semtimedop(int id, const void USER *ops, unsigned count, const void USER *timeout)
{
    uint64_t deadline;
    int r = deadline_from_timespec(timeout, &deadline);
    return r ? r : operate(id, ops, count, deadline);
}

long sys_semctl(int id, int number, int command, uint64_t argument)
{
    return sem_control(id, number, command, argument);
}

long sys_msgget(int key, int flags)
{
    return msg_get(key, flags);
}

long sys_msgsnd(int id, const void USER *message, size_t size, int flags)
{
    long type;
    return GET_USER(type, (const long USER *)message) ? -EFAULT : msg_send(id, message, size, flags);
}

long sys_msgrcv(int id, void USER *message, size_t size, long type, int flags)
{
    return msg_receive(id, message, size, type, flags);
}

long sys_msgctl(int id, int command, uint64_t argument)
{
    return msg_control(id, command, argument);
}

long sys_shmget(int key, size_t size, int flags)
{
    return shm_get(key, size, flags);
}

long sys_shmat(int id, uint64_t address, int flags)
{
    return shm_attach(id, address, flags);
}

long sys_shmdt(uint64_t address)
{
    return shm_detach(address);
}

long sys_shmctl(int id, int command, uint64_t argument)
{
    return shm_control(id, command, argument);
}
