// SPDX-License-Identifier: MIT
#include "kernel/mm/visit.h"

#include <stddef.h>

#include "kernel/mm/mm.h"
#include "kernel/mm/window.h"
#include "kernel/task/task.h"

void mm_visit(struct mm *mm, void (*f)(void *context), void *context)
{
    struct thread *t = current_thread();
    struct mm *own = t->process->mm;
    if (!mm) {
        f(context);
        return;
    }
    turn_leave(own);
    t->visited = mm;
    turn_enter(mm);
    f(context);
    turn_leave(mm);
    t->visited = NULL;
    turn_enter(own);
}

// A space goes while nobody runs in its window: the caller does not either.
void mm_visited(struct mm *mm)
{
    struct mm *own = current_thread()->process->mm;
    if (!mm)
        return;
    turn_leave(own);
    mm_put(mm);
    turn_enter(own);
}
