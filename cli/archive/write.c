// SPDX-License-Identifier: MIT
#include "cli/archive/write.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/archive/reason.h"
#include "cli/cli.h"

enum { CHUNK = 1 << 20 };
static const int64_t SIZE_MOST = UINT32_MAX; // newc has 32 bits for it

struct writer {
    struct archive *archive;
    const char *path;
    char *chunk;
};

// What the archive says about the names of one file.
struct identity {
    uint32_t ino, names;
    bool last; // of its names: the content stands there, as cpio does it
};

static int fail(const char *path, const char *why)
{
    complain("%s: %s", path, why);
    return -1;
}

static bool may_have_names(const struct node *n)
{
    return n->source && !S_ISDIR(n->st.st_mode) && n->st.st_nlink > 1;
}

static int by_file(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
    if (x->st.st_dev != y->st.st_dev)
        return x->st.st_dev < y->st.st_dev ? -1 : 1;
    if (x->st.st_ino != y->st.st_ino)
        return x->st.st_ino < y->st.st_ino ? -1 : 1;
    return strcmp(x->path, y->path);
}

static bool same_file(const struct node *a, const struct node *b)
{
    return may_have_names(a) && may_have_names(b) && a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino;
}

static size_t position(const struct tree *t, const struct node *n)
{
    size_t low = 0, high = t->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(t->nodes[middle]->path, n->path) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

// Inode numbers by order in the archive, the same for all names of a file; links from outside the tree do not count.
static struct identity *identify(const struct tree *t)
{
    struct identity *identities = calloc(t->count, sizeof(*identities));
    struct node **sorted = malloc(t->count * sizeof(struct node *));
    if (!identities || !sorted) {
        free(identities);
        free(sorted);
        return NULL;
    }
    memcpy(sorted, t->nodes, t->count * sizeof(struct node *));
    qsort(sorted, t->count, sizeof(struct node *), by_file);
    for (size_t first = 0, next; first < t->count; first = next) {
        for (next = first + 1; next < t->count && same_file(sorted[first], sorted[next]);)
            next++;
        uint32_t ino = (uint32_t)position(t, sorted[first]) + 1;
        for (size_t i = first; i < next; i++)
            identities[position(t, sorted[i])] = (struct identity){ino, (uint32_t)(next - first), i + 1 == next};
    }
    free(sorted);
    return identities;
}

static struct archive_entry *describe(const struct node *n, const struct identity *id, int64_t size)
{
    struct archive_entry *e = archive_entry_new();
    if (!e)
        return NULL;
    archive_entry_set_pathname(e, n->path[0] ? n->path : ".");
    archive_entry_set_mode(e, n->st.st_mode);
    archive_entry_set_ino64(e, id->ino);
    archive_entry_set_nlink(e, S_ISDIR(n->st.st_mode) ? 2 : id->names);
    archive_entry_set_size(e, size);
    archive_entry_set_mtime(e, n->time, 0);
    if (n->target)
        archive_entry_set_symlink(e, n->target);
    if (S_ISCHR(n->st.st_mode) || S_ISBLK(n->st.st_mode))
        archive_entry_set_rdev(e, n->st.st_rdev);
    return e;
}

static int write_failed(const struct writer *w)
{
    complain("cannot write %s: %s", w->path, archive_reason(w->archive));
    return -1;
}

// Exactly as many bytes as the header announced.
static int write_content(const struct writer *w, const char *source, int64_t left)
{
    int fd = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail(source, strerror(errno));
    int r = 0;
    while (!r && left) {
        ssize_t n = read(fd, w->chunk, left < CHUNK ? (size_t)left : CHUNK);
        if (n <= 0)
            r = fail(source, n ? strerror(errno) : "became shorter while it was read");
        else if (archive_write_data(w->archive, w->chunk, (size_t)n) != n)
            r = write_failed(w);
        else
            left -= n;
    }
    close(fd);
    return r;
}

static int write_node(const struct writer *w, const struct node *n, const struct identity *id)
{
    bool content = S_ISREG(n->st.st_mode) && id->last;
    int64_t size = content ? n->st.st_size : 0;
    if (size > SIZE_MOST)
        return fail(n->source, "larger than a file in a cpio archive can be (4 GiB)");
    struct archive_entry *e = describe(n, id, size);
    int r = e ? archive_write_header(w->archive, e) : ARCHIVE_FATAL;
    archive_entry_free(e);
    if (r != ARCHIVE_OK)
        return write_failed(w);
    return size ? write_content(w, n->source, size) : 0;
}

static int write_all(const struct writer *w, const struct tree *t)
{
    struct identity *identities = identify(t);
    int r = identities && w->chunk ? 0 : fail("mkcpio", strerror(ENOMEM));
    for (size_t i = 0; !r && i < t->count; i++)
        r = write_node(w, t->nodes[i], &identities[i]);
    free(identities);
    return r;
}

int tree_write(struct tree *t, int fd, const char *path)
{
    struct writer w = {.archive = archive_write_new(), .path = path, .chunk = malloc(CHUNK)};
    int r = -1;
    if (!w.archive)
        fail("mkcpio", strerror(ENOMEM));
    else if (archive_write_set_format_cpio_newc(w.archive) || archive_write_set_bytes_per_block(w.archive, CHUNK) ||
             archive_write_set_bytes_in_last_block(w.archive, 1) || archive_write_open_fd(w.archive, fd))
        write_failed(&w);
    else
        r = write_all(&w, t);
    if (r)
        archive_write_fail(w.archive); // no trailer behind half an archive
    if (archive_write_close(w.archive) && !r)
        r = write_failed(&w);
    archive_write_free(w.archive);
    free(w.chunk);
    return r;
}
