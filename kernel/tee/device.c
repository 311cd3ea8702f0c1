// SPDX-License-Identifier: MIT
//
// /dev/attestation, in the layout that programs written for Gramine use. What a process writes to user_report_data and target_info
// counts for that process only. Content is made when a file is read from its start.
#include <linux/errno.h>
#include <linux/poll.h>
#include <linux/stat.h>

#include "abi/collateral.h"
#include "abi/target.h"
#include "kernel/fs/dev/dev.h"
#include "kernel/lib/klib.h"
#include "kernel/mm/heap.h"
#include "kernel/task/task.h"
#include "kernel/tee/tee.h"
#include "kernel/vfs/open_file.h"
#include "sgx/structures.h"

struct attestation { // of a process
    uint8_t report_data[64];
    uint8_t target_info[sizeof(struct sgx_targetinfo)];
};

struct blob { // of an open file
    size_t size;
    size_t at; // read position of a stream
    uint8_t *bytes;
};

static struct attestation *own(void)
{
    struct process *p = current_process();
    mutex_lock(&p->lock);
    if (!p->attestation)
        p->attestation = kzalloc(sizeof(struct attestation));
    mutex_unlock(&p->lock);
    return p->attestation;
}

void attestation_process_free(struct process *p)
{
    kfree(p->attestation);
}

static int open_blob(struct file *f)
{
    f->context = kzalloc(sizeof(struct blob));
    return f->context ? 0 : -ENOMEM;
}

static void drop(struct blob *b)
{
    if (b->bytes)
        memset(b->bytes, 0, b->size);
    kfree(b->bytes);
    *b = (struct blob){0};
}

static void release_blob(struct file *f)
{
    drop(f->context);
    kfree(f->context);
}

static long slice(const struct blob *b, void *to, size_t size, uint64_t offset)
{
    if (offset >= b->size)
        return 0;
    if (size > b->size - offset)
        size = b->size - offset;
    memcpy(to, b->bytes + offset, size);
    return (long)size;
}

static int fill_copy(struct blob *b, const void *bytes, size_t size)
{
    b->bytes = kmalloc(size);
    if (!b->bytes)
        return -ENOMEM;
    memcpy(b->bytes, bytes, size);
    b->size = size;
    return 0;
}

static int fill_type(struct blob *b)
{
    const char *type = target_is_tee ? "dcap" : "none";
    return fill_copy(b, type, strlen(type));
}

static int fill_report_data(struct blob *b)
{
    const struct attestation *a = own();
    return a ? fill_copy(b, a->report_data, sizeof(a->report_data)) : -ENOMEM;
}

static int fill_target_info(struct blob *b)
{
    const struct attestation *a = own();
    return a ? fill_copy(b, a->target_info, sizeof(a->target_info)) : -ENOMEM;
}

static int fill_own_target_info(struct blob *b)
{
    uint8_t t[sizeof(struct sgx_targetinfo)];
    int r = tee_own_target_info(t);
    return r ? r : fill_copy(b, t, sizeof(t));
}

static bool only_zeros(const uint8_t *p, size_t size)
{
    uint8_t any = 0;
    while (size--)
        any |= *p++;
    return !any;
}

// The processor faults at a target info with something in its reserved bytes.
static bool is_target(const struct sgx_targetinfo *t)
{
    return !t->reserved1 && only_zeros(t->reserved2, sizeof(t->reserved2)) && only_zeros(t->reserved3, sizeof(t->reserved3));
}

static int fill_report(struct blob *b)
{
    const struct attestation *a = own();
    struct sgx_targetinfo target; // a copy: other threads write
    uint8_t report[sizeof(struct sgx_report)];
    if (!a)
        return -ENOMEM;
    memcpy(&target, a->target_info, sizeof(target));
    if (!is_target(&target))
        return -EINVAL;
    const int r = target_report((const uint8_t *)&target, a->report_data, report);
    return r ? r : fill_copy(b, report, sizeof(report));
}

static int fill_quote(struct blob *b)
{
    const struct attestation *a = own();
    return a ? tee_quote(a->report_data, &b->bytes, &b->size) : -ENOMEM;
}

// Sealing keys: the same for the same enclave (or signer and product) on the same platform.
static int fill_key(struct blob *b, unsigned policy)
{
    struct sgx_keyrequest q = {
        .keyname = SGX_KEY_SEAL,
        .keypolicy = (uint16_t)policy,
        .attributemask = {~0ul, 0}, // debug and release enclaves get different keys
    };
    struct sgx_report self;
    const uint8_t nobody[sizeof(struct sgx_targetinfo)] = {0}, data[64] = {0};
    int r = target_report(nobody, data, (uint8_t *)&self);
    if (r)
        return r;
    memcpy(q.cpusvn, self.body.cpusvn, sizeof(q.cpusvn));
    q.isvsvn = self.body.isvsvn;
    uint8_t key[SGX_KEY_SIZE];
    r = target_get_key((const uint8_t *)&q, key);
    if (!r)
        r = fill_copy(b, key, sizeof(key));
    memset(key, 0, sizeof(key));
    __asm__ volatile("" : : "r"(key) : "memory");
    return r > 0 ? -EACCES : r;
}

static int fill_key_enclave(struct blob *b)
{
    return fill_key(b, SGX_KEYPOLICY_MRENCLAVE);
}

static int fill_key_signer(struct blob *b)
{
    return fill_key(b, SGX_KEYPOLICY_MRSIGNER);
}

static long read_made(struct file *f, void *to, size_t size, uint64_t offset, int (*fill)(struct blob *b))
{
    struct blob *b = f->context;
    mutex_lock(&f->node->data_lock);
    int r = 0;
    if (!offset || !b->bytes) {
        drop(b);
        r = fill(b);
    }
    long n = r ? r : slice(b, to, size, offset);
    mutex_unlock(&f->node->data_lock);
    return n;
}

static long write_field(uint8_t *field, size_t field_size, const void *from, size_t size, uint64_t offset)
{
    if (!field)
        return -ENOMEM;
    if (offset > field_size || size > field_size - offset)
        return -EINVAL;
    memcpy(field + offset, from, size);
    return (long)size;
}

static long write_report_data(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct attestation *a = own();
    return write_field(a ? a->report_data : NULL, sizeof(a->report_data), from, size, offset);
}

static long write_target_info(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct attestation *a = own();
    return write_field(a ? a->target_info : NULL, sizeof(a->target_info), from, size, offset);
}

// A report in one piece: taken when it is genuine and ours.
static long write_peer_report(struct file *f, const void *from, size_t size, uint64_t offset)
{
    if (size != sizeof(struct sgx_report))
        return -EINVAL;
    const int r = tee_check_report(from);
    return r ? r : (long)size;
}

static long collateral_write(struct file *f, const void *from, size_t size, uint64_t offset)
{
    struct blob *b = f->context;
    mutex_lock(&f->node->data_lock);
    drop(b);
    int r = tee_collateral(from, size, &b->bytes, &b->size);
    mutex_unlock(&f->node->data_lock);
    return r ? r : (long)size;
}

static long collateral_read(struct file *f, void *to, size_t size, uint64_t offset)
{
    struct blob *b = f->context;
    mutex_lock(&f->node->data_lock);
    long n = slice(b, to, size, b->at);
    b->at += n > 0 ? (size_t)n : 0;
    mutex_unlock(&f->node->data_lock);
    return n;
}

static unsigned always_ready(struct file *f, struct poll_table *table)
{
    return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static int fixed_size(struct file *f, uint64_t size)
{
    return 0; // O_TRUNC and ftruncate mean nothing here
}

#define FILES(X)                                                                                             \
    X(type, "attestation_type", 0444, fill_type, NULL, true)                                                 \
    X(report_data, "user_report_data", 0666, fill_report_data, write_report_data, true)                      \
    X(target_info, "target_info", 0666, fill_target_info, write_target_info, true)                           \
    X(own_target_info, "my_target_info", 0444, fill_own_target_info, NULL, true)                             \
    X(report, "report", 0444, fill_report, NULL, true)                                                       \
    X(quote, "quote", 0444, fill_quote, NULL, true)                                                          \
    X(key_enclave, "keys/_sgx_mrenclave", 0400, fill_key_enclave, NULL, true)                                \
    X(key_signer, "keys/_sgx_mrsigner", 0400, fill_key_signer, NULL, true)

#define READ(id, name, mode, fill, write, tee)                                                               \
    static long read_##id(struct file *f, void *to, size_t size, uint64_t offset)                            \
    {                                                                                                        \
        return read_made(f, to, size, offset, fill);                                                         \
    }
FILES(READ)

#define OPS(id, name_, mode_, fill, write_, tee_)                                                            \
    {"attestation/" name_,                                                                                   \
     mode_,                                                                                                  \
     tee_,                                                                                                   \
     {.open = open_blob, .release = release_blob, .read = read_##id, .write = write_, .poll = always_ready, .truncate = fixed_size}},
static const struct {
    const char *path;
    unsigned mode;
    bool tee_only;
    struct file_ops ops;
} files[] = {FILES(OPS){"attestation/collateral",
                        0666,
                        true,
                        {.stream = true,
                         .open = open_blob,
                         .release = release_blob,
                         .read = collateral_read,
                         .write = collateral_write,
                         .poll = always_ready,
                         .truncate = fixed_size}},
             {"attestation/peer_report",
              0222,
              true,
              {.stream = true, .write = write_peer_report, .poll = always_ready, .truncate = fixed_size}}};

void attestation_mount(void)
{
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (target_is_tee || !files[i].tee_only)
            (void)devfs_register(files[i].path, S_IFREG | files[i].mode, &files[i].ops, NULL); // no memory: it is missing, and says ENOENT
}
