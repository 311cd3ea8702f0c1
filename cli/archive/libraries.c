// SPDX-License-Identifier: MIT
//
// Looks where the program's own loader will look (ld.so(8)): RPATH and RUNPATH, then the loader's built-in directories. Files are taken
// from the same place on this machine; a library that this machine knows only through ld.so.conf goes where the loader finds it
// without a cache.
#include "cli/archive/libraries.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/archive/elf.h"
#include "cli/cli.h"

// The built-in search order of each C library's loader, and where it keeps files on a build machine.
static const struct loader {
    const char *const *tree;    // inside the root filesystem
    const char *const *machine; // here; a file found there is added under the same path, or else under `home`
    const char *home;
} glibc = {
    (const char *const[]){"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", NULL},
    (const char *const[]){"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", NULL},
    "/lib/x86_64-linux-gnu",
}, musl = {
    (const char *const[]){"/lib", "/usr/local/lib", "/usr/lib", NULL},
    (const char *const[]){"/usr/lib/x86_64-linux-musl", "/usr/local/musl/lib", NULL},
    "/lib",
};

struct search {
    struct tree *tree;
    bool may_add;
    const struct node *object; // whose needs are looked for
    const struct elf_needs *needs;
    const struct loader *loader;
};

static bool starts(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

// musl's loader is musl's libc and serves these names itself.
static bool is_musl_itself(const char *library)
{
    static const char *const names[] = {"libc.musl-", "ld-musl-"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (starts(library, names[i]))
            return true;
    return !strcmp(library, "libc.so");
}

static const struct loader *loader_of(const struct elf_needs *n)
{
    if (n->interpreter)
        return strstr(n->interpreter, "/ld-musl-") ? &musl : &glibc;
    for (size_t i = 0; i < n->library_count; i++)
        if (is_musl_itself(n->libraries[i]))
            return &musl;
    return &glibc;
}

static int add(const struct search *s, const char *path, const char *source)
{
    struct node *added;
    char real[PATH_MAX];
    if (!s->may_add) {
        complain("mkcpio: /%s needs %s, which is not in the directory (without --no-libs it would be added)", s->object->path,
                 path);
        return -1;
    }
    if (tree_add_file(s->tree, path, realpath(source, real) ? real : source, &added))
        return -1;
    added->st.st_mode = S_IFREG | 0755;
    complain("adding %s", path);
    return 1;
}

static bool usable(const char *source)
{
    struct elf_needs n;
    int r = elf_needs_read(source, &n); // a linker script, or a library of another machine, does not count
    elf_needs_free(&n);
    return r > 0;
}

// One directory of RPATH or RUNPATH with $ORIGIN in place; false when it is not absolute or too long.
static bool expand(const struct node *object, const char *directory, size_t length, char ret[PATH_MAX])
{
    const char *slash = strrchr(object->path, '/');
    int origin = slash ? (int)(slash - object->path) : 0;
    size_t skip = length >= 7 && !memcmp(directory, "$ORIGIN", 7) ? 7 : length >= 9 && !memcmp(directory, "${ORIGIN}", 9) ? 9 : 0;
    int n = skip ? snprintf(ret, PATH_MAX, "/%.*s%.*s", origin, object->path, (int)(length - skip), directory + skip)
                 : snprintf(ret, PATH_MAX, "%.*s", (int)length, directory);
    return n > 0 && n < PATH_MAX && ret[0] == '/';
}

static bool join(char ret[PATH_MAX], const char *directory, const char *name)
{
    return snprintf(ret, PATH_MAX, "%s/%s", directory, name) < PATH_MAX;
}

// 1: there, or added; 0: not found; -1: failed.
static int search_run_path(const struct search *s, const char *name, bool machine)
{
    const char *list = s->needs->runpath ? s->needs->runpath : s->needs->rpath;
    for (const char *p = list; p && *p; p += strspn(p, ":")) {
        size_t length = strcspn(p, ":");
        char directory[PATH_MAX], path[PATH_MAX];
        if (expand(s->object, p, length, directory) && join(path, directory, name)) {
            if (!machine && tree_find(s->tree, path))
                return 1;
            if (machine && usable(path))
                return add(s, path, path);
        }
        p += length;
    }
    return 0;
}

static bool search_tree(const struct search *s, const char *name)
{
    char path[PATH_MAX];
    for (const char *const *d = s->loader->tree; *d; d++)
        if (join(path, *d, name) && tree_find(s->tree, path))
            return true;
    return false;
}

static bool in_list(const char *const *list, const char *directory)
{
    for (; *list; list++)
        if (!strcmp(*list, directory))
            return true;
    return false;
}

static int take(const struct search *s, const char *directory, const char *name)
{
    char source[PATH_MAX], path[PATH_MAX];
    if (!join(source, directory, name) || !usable(source))
        return 0;
    const char *home = in_list(s->loader->tree, directory) ? directory : s->loader->home;
    return join(path, home, name) ? add(s, path, source) : 0;
}

// The directories of /etc/ld.so.conf and of what it includes (one level, as distributions do).
static int search_conf(const struct search *s, const char *conf, const char *name, bool include)
{
    char line[PATH_MAX];
    FILE *f = fopen(conf, "re");
    int r = 0;
    while (f && !r && fgets(line, sizeof(line), f)) {
        line[strcspn(line, "#\n")] = 0;
        char *word = line + strspn(line, " \t");
        if (word[0] == '/') {
            word[strcspn(word, " \t")] = 0;
            r = take(s, word, name);
        } else if (include && starts(word, "include") && strchr(word, '/')) {
            glob_t g;
            if (!glob(strchr(word, '/'), 0, NULL, &g))
                for (size_t i = 0; !r && i < g.gl_pathc; i++)
                    r = search_conf(s, g.gl_pathv[i], name, false);
            globfree(&g);
        }
    }
    if (f)
        fclose(f);
    return r;
}

static bool anywhere(const struct tree *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++) {
        const char *slash = strrchr(t->nodes[i]->path, '/');
        if (!strcmp(slash ? slash + 1 : t->nodes[i]->path, name))
            return true;
    }
    return false;
}

static int search_machine(const struct search *s, const char *name)
{
    int r = search_run_path(s, name, true);
    for (const char *const *d = s->loader->machine; !r && *d; d++)
        r = take(s, *d, name);
    if (!r && s->loader == &glibc)
        r = search_conf(s, "/etc/ld.so.conf", name, true);
    return r;
}

// 1: satisfied without change, or something was added; -1: failed.
static int satisfy(const struct search *s, const char *name)
{
    if (strchr(name, '/') || (s->loader == &musl && is_musl_itself(name)))
        return 1;
    int r = search_run_path(s, name, false);
    if (r)
        return r;
    if (search_tree(s, name))
        return 1;
    // A distribution's own tree has a loader cache that knows more directories than the built-in ones.
    if (tree_find(s->tree, "/etc/ld.so.cache") && anywhere(s->tree, name))
        return 1;
    r = search_machine(s, name);
    if (!r && !anywhere(s->tree, name)) // else: found through the RPATH of whoever loads this object
        complain("/%s needs %s, which is neither in the directory nor on this machine", s->object->path, name);
    return r < 0 ? -1 : 1;
}

static int satisfy_interpreter(const struct search *s)
{
    const char *path = s->needs->interpreter;
    if (!path || path[0] != '/' || tree_find(s->tree, path))
        return 0;
    if (usable(path) || !access(path, R_OK))
        return add(s, path, path) < 0 ? -1 : 0;
    complain("/%s needs the interpreter %s, which is neither in the directory nor on this machine", s->object->path, path);
    return 0;
}

static int complete_object(struct tree *t, const struct node *object, bool may_add)
{
    struct elf_needs needs;
    int r = elf_needs_read(object->source, &needs);
    if (r <= 0)
        return r && r != -EACCES ? complain("%s: %s", object->source, strerror(-r)), -1 : 0;
    struct search s = {.tree = t, .may_add = may_add, .object = object, .needs = &needs, .loader = loader_of(&needs)};
    r = satisfy_interpreter(&s);
    bool has_glibc = false;
    for (size_t i = 0; r >= 0 && i < needs.library_count; i++) {
        r = satisfy(&s, needs.libraries[i]);
        has_glibc |= !strcmp(needs.libraries[i], "libc.so.6");
    }
    if (r >= 0 && has_glibc && needs.unwinds && may_add) // no DT_NEEDED says it: glibc opens it when the function is called
        r = satisfy(&s, "libgcc_s.so.1");
    elf_needs_free(&needs);
    return r < 0 ? -1 : 0;
}

// Nodes are added while this runs, and have needs themselves: passes over the tree until none is left that was not looked at. A pass
// may skip one that slides past it when another is inserted before it; the next pass finds it.
int libraries_complete(struct tree *t, bool may_add)
{
    bool found = true;
    while (found) {
        found = false;
        for (size_t i = 0; i < t->count; i++) {
            struct node *n = t->nodes[i];
            if (n->examined || !S_ISREG(n->st.st_mode))
                continue;
            n->examined = found = true;
            if (complete_object(t, n, may_add))
                return -1;
        }
    }
    return 0;
}
