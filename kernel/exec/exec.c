// SPDX-License-Identifier: MIT
//
// exec_load: from a path to an address space and first registers.
#include "kernel/exec/exec.h"

#include <linux/errno.h>
#include <linux/stat.h>

#include "abi/layout.h"
#include "kernel/entry/regs.h"
#include "kernel/exec/elf.h"
#include "kernel/exec/script.h"
#include "kernel/exec/stack.h"
#include "kernel/exec/vdso.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/window.h"
#include "kernel/task/capability.h"
#include "kernel/task/task.h"
#include "kernel/vfs/open_file.h"
#include "kernel/vfs/text_busy.h"

enum { SCRIPT_DEPTH = 4, INITIAL_FLAGS = 0x202, ARGUMENTS_MAX = 65536 };

static char detail[320]; // of the last failure; diagnostics only
static bool have_detail;

const char *exec_error_detail(void)
{
    return have_detail ? detail : NULL;
}

static int fail(int error, const char *format, const char *what)
{
    snprintf(detail, sizeof(detail), format, what);
    have_detail = true;
    return error;
}

struct load { // everything that must be given back, in one place
    struct mm *mm;
    struct file *file, *interpreter;
    struct elf_image *image, *interpreter_image;
    struct script *scripts;
    char **argv; // replaced for scripts
    uint64_t bias, interpreter_bias;
};

static int open_executable(const char *path, struct file **ret)
{
    int r = vfs_open_program(path, ret);
    if (r)
        return r;
    r = text_begin_run(*ret);
    if (r) {
        file_put(*ret);
        *ret = NULL;
    }
    return r;
}

static void close_executable(struct file **f)
{
    text_end_run(*f);
    file_put(*f);
    *f = NULL;
}

static unsigned count(char *const *list)
{
    unsigned n = 0;
    while (list[n])
        n++;
    return n;
}

// argv of a script: interpreter, its argument, the script's path, the rest of argv.
static int script_argv(struct load *l, const struct script *s, char **argv, const char *path)
{
    unsigned n = count(argv);
    if (n > ARGUMENTS_MAX)
        return -E2BIG;
    char **made = kmalloc((n + 4) * sizeof(*made));
    if (!made)
        return -ENOMEM;
    unsigned at = 0;
    made[at++] = s->interpreter;
    if (s->argument)
        made[at++] = s->argument;
    made[at++] = (char *)(uintptr_t)path;
    for (unsigned i = 1; i < n; i++)
        made[at++] = argv[i];
    made[at] = NULL;
    kfree(l->argv);
    l->argv = made;
    return 0;
}

// Follows #! lines until an ELF file is open.
static int resolve(struct load *l, struct exec_request *r)
{
    l->scripts = kmalloc(SCRIPT_DEPTH * sizeof(*l->scripts));
    if (!l->scripts)
        return -ENOMEM;
    const char *path = r->path;
    for (unsigned depth = 0;; depth++) {
        int e = 0;
        if (depth || !r->file)
            e = open_executable(path, &l->file);
        else if (!(e = text_begin_run(r->file)))
            l->file = file_get(r->file);
        if (e)
            return depth && e == -ENOENT ? fail(e, "its interpreter %s is missing", path) : e;
        if (depth == SCRIPT_DEPTH)
            return -ELOOP;
        e = script_read(l->file, &l->scripts[depth]);
        if (e <= 0)
            return e;
        close_executable(&l->file);
        e = script_argv(l, &l->scripts[depth], r->argv, path);
        if (e)
            return e;
        r->argv = l->argv;
        path = l->scripts[depth].interpreter;
    }
}

static int read_images(struct load *l)
{
    l->image = kmalloc(sizeof(*l->image));
    l->interpreter_image = kmalloc(sizeof(*l->interpreter_image));
    if (!l->image || !l->interpreter_image)
        return -ENOMEM;
    int r = elf_read(l->file, l->image);
    if (r == -ENOEXEC)
        return fail(r, "%s", "not an ELF executable for x86-64 Linux");
    if (r || !l->image->interpreter[0])
        return r;
    r = open_executable(l->image->interpreter, &l->interpreter);
    if (r == -ENOENT)
        return fail(r, "its ELF interpreter %s is missing; mkcpio adds it unless --no-libs is given", l->image->interpreter);
    if (!r)
        r = elf_read(l->interpreter, l->interpreter_image);
    return r == -ENOEXEC ? fail(-ELIBBAD, "its ELF interpreter %s is not an ELF file for x86-64", l->image->interpreter) : r;
}

static int map_images(struct load *l, uint64_t *ret_vdso)
{
    bool fixed = l->image->type == ET_EXEC;
    int r = mm_new(fixed ? l->image->high : 0, l->file, &l->mm);
    if (!r)
        r = elf_map(l->mm, l->file, l->image, /* program= */ true, &l->bias);
    if (r)
        return r;
    mm_set_brk(l->mm, l->image->high + l->bias);
    if (l->interpreter)
        r = elf_map(l->mm, l->interpreter, l->interpreter_image, /* program= */ false, &l->interpreter_bias);
    return r ? r : vdso_map(l->mm, ret_vdso);
}

// Where the program finds its own program headers.
static uint64_t headers_address(const struct load *l)
{
    const struct elf_image *i = l->image;
    for (unsigned n = 0; n < i->header_count; n++) {
        const Elf64_Phdr *p = &i->headers[n];
        if (p->p_type == PT_LOAD && i->headers_offset >= p->p_offset && i->headers_offset < p->p_offset + p->p_filesz)
            return p->p_vaddr + (i->headers_offset - p->p_offset) + l->bias;
    }
    return 0;
}

static int load(struct load *l, struct exec_request *request, struct regs *ret_regs)
{
    uint64_t vdso = 0, rsp = 0;
    int r = resolve(l, request);
    if (!r)
        r = read_images(l);
    if (!r)
        r = map_images(l, &vdso);
    if (r)
        return r;
    struct credentials cred = current_thread()->cred;
    credentials_execute(&cred, l->file->node, current_process()->no_new_privileges);
    const struct stack_request stack = {
        .exec = request,
        .cred = &cred,
        .headers = headers_address(l),
        .header_count = l->image->header_count,
        .entry = l->image->entry + l->bias,
        .interpreter_base = l->interpreter ? l->interpreter_bias + l->interpreter_image->low : 0,
        .vdso = vdso,
        .executable_stack = (l->image->stack_flags & PF_X) && l->image->type == ET_EXEC,
    };
    r = stack_build(l->mm, &stack, &rsp);
    if (r)
        return r;
    mm_loaded(l->mm, l->interpreter);
    memset(ret_regs, 0, sizeof(*ret_regs));
    ret_regs->rip = l->interpreter ? l->interpreter_image->entry + l->interpreter_bias : stack.entry;
    if (ret_regs->rip >= USER_END)
        return -ENOEXEC; // a damaged file
    ret_regs->rsp = rsp;
    ret_regs->rflags = INITIAL_FLAGS;
    ret_regs->orig_rax = (uint64_t)-1;
    return 0;
}

int exec_load(const struct exec_request *request, struct mm **ret_mm, struct regs *ret_regs, struct file **ret_executable)
{
    struct load l = {0};
    struct exec_request copy = *request;
    have_detail = false;
    int r = load(&l, &copy, ret_regs);
    if (r) {
        if (l.mm)
            turn_leave(l.mm);
        mm_put(l.mm);
        close_executable(&l.file);
    } else {
        *ret_mm = l.mm;
        *ret_executable = l.file;
    }
    close_executable(&l.interpreter);
    kfree(l.image);
    kfree(l.interpreter_image);
    kfree(l.scripts);
    kfree(l.argv);
    return r;
}
