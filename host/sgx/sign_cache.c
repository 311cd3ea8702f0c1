// SPDX-License-Identifier: MIT
#include "host/sgx/sign_cache.h"

#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgx/sigstruct.h"

enum { PATH_SIZE = 3072, NAME_BYTES = 32 };

static bool cache_folder(char path[PATH_SIZE])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int n = cache && cache[0] == '/'  ? snprintf(path, PATH_SIZE, "%s/mystikos", cache)
            : home && home[0] == '/' ? snprintf(path, PATH_SIZE, "%s/.cache/mystikos", home)
                                      : -1;
    return n > 0 && n < PATH_SIZE;
}

// The name says everything that the signature depends on.
static bool entry_path(const struct sgx_sigstruct *wanted, const void *key_text, size_t key_size, char path[PATH_SIZE + 128])
{
    uint8_t digest[NAME_BYTES];
    struct sha256_ctx c;
    if (!cache_folder(path))
        return false;
    sha256_init(&c);
    sha256_update(&c, sizeof(*wanted), (const uint8_t *)wanted);
    sha256_update(&c, key_size, key_text);
    sha256_digest(&c, NAME_BYTES, digest);
    size_t at = strlen(path);
    at += (size_t)sprintf(path + at, "/sigstruct-");
    for (unsigned i = 0; i < NAME_BYTES; i++)
        at += (size_t)sprintf(path + at, "%02x", digest[i]);
    return true;
}

// What the author decides, and nothing else, must agree.
static bool says_the_same(const struct sgx_sigstruct *a, const struct sgx_sigstruct *b)
{
    return a->date == b->date && a->vendor == b->vendor && a->miscselect == b->miscselect && a->miscmask == b->miscmask &&
           !memcmp(&a->attributes, &b->attributes, sizeof(a->attributes)) &&
           !memcmp(&a->attributemask, &b->attributemask, sizeof(a->attributemask)) &&
           !memcmp(a->enclavehash, b->enclavehash, sizeof(a->enclavehash)) && a->isvprodid == b->isvprodid &&
           a->isvsvn == b->isvsvn && !memcmp(a->isvfamilyid, b->isvfamilyid, sizeof(a->isvfamilyid)) &&
           !memcmp(a->isvextprodid, b->isvextprodid, sizeof(a->isvextprodid));
}

bool sign_cache_get(const struct sgx_sigstruct *wanted, const void *key_text, size_t key_size, struct sgx_sigstruct *ret)
{
    char path[PATH_SIZE + 128];
    if (!entry_path(wanted, key_text, key_size, path))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool good = fd >= 0 && read(fd, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
    if (fd >= 0)
        close(fd);
    return good && says_the_same(wanted, ret) && !sgx_sigstruct_verify(ret);
}

static void make_folder(const char *path)
{
    char folder[PATH_SIZE + 128];
    snprintf(folder, sizeof(folder), "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        (void)mkdir(folder, 0700); // usually there
        *slash = '/';
    }
}

void sign_cache_put(const struct sgx_sigstruct *wanted, const void *key_text, size_t key_size, const struct sgx_sigstruct *signed_one)
{
    char path[PATH_SIZE + 128], temporary[PATH_SIZE + 160];
    if (!entry_path(wanted, key_text, key_size, path))
        return;
    make_folder(path);
    snprintf(temporary, sizeof(temporary), "%s.%ld", path, (long)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    bool good = write(fd, signed_one, sizeof(*signed_one)) == (ssize_t)sizeof(*signed_one);
    good = !close(fd) && good;
    if (!good || rename(temporary, path))
        unlink(temporary);
}
