// SPDX-License-Identifier: MIT
//
// Credentials by the attestation service: its answer is three sizes and three parts (service/attestd.c).
#include <linux/errno.h>
#include <linux/fcntl.h>

#include "abi/target.h"
#include "kernel/boot/config.h"
#include "kernel/lib/check.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/task.h"
#include "kernel/tee/tee.h"
#include "kernel/trace/log.h"
#include "kernel/vfs/file.h"

enum { HEADER_SIZE = 12, OUTPUT_LIMIT = 0x100000 };

void credentials_wipe(struct credentials_made *c)
{
    if (c->block) {
        memset(c->block, 0, c->block_size);
        __asm__ volatile("" : : "r"(c->block) : "memory");
    }
    kfree(c->block);
    *c = (struct credentials_made){0};
}

// The service is measured code, but its output is parsed as any other.
static int take_apart(struct credentials_made *c)
{
    uint32_t sizes[3];
    if (c->block_size < HEADER_SIZE)
        return -EIO;
    memcpy(sizes, c->block, HEADER_SIZE);
    uint64_t total = (uint64_t)HEADER_SIZE + sizes[0] + sizes[1] + sizes[2];
    if (total != c->block_size || !sizes[0] || !sizes[1])
        return -EIO;
    c->certificate = c->block + HEADER_SIZE;
    c->certificate_size = sizes[0];
    c->key = c->certificate + sizes[0];
    c->key_size = sizes[1];
    c->report = c->key + sizes[1];
    c->report_size = sizes[2];
    return 0;
}

int credentials_make(bool extended, struct credentials_made *ret)
{
    *ret = (struct credentials_made){0};
    if (!target_is_tee) {
        log_line("myst: credentials need an enclave: the linux target is no TEE; use 'myst exec'");
        return -EINVAL;
    }
    char *const argv[] = {(char *)"attestd", (char *)(extended ? "generate-ex" : "generate"), NULL};
    void *output = NULL;
    int status = helper_run("/bin/attestd", argv, NULL, 0, &output, &ret->block_size, OUTPUT_LIMIT);
    ret->block = output;
    int r = status < 0 ? status : status ? -EIO : take_apart(ret);
    if (r)
        credentials_wipe(ret);
    return r;
}

static int write_file(const char *path, const void *bytes, size_t size, unsigned mode)
{
    struct file *f;
    int r = vfs_open(path, O_WRONLY | O_CREAT | O_TRUNC, mode, &f);
    if (r)
        return r;
    for (size_t done = 0; !r && done < size;) {
        long n = file_write_at(f, (const char *)bytes + done, size - done, done);
        if (n > 0)
            done += (size_t)n;
        else
            r = n ? (int)n : -EIO;
    }
    file_put(f);
    return r;
}

static size_t without_nul(const struct credentials_made *c)
{
    return c->key_size && !c->key[c->key_size - 1] ? c->key_size - 1 : c->key_size;
}

static const char *value_of(char *const envp[], const char *name)
{
    size_t length = strlen(name);
    for (; *envp; envp++)
        if (!strncmp(*envp, name, length) && (*envp)[length] == '=')
            return *envp + length + 1;
    return NULL;
}

void credentials_boot(char *const envp[])
{
    const char *wanted = value_of(envp, "MYST_WANT_TEE_CREDENTIALS");
    if (!wanted)
        return;
    bool report = !strcmp(wanted, "CERT_PEMKEY_REPORT");
    if (!report && strcmp(wanted, "CERT_PEMKEY"))
        kernel_stop("MYST_WANT_TEE_CREDENTIALS: '%s' is neither CERT_PEMKEY nor CERT_PEMKEY_REPORT", wanted);
    if (!target_is_tee)
        kernel_stop("MYST_WANT_TEE_CREDENTIALS: the linux target is no TEE and has no credentials; use 'myst exec'");
    struct credentials_made c;
    int r = credentials_make(report, &c);
    if (!r)
        r = write_file("/tmp/myst.crt", c.certificate, c.certificate_size, 0444);
    if (!r)
        r = write_file("/tmp/myst.key", c.key, without_nul(&c), 0400);
    if (!r && report)
        r = write_file("/tmp/myst.report", c.report, c.report_size, 0444);
    if (r)
        kernel_stop("MYST_WANT_TEE_CREDENTIALS: the credentials cannot be made (error %d)", -r);
    credentials_wipe(&c);
}
