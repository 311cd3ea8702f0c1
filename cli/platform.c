// SPDX-License-Identifier: MIT
//
// platform: the emulated platform of this user, and what a real one lacks.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/attest/collateral_files.h"
#include "cli/attest/file.h"
#include "cli/attest/obtain.h"
#include "cli/commands.h"
#include "cli/platform/platform.h"
#include "emu/platform.h"

enum { OPTION_AESM = 1, OPTION_PCCS };

const struct option platform_options[] = {
    {"aesm", "PATH", "serve: answer the protocol of aesmd on this socket", OPTION_AESM},
    {"pccs", "HOST:PORT", "serve: answer the collateral API of a PCCS there (HTTP; port 0: any)",
     OPTION_PCCS},
    {0}};

struct request {
    const char *aesm, *pccs, *operand;
};

static struct emu_platform *open_platform(void)
{
    char reason[512] = "";
    struct emu_platform *platform;
    if (!emu_platform_open(&platform, reason, sizeof(reason)))
        return platform;
    complain("platform: %s", reason);
    return NULL;
}

static int show(const struct request *q)
{
    char path[PATH_MAX];
    const uint8_t *f = emu_platform_fmspc;
    if (emu_platform_find(path))
        printf("emulated     none     'myst platform create' makes one, and so does the first enclave that "
               "runs on it\n");
    else
        printf("emulated     ok       %s, FMSPC %02x%02x%02x%02x%02x%02x\n", path, f[0], f[1], f[2], f[3],
               f[4], f[5]);
    const bool real = doctor_print();
    printf("\n%s\n",
           real ? "This machine can run enclaves and make quotes that others believe."
                : "Enclaves run on the emulated platform here: its quotes prove nothing about hardware.");
    return 0;
}

static int create(const struct request *q)
{
    char path[PATH_MAX];
    if (!emu_platform_find(path))
        return complain("platform: there is one already: %s", path);
    struct emu_platform *platform = open_platform();
    if (!platform)
        return 1;
    emu_platform_close(platform);
    return emu_platform_find(path) ? complain("platform: it could not be kept") : (printf("%s\n", path), 0);
}

static int reset(const struct request *q)
{
    char path[PATH_MAX];
    if (!emu_platform_find(path) && unlink(path))
        return complain("platform: %s: %s", path, strerror(errno));
    return create(q);
}

static int export(const struct request *q)
{
    char path[PATH_MAX], reason[512] = "";
    struct attest_platform platform = {.ca = 1};
    struct collateral_files files;
    size_t size;
    const char *root = emu_platform_root(&size);
    memcpy(platform.fmspc, emu_platform_fmspc, sizeof(platform.fmspc));
    int r = collateral_obtain(&platform, &files, reason, sizeof(reason));
    if (r)
        return complain("platform: %s", *reason ? reason : strerror(-r));
    r = collateral_files_save(q->operand, &files.collateral, path);
    collateral_files_free(&files);
    if (!r && snprintf(path, sizeof(path), "%s/test_root.pem", q->operand) >= (int)sizeof(path))
        r = -ENAMETOOLONG;
    if (!r)
        r = file_write(path, root, size);
    return r ? complain("platform: %s: %s", path, strerror(-r)) : 0;
}

static int serve(const struct request *q)
{
    if (!q->aesm && !q->pccs)
        return complain("platform: serve what: '--aesm PATH', '--pccs HOST:PORT', or both");
    struct emu_platform *platform = open_platform();
    if (!platform)
        return 1;
    const int r = platform_serve(platform, q->aesm, q->pccs);
    emu_platform_close(platform);
    return r;
}

static const struct action {
    const char *name;
    int (*run)(const struct request *);
    bool takes_operand;
} actions[] = {{"show", show, false},
               {"create", create, false},
               {"reset", reset, false},
               {"export", export, true},
               {"serve", serve, false}};

static int run(const struct command *self, struct request *q, const char *name, int operands)
{
    size_t i = 0;
    const size_t count = sizeof(actions) / sizeof(*actions);
    while (i < count && strcmp(actions[i].name, name))
        i++;
    if (i == count) {
        const char *near = nearest(name, &actions[0].name, count, sizeof(actions[0]));
        return near ? complain("platform: no action '%s': did you mean '%s'?", name, near)
                    : complain("platform: no action '%s': myst platform %s", name, self->synopsis);
    }
    if (operands != (actions[i].takes_operand ? 2 : 1) && !(operands == 0 && actions[i].run == show))
        return complain("platform: %s takes %s", name, actions[i].takes_operand ? "a folder" : "no operand");
    if ((q->aesm || q->pccs) && actions[i].run != serve)
        return complain("platform: '--aesm' and '--pccs' go with serve");
    return actions[i].run(q);
}

int platform_main(const struct command *self, int argc, char **argv)
{
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    struct request q = {0};
    int id;
    while ((id = option_next_anywhere(&o)) > 0)
        *(id == OPTION_AESM ? &q.aesm : &q.pccs) = o.value;
    if (id < 0)
        return id == -2 ? 0 : 1;
    q.operand = o.operands > 1 ? argv[1] : NULL;
    return run(self, &q, o.operands ? argv[0] : "show", o.operands);
}
