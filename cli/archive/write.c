// SPDX-License-Identifier: MIT
#include "cli/archive/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/image/cpio.h"

// Linux keeps a file in pieces as large as those that it was written in, up to 2 MiB, and maps large pieces for less than many pages.
enum { CHUNK = 1 << 20, BUFFER = 4 << 20 };

struct writer {
    FILE *file;
    const char *path;
    char *chunk, *buffer;
    uint64_t at; // bytes written
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

static struct cpio_entry describe(const struct node *n, const struct identity *id, uint64_t size)
{
    const char *name = n->path[0] ? n->path : ".";
    return (struct cpio_entry){
        .name = name,
        .name_length = strlen(name),
        .mode = n->st.st_mode,
        .ino = id->ino,
        .nlink = S_ISDIR(n->st.st_mode) ? 2 : id->names,
        .mtime = (uint32_t)n->time,
        .size = size,
        .rdev_major = major(n->st.st_rdev),
        .rdev_minor = minor(n->st.st_rdev),
    };
}

static int fail_to_write(const struct writer *w)
{
    complain("cannot write %s: %s", w->path, strerror(errno));
    return -1;
}

static int append(struct writer *w, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, w->file) != size)
        return fail_to_write(w);
    w->at += size;
    return 0;
}

static int fill(struct writer *w)
{
    static const uint8_t zero[4];
    size_t over = (size_t)(w->at % sizeof(zero));
    return over ? append(w, zero, sizeof(zero) - over) : 0;
}

// Exactly as many bytes as the header announced.
static int write_content(struct writer *w, const char *source, uint64_t left)
{
    int fd = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail(source, strerror(errno));
    int r = 0;
    while (!r && left) {
        ssize_t n = read(fd, w->chunk, left < CHUNK ? (size_t)left : CHUNK);
        if (n <= 0)
            r = fail(source, n ? strerror(errno) : "became shorter while it was read");
        else
            r = append(w, w->chunk, (size_t)n);
        left -= r ? 0 : (uint64_t)n;
    }
    close(fd);
    return r;
}

static int write_node(struct writer *w, const struct node *n, const struct identity *id)
{
    uint8_t header[CPIO_HEADER_MOST];
    uint64_t size = n->target ? strlen(n->target) : S_ISREG(n->st.st_mode) && id->last ? (uint64_t)n->st.st_size : 0;
    if (size > UINT32_MAX)
        return fail(n->source, "larger than a file in a cpio archive can be (4 GiB)");
    const struct cpio_entry e = describe(n, id, size);
    if (e.name_length >= CPIO_NAME_MOST)
        return fail(n->path, strerror(ENAMETOOLONG));
    int r = append(w, header, cpio_write_header(header, w->at, &e));
    if (!r && size)
        r = n->target ? append(w, n->target, size) : write_content(w, n->source, size);
    return r ? r : fill(w);
}

static int write_all(struct writer *w, const struct tree *t)
{
    struct identity *identities = identify(t);
    int r = identities && w->chunk && w->buffer ? 0 : fail("mkcpio", strerror(ENOMEM));
    for (size_t i = 0; !r && i < t->count; i++)
        r = write_node(w, t->nodes[i], &identities[i]);
    free(identities);
    return r;
}

int tree_write(struct tree *t, int fd, const char *path)
{
    uint8_t trailer[CPIO_HEADER_MOST];
    int own = dup(fd); // for fclose
    struct writer w = {.file = own < 0 ? NULL : fdopen(own, "wb"), .path = path, .chunk = malloc(CHUNK), .buffer = malloc(BUFFER)};
    if (!w.file) {
        if (own >= 0)
            close(own);
        free(w.chunk);
        free(w.buffer);
        return fail(path, strerror(errno));
    }
    if (w.buffer)
        (void)setvbuf(w.file, w.buffer, _IOFBF, BUFFER);
    int r = write_all(&w, t);
    if (!r)
        r = append(&w, trailer, cpio_write_trailer(trailer));
    if (fclose(w.file) && !r)
        r = fail_to_write(&w);
    free(w.chunk);
    free(w.buffer);
    return r;
}
