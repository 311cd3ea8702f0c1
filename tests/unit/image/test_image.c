// SPDX-License-Identifier: MIT
//
// Sealing and opening images: contents of the index, refusals, and that no changed byte goes unnoticed.
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/image/image.h"
#include "tests/unit/image/archive.h"
#include "tests/unit/check.h"

struct sealed {
    uint8_t *bytes;
    size_t size;
};

static struct sealed seal(struct archive *a)
{
    struct sealed s;
    void *image;
    const char *reason = NULL;
    int r = image_seal_memory(a->bytes, a->size, &image, &s.size, &reason);
    if (r)
        fprintf(stderr, "%s\n", reason ? reason : strerror(-r));
    CHECK(!r);
    s.bytes = image;
    archive_free(a);
    return s;
}

static struct sealed small(void)
{
    struct archive a = {0};
    archive_add(&a, &(struct member){.name = ".", .mode = S_IFDIR | 0700});
    archive_add(&a, &(struct member){.name = "hello", .mode = S_IFREG | 0644, .data = "hello\n", .size = 6});
    archive_add(&a, &(struct member){.name = "bin/tool", .mode = S_IFREG | 0755, .data = "#!x", .size = 3});
    archive_add(&a, &(struct member){.name = "link", .mode = S_IFLNK | 0777, .data = "/bin/../bin/tool", .size = 16});
    archive_add(&a, &(struct member){.name = "loop", .mode = S_IFLNK | 0777, .data = "loop", .size = 4});
    archive_add(&a, &(struct member){.name = "null", .mode = S_IFCHR | 0666, .rdev_major = 1, .rdev_minor = 3});
    archive_add(&a, &(struct member){.name = "h1", .mode = S_IFREG | 0600, .ino = 7, .nlink = 2});
    archive_add(&a, &(struct member){.name = "./d//h2", .mode = S_IFREG | 0600, .ino = 7, .nlink = 2, .data = "two", .size = 3});
    archive_add(&a, &(struct member){.name = "hello", .mode = S_IFREG | 0600, .data = "later", .size = 5});
    archive_end(&a);
    return seal(&a);
}

static struct image_inode find(const struct image_view *v, const char *path)
{
    struct image_inode i = {0};
    int r = image_lookup(v, path, true, &i);
    if (r)
        fprintf(stderr, "%s: %s\n", path, strerror(-r));
    CHECK(!r);
    return i;
}

static void check_content(const struct image_view *v, const char *path, const char *content)
{
    struct image_inode i = find(v, path);
    CHECK(S_ISREG(i.mode) && i.size == strlen(content) && !memcmp(v->data + i.data, content, i.size));
}

static void test_index(void)
{
    struct sealed s = small();
    struct image_view v;
    struct image_inode i;
    const char *reason;
    CHECK(!image_open(s.bytes, s.size, &v, &reason));
    CHECK(!image_verify(&v, NULL, &reason));
    CHECK(find(&v, "/").mode == (S_IFDIR | 0700) && find(&v, "/").nlink == 4);
    check_content(&v, "/hello", "later");
    check_content(&v, "/bin/tool", "#!x");
    check_content(&v, "/link", "#!x");
    check_content(&v, "/h1", "two");
    check_content(&v, "/d/h2", "two");
    CHECK(find(&v, "/h1").nlink == 2);
    CHECK(find(&v, "/bin").mode == (S_IFDIR | 0755));
    CHECK(find(&v, "/null").rdev == makedev(1, 3));
    CHECK(!image_lookup(&v, "/link", false, &i) && S_ISLNK(i.mode));
    CHECK(image_lookup(&v, "/loop", true, &i) == -ELOOP);
    CHECK(image_lookup(&v, "/nothing", true, &i) == -ENOENT);
    CHECK(image_lookup(&v, "/hello/x", true, &i) == -ENOTDIR);
    void *again;
    size_t size;
    CHECK(image_seal_memory(s.bytes, s.size, &again, &size, &reason) == -EEXIST);
    image_free(s.bytes, s.size);
}

static void test_big_directory(void)
{
    enum { FILES = 3000 };
    struct archive a = {0};
    char name[32];
    for (int n = 0; n < FILES; n++) {
        snprintf(name, sizeof(name), "many/%d", n * 7919 % FILES);
        archive_add(&a, &(struct member){.name = name, .mode = S_IFREG | 0644, .data = name, .size = (uint32_t)strlen(name)});
    }
    archive_end(&a);
    struct sealed s = seal(&a);
    struct image_view v;
    const char *reason;
    CHECK(!image_open(s.bytes, s.size, &v, &reason) && !image_verify(&v, NULL, &reason));
    CHECK(find(&v, "/many").count == FILES);
    for (int n = 0; n < FILES; n++) {
        snprintf(name, sizeof(name), "many/%d", n);
        check_content(&v, name, name);
    }
    image_free(s.bytes, s.size);
}

// Every byte of an image counts, but for the archive's size in the trailer, which is a hint that nothing is decided by.
static void test_every_byte(void)
{
    struct sealed s = small();
    size_t hint = s.size - IMAGE_BLOCK_SIZE + offsetof(struct image_trailer, archive_size);
    for (size_t at = 0; at < s.size; at++) {
        struct image_view v;
        const char *reason;
        if (at >= hint && at < hint + sizeof(uint64_t))
            continue;
        s.bytes[at] ^= 1u << at % 8;
        int r = image_open(s.bytes, s.size, &v, &reason);
        if (!r)
            r = image_verify(&v, NULL, &reason);
        if (!r)
            fprintf(stderr, "byte %zu of %zu changed and nobody saw it\n", at, s.size);
        CHECK((r == -EBADMSG || r == -EINVAL) && reason);
        s.bytes[at] ^= 1u << at % 8;
    }
    for (size_t size = 0; size < s.size; size += 97) { // truncation
        struct image_view v;
        const char *reason;
        CHECK(image_open(s.bytes, size, &v, &reason) && reason);
        void *image;
        size_t image_size;
        int r = image_seal_memory(s.bytes, size, &image, &image_size, &reason);
        if (r) {
            CHECK(r == -EINVAL && reason);
            continue;
        }
        CHECK(size <= IMAGE_BLOCK_SIZE); // nothing but index and tree is gone: that is the plain archive
        image_free(image, image_size);
    }
    image_free(s.bytes, s.size);
}

static void refused(struct archive *a, const char *expected)
{
    void *image;
    size_t size;
    const char *reason = NULL;
    int r = image_seal_memory(a->bytes, a->size, &image, &size, &reason);
    if (r != -EINVAL || !reason || !strstr(reason, expected))
        fprintf(stderr, "expected \"%s\", got %d \"%s\"\n", expected, r, reason ? reason : "");
    CHECK(r == -EINVAL && reason && strstr(reason, expected));
    archive_free(a);
}

static void refused_name(const char *name, size_t size, const char *expected)
{
    struct archive a = {0};
    archive_add_raw(&a, &(struct member){.mode = S_IFREG | 0644}, name, size);
    archive_end(&a);
    refused(&a, expected);
}

static void test_refusals(void)
{
    char component[300];
    memset(component, 'x', sizeof(component) - 1);
    component[sizeof(component) - 1] = 0;
    refused_name("../x", 5, "..");
    refused_name("a/../../x", 10, "..");
    refused_name("a\0b", 4, "NUL");
    refused_name("abc", 3, "NUL");
    refused_name(component, sizeof(component), "255");
    struct archive a = {0};
    refused(&a, "empty");
    archive_add(&a, &(struct member){.name = "f", .mode = S_IFREG | 0644});
    archive_add(&a, &(struct member){.name = "f/g", .mode = S_IFREG | 0644});
    archive_end(&a);
    refused(&a, "not a directory");
    archive_add(&a, &(struct member){.name = "f", .mode = S_IFREG | 0644});
    refused(&a, "without a trailer");
    archive_add(&a, &(struct member){.name = "f", .mode = 0644});
    archive_end(&a);
    refused(&a, "unknown type");
    archive_end(&a);
    archive_end(&a);
    refused(&a, "behind the end");
    archive_add(&a, &(struct member){.name = "", .mode = S_IFREG | 0644});
    archive_end(&a);
    refused(&a, "root is not a directory");
}

// Random damage to an archive: it is refused or sealed, and what is sealed opens and verifies.
static void test_random_headers(void)
{
    uint64_t seed = 88172645463325252u;
    for (int round = 0; round < 4000; round++) {
        struct archive a = {0};
        archive_add(&a, &(struct member){.name = "a/b", .mode = S_IFREG | 0644, .data = "xyz", .size = 3});
        archive_add(&a, &(struct member){.name = "l", .mode = S_IFLNK | 0777, .data = "a", .size = 1, .nlink = 2, .ino = 1});
        archive_add(&a, &(struct member){.name = "m", .mode = S_IFREG | 0644, .data = "q", .size = 1, .nlink = 2, .ino = 1});
        archive_end(&a);
        for (int n = 0; n < 1 + round % 5; n++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17; // xorshift
            a.bytes[seed % a.size] = round % 3 ? "0123456789abcdefF/."[seed >> 40 & 15] : (uint8_t)(seed >> 48);
        }
        struct sealed s;
        void *image;
        const char *reason;
        uint8_t *exact = malloc(a.size); // so that the sanitizer sees the end
        memcpy(exact, a.bytes, a.size);
        int r = image_seal_memory(exact, a.size, &image, &s.size, &reason);
        CHECK(r == 0 || (r == -EINVAL && reason));
        if (!r) {
            struct image_view v;
            CHECK(!image_open(image, s.size, &v, &reason) && !image_verify(&v, NULL, &reason));
            image_free(image, s.size);
        }
        free(exact);
        archive_free(&a);
    }
}

int main(void)
{
    test_index();
    test_big_directory();
    test_every_byte();
    test_refusals();
    test_random_headers();
    return 0;
}
