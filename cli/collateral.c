// SPDX-License-Identifier: MIT
//
// collateral: fetches what a verifier needs besides the evidence, into the cache of verify or into a folder.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "attest/signed_json.h"
#include "cli/attest/input.h"
#include "cli/attest/obtain.h"
#include "cli/commands.h"

enum { OPTION_FMSPC = 1, OPTION_CA, OPTION_TDX, OPTION_URL, OPTION_INSECURE, OPTION_FROM, OPTION_OUTPUT };

const struct option collateral_options[] = {
    {"fmspc", "HEX", "for this kind of platform, instead of the one of FILE", OPTION_FMSPC},
    {"ca", "NAME", "with --fmspc: platform (default) or processor", OPTION_CA},
    {"tdx", NULL, "with --fmspc: for TDX, not SGX", OPTION_TDX},
    {"url", "URL", "from this service (default: as /etc/sgx_default_qcnl.conf says, else Intel's)",
     OPTION_URL},
    {"insecure", NULL, "do not check the TLS certificate of the service: what it gives is signed anyway",
     OPTION_INSECURE},
    {"from", "DIR", "from a folder, not from a service", OPTION_FROM},
    {"output", "DIR", "into this folder (default: the cache that verify uses)", OPTION_OUTPUT},
    {0}};

struct job {
    const char *file, *url, *from, *output;
    bool insecure, has_fmspc, has_parts;
    struct attest_platform platform;
};

static int take_option(struct job *j, int id, const char *value)
{
    switch (id) {
    case OPTION_FMSPC:
        j->has_fmspc = true;
        if (!hex_decode(value, strlen(value), j->platform.fmspc, sizeof(j->platform.fmspc)))
            return complain("collateral: '%s' is not an FMSPC: 12 hexadecimal digits", value);
        return 0;
    case OPTION_CA:
        j->has_parts = true;
        j->platform.ca = !strcmp(value, "platform");
        return j->platform.ca || !strcmp(value, "processor")
                   ? 0
                   : complain("collateral: '%s' is not a CA: platform or processor", value);
    case OPTION_TDX:
        j->has_parts = true;
        j->platform.tee_type = 1;
        return 0;
    case OPTION_URL:
        j->url = value;
        return 0;
    case OPTION_INSECURE:
        j->insecure = true;
        return 0;
    case OPTION_FROM:
        j->from = value;
        return 0;
    default:
        j->output = value;
        return 0;
    }
}

static int check_request(const struct command *self, const struct job *j)
{
    const int sources = (j->file != NULL) + j->has_fmspc + (j->from != NULL);
    if (sources == 0)
        return complain("collateral: for which platform: myst collateral %s", self->synopsis);
    if (sources > 1)
        return complain("collateral: only one of FILE, --fmspc and --from");
    if (j->has_parts && !j->has_fmspc)
        return complain("collateral: '--ca' and '--tdx' go with '--fmspc'");
    return 0;
}

static int read_platform(struct job *j)
{
    struct input in;
    if (!input_load("collateral", j->file, &in))
        return 1;
    const int r = (in.is_certificate ? attest_certificate_platform
                                     : attest_evidence_platform)(in.bytes, in.size, &j->platform);
    input_free(&in);
    return r ? complain("collateral: %s: it does not name a platform of Intel's", j->file) : 0;
}

static int obtain(struct job *j, struct collateral_files *files)
{
    char path[PATH_MAX], reason[512] = "";
    if (j->from) {
        const int r = collateral_files_load(j->from, files, path);
        if (r)
            return complain("collateral: %s: %s", path, strerror(-r));
        if (collateral_platform(&files->collateral, &j->platform))
            return complain("collateral: %s: no TCB info with a CRL of the PCK CA", j->from);
        return 0;
    }
    if (j->file && read_platform(j))
        return 1;
    const int r = collateral_fetch(&j->platform, j->url, j->insecure, files, reason, sizeof(reason));
    return r ? complain("collateral: %s", *reason ? reason : strerror(-r)) : 0;
}

static int store(const struct job *j, const struct attest_collateral *collateral)
{
    char folder[PATH_MAX], path[PATH_MAX];
    const char *target = j->output ? j->output : folder;
    int r = j->output ? 0 : collateral_cache_folder(&j->platform, folder);
    if (r)
        return complain(
            "collateral: there is no home directory for the cache: name a folder with '--output'");
    r = collateral_files_save(target, collateral, path);
    if (r)
        return complain("collateral: %s: %s", path, strerror(-r));
    printf("%s\n", target);
    return 0;
}

int collateral_main(const struct command *self, int argc, char **argv)
{
    struct job j = {.platform = {.ca = 1}};
    struct options o = {.command = self, .argc = argc, .argv = argv, .at = 1};
    struct collateral_files files = {0};
    int id;
    while ((id = option_next_anywhere(&o)) > 0)
        if (take_option(&j, id, o.value))
            return 1;
    if (id < 0)
        return id == -2 ? 0 : 1;
    if (o.operands > 1)
        return complain("collateral: one operand only: myst collateral %s", self->synopsis);
    j.file = o.operands ? argv[0] : NULL;
    if (check_request(self, &j))
        return 1;
    int r = obtain(&j, &files);
    if (!r)
        r = store(&j, &files.collateral);
    collateral_files_free(&files);
    return r;
}
