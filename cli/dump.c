// SPDX-License-Identifier: MIT
//
// dump: what exec would load, without loading it. --pages prints the list from which anyone can compute MRENCLAVE again; its format is
// in myst(1).
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "abi/layout.h"
#include "cli/commands.h"
#include "cli/exec.h"

enum { OPTION_PAGES = OPTION_OWN, OPTION_CONTENT };

const struct option dump_options[] = {
    {"memory-size", "N[k|m|g]", "as for exec", OPTION_MEMORY_SIZE},
    {"user-mem-size", "N", NULL, OPTION_MEMORY_SIZE},
    {"app-config-path", "FILE", "as for exec", OPTION_CONFIG},
    {"pages", NULL, "one line per page or run of equal pages, in the order of loading", OPTION_PAGES},
    {"content", NULL, "with --pages: the bytes of every page that is not zero, in hexadecimal", OPTION_CONTENT},
    {0}};

enum { SECINFO_READ = 1, SECINFO_WRITE = 2, SECINFO_EXECUTE = 4, SECINFO_TYPE_SHIFT = 8, SECINFO_TYPE_MASK = 0xff };

struct count {
    uint64_t pages, code, data, tcs, zero, measured;
};

static int count_page(const struct layout_page *page, void *context)
{
    struct count *n = context;
    unsigned type = (unsigned)(page->secinfo_flags >> SECINFO_TYPE_SHIFT) & SECINFO_TYPE_MASK;
    n->pages++;
    n->tcs += type == 1;
    n->code += type == 2 && (page->secinfo_flags & SECINFO_EXECUTE);
    n->data += type == 2 && !(page->secinfo_flags & SECINFO_EXECUTE);
    n->zero += !page->content;
    n->measured += page->measured;
    return 0;
}

struct pages {
    bool content;
    // A run of pages that differ in nothing but their address.
    uint64_t address, count, flags;
    bool measured;
};

static void print_hex(const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * PAGE_SIZE];
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    fwrite(text, 2, size, stdout);
}

static void flush_run(struct pages *p)
{
    if (p->count)
        printf("page 0x%llx %llu 0x%llx %s zero\n", (unsigned long long)p->address, (unsigned long long)p->count,
               (unsigned long long)p->flags, p->measured ? "measured" : "unmeasured");
    p->count = 0;
}

static int print_page(const struct layout_page *page, void *context)
{
    struct pages *p = context;
    if (!page->content) {
        if (p->count && p->flags == page->secinfo_flags && p->measured == page->measured &&
            page->address == p->address + p->count * PAGE_SIZE) {
            p->count++;
            return 0;
        }
        flush_run(p);
        *p = (struct pages){p->content, page->address, 1, page->secinfo_flags, page->measured};
        return 0;
    }
    flush_run(p);
    uint8_t digest[32];
    unsigned length;
    if (!EVP_Digest(page->content, PAGE_SIZE, digest, &length, EVP_sha256(), NULL))
        return -1;
    printf("page 0x%llx 1 0x%llx %s ", (unsigned long long)page->address, (unsigned long long)page->secinfo_flags,
           page->measured ? "measured" : "unmeasured");
    print_hex(digest, sizeof(digest));
    if (p->content) {
        putchar(' ');
        print_hex(page->content, PAGE_SIZE);
    }
    putchar('\n');
    return 0;
}

static int print_pages(const struct plan *plan, bool content)
{
    struct pages p = {.content = content};
    printf("enclave 0x%lx %u\n", ENCLAVE_SIZE, THREAD_SSA_FRAME_PAGES);
    int r = layout_for_each(&plan->run, print_page, &p);
    flush_run(&p);
    return r;
}

static int print_summary(const struct plan *plan)
{
    uint8_t mrenclave[32];
    struct count n = {0};
    int r = layout_measure(&plan->run, mrenclave);
    if (!r)
        r = layout_for_each(&plan->run, count_page, &n);
    if (r)
        return r;
    printf("mrenclave         ");
    print_hex(mrenclave, sizeof(mrenclave));
    printf("\nproduct-id        %u\n", plan->run.product_id);
    printf("security-version  %u\n", plan->run.security_version);
    printf("debug             %s\n", plan->run.debug ? "yes" : "no");
    printf("memory-size       %llu\n", (unsigned long long)plan->settings.memory_size);
    printf("program           %s\n", plan->settings.application_path);
    printf("pages             %llu\n", (unsigned long long)n.pages);
    printf("pages-code        %llu\n", (unsigned long long)n.code);
    printf("pages-data        %llu\n", (unsigned long long)n.data);
    printf("pages-tcs         %llu\n", (unsigned long long)n.tcs);
    printf("pages-zero        %llu\n", (unsigned long long)n.zero);
    printf("pages-measured    %llu\n", (unsigned long long)n.measured);
    return 0;
}

int dump_main(const struct command *self, int argc, char **argv)
{
    struct request q = {.target = RUN_SGX};
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    bool pages = false, content = false;
    int id;
    while ((id = option_next(&o)) > 0) {
        if (id == OPTION_PAGES)
            pages = true;
        else if (id == OPTION_CONTENT)
            content = true;
        else if (request_option(&q, &o, id))
            return 1;
    }
    if (id < 0)
        return id == -2 ? 0 : 1;
    if (o.at >= argc)
        return complain("dump: no root filesystem: myst dump %s", self->synopsis);
    if (content && !pages)
        return complain("dump: '--content' goes with '--pages'");
    q.rootfs = argv[o.at];
    q.program = argv + o.at + 1;
    struct plan plan;
    if (plan_make(&q, &plan))
        return 1;
    int r = pages ? print_pages(&plan, content) : print_summary(&plan);
    plan_free(&plan);
    return r ? complain("dump: the enclave cannot be laid out: %s", r < 0 ? strerror(-r) : "unknown error") : 0;
}
