// SPDX-License-Identifier: MIT
#include "cli/archive/tree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

enum { LINKS_MAX = 40 }; // as Linux

static int fail(const char *path, int error)
{
    complain("%s: %s", path, strerror(error));
    return -1;
}

static void node_free(struct node *n)
{
    if (!n)
        return;
    free(n->path);
    free(n->source);
    free(n->target);
    free(n);
}

void tree_free(struct tree *t)
{
    for (size_t i = 0; i < t->count; i++)
        node_free(t->nodes[i]);
    free(t->nodes);
    *t = (struct tree){0};
}

static int by_path(const void *a, const void *b)
{
    return strcmp((*(struct node *const *)a)->path, (*(struct node *const *)b)->path);
}

// Where `path` stands or belongs.
static size_t position(const struct tree *t, const char *path)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(t->nodes[middle]->path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct node *exact(const struct tree *t, const char *path)
{
    size_t i = position(t, path);
    return i < t->count && !strcmp(t->nodes[i]->path, path) ? t->nodes[i] : NULL;
}

// Takes the node, also when it fails.
static int insert(struct tree *t, size_t at, struct node *n)
{
    if (t->count == t->room) {
        size_t room = t->room ? 2 * t->room : 256;
        struct node **grown = realloc(t->nodes, room * sizeof(*grown));
        if (!grown) {
            node_free(n);
            return fail("mkcpio", ENOMEM);
        }
        t->nodes = grown;
        t->room = room;
    }
    memmove(t->nodes + at + 1, t->nodes + at, (t->count - at) * sizeof(*t->nodes));
    t->nodes[at] = n;
    t->count++;
    return 0;
}

static struct node *node_new(const char *path, const char *source)
{
    struct node *n = calloc(1, sizeof(*n));
    if (n)
        n->path = strdup(path);
    if (n && source)
        n->source = strdup(source);
    if (n && n->path && (!source || n->source))
        return n;
    node_free(n);
    fail("mkcpio", ENOMEM);
    return NULL;
}

static int read_link(struct node *n)
{
    char target[PATH_MAX];
    ssize_t length = readlink(n->source, target, sizeof(target) - 1);
    if (length < 0)
        return fail(n->source, errno);
    target[length] = 0;
    n->target = strdup(target);
    return n->target ? 0 : fail("mkcpio", ENOMEM);
}

static int read_folder(struct tree *t, const char *source, const char *path, const struct stat *skip);

// One file of the directory, appended; sorting comes last.
static int read_node(struct tree *t, const char *source, const char *path, const struct stat *skip)
{
    struct stat st;
    if (lstat(source, &st))
        return fail(source, errno);
    if (skip && st.st_dev == skip->st_dev && st.st_ino == skip->st_ino)
        return 0;
    struct node *n = node_new(path, source);
    if (!n)
        return -1;
    n->st = st;
    if (insert(t, t->count, n) || (S_ISLNK(st.st_mode) && read_link(n)))
        return -1;
    return S_ISDIR(st.st_mode) ? read_folder(t, source, path, skip) : 0;
}

static int read_folder(struct tree *t, const char *source, const char *path, const struct stat *skip)
{
    DIR *directory = opendir(source);
    if (!directory)
        return fail(source, errno);
    int r = 0;
    const struct dirent *e;
    while (!r && (errno = 0, e = readdir(directory))) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        char child_source[PATH_MAX], child_path[PATH_MAX];
        int a = snprintf(child_source, sizeof(child_source), "%s/%s", source, e->d_name);
        int b = snprintf(child_path, sizeof(child_path), "%s%s%s", path, path[0] ? "/" : "", e->d_name);
        r = a >= PATH_MAX || b >= PATH_MAX ? fail(source, ENAMETOOLONG)
                                           : read_node(t, child_source, child_path, skip);
    }
    if (!r && errno)
        r = fail(source, errno);
    closedir(directory);
    return r;
}

int tree_read(struct tree *t, const char *directory, const struct stat *skip)
{
    struct stat st;
    *t = (struct tree){0};
    if (stat(directory, &st))
        return fail(directory, errno);
    if (!S_ISDIR(st.st_mode))
        return fail(directory, ENOTDIR);
    struct node *root = node_new("", directory);
    if (!root)
        return -1;
    root->st = st;
    int r = insert(t, 0, root);
    if (!r)
        r = read_folder(t, directory, "", skip);
    if (!r)
        qsort(t->nodes, t->count, sizeof(*t->nodes), by_path);
    else
        tree_free(t);
    return r;
}

// "." and ".." change the path reached so far and add nothing to it.
static bool step_dots(const char *component, size_t length, char *at)
{
    if (length > 2 || memcmp(component, "..", length))
        return false;
    char *slash = strrchr(at, '/');
    if (length == 2)
        *(slash ? slash : at) = 0;
    return true;
}

// Follows symbolic links until `path` (absolute) names no link, "." or ".." any more. What is missing stays as it is written.
// ret_path is without the leading slash, empty for the root.
static int resolve(const struct tree *t, const char *path, char ret_path[PATH_MAX])
{
    char rest[PATH_MAX], at[PATH_MAX] = "";
    unsigned links = 0;
    if (snprintf(rest, sizeof(rest), "%s", path) >= PATH_MAX)
        return -ENAMETOOLONG;
    for (char *p = rest; *(p += strspn(p, "/"));) {
        size_t length = strcspn(p, "/"), before = strlen(at);
        if (step_dots(p, length, at)) {
            p += length;
            continue;
        }
        if (snprintf(at + before, PATH_MAX - before, "%s%.*s", before ? "/" : "", (int)length, p) >=
            (int)(PATH_MAX - before))
            return -ENAMETOOLONG;
        p += length;
        const struct node *n = exact(t, at);
        if (!n || !n->target)
            continue;
        char joined[PATH_MAX];
        if (++links > LINKS_MAX)
            return -ELOOP;
        if (snprintf(joined, sizeof(joined), "%s/%s", n->target, p) >= PATH_MAX)
            return -ENAMETOOLONG;
        memcpy(rest, joined, sizeof(rest));
        at[n->target[0] == '/' ? 0 : before] = 0;
        p = rest;
    }
    memcpy(ret_path, at, strlen(at) + 1);
    return 0;
}

struct node *tree_find(const struct tree *t, const char *path)
{
    char resolved[PATH_MAX];
    return resolve(t, path, resolved) ? NULL : exact(t, resolved);
}

// `path` as resolve gives it.
static int add_directories(struct tree *t, const char *path)
{
    char prefix[PATH_MAX];
    for (const char *slash = path; slash; slash = strchr(slash + 1, '/')) {
        if (slash == path)
            continue;
        memcpy(prefix, path, (size_t)(slash - path));
        prefix[slash - path] = 0;
        struct node *n = exact(t, prefix);
        if (n && !S_ISDIR(n->st.st_mode))
            return fail(n->source ? n->source : prefix, ENOTDIR);
        if (n)
            continue;
        n = node_new(prefix, NULL);
        if (!n)
            return -1;
        n->st.st_mode = S_IFDIR | 0755;
        if (insert(t, position(t, prefix), n))
            return -1;
    }
    return 0;
}

int tree_add_file(struct tree *t, const char *path, const char *source, struct node **ret)
{
    char resolved[PATH_MAX];
    struct stat st;
    int r = resolve(t, path, resolved);
    if (r)
        return fail(path, -r);
    if (stat(source, &st))
        return fail(source, errno);
    if (add_directories(t, resolved))
        return -1;
    struct node *n = node_new(resolved, source);
    if (!n)
        return -1;
    n->st = st;
    n->st.st_nlink = 1;
    *ret = n;
    return insert(t, position(t, resolved), n);
}

int tree_add_directory(struct tree *t, const char *path, mode_t mode)
{
    char resolved[PATH_MAX];
    if (resolve(t, path, resolved) || exact(t, resolved))
        return 0;
    if (add_directories(t, resolved))
        return -1;
    struct node *n = node_new(resolved, NULL);
    if (!n)
        return -1;
    n->st.st_mode = S_IFDIR | mode;
    return insert(t, position(t, resolved), n);
}
