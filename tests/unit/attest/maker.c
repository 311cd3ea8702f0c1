// SPDX-License-Identifier: MIT
#include "tests/unit/attest/maker.h"

#include <errno.h>
#include <ftw.h>
#include <time.h>
#include <unistd.h>

static void load_collateral(struct maker *m)
{
    struct collateral_request request = {.ca = 1};
    size_t size = 0;
    memcpy(request.fmspc, emu_platform_fmspc, sizeof(request.fmspc));
    m->collateral_bytes = malloc(COLLATERAL_MAX_SIZE);
    CHECK(m->collateral_bytes);
    CHECK(!emu_platform_collateral(m->platform, &request, m->collateral_bytes, COLLATERAL_MAX_SIZE, &size));
    CHECK(!attest_collateral_parse(m->collateral_bytes, size, &m->collateral));
    m->time = time(NULL) + 60;
}

void maker_open(struct maker *m)
{
    char reason[256] = "";
    *m = (struct maker){
        .identity = {.attributes = {SGX_ATTRIBUTE_INIT | SGX_ATTRIBUTE_DEBUG | SGX_ATTRIBUTE_MODE64BIT, 7},
                     .isvprodid = 0x1234,
                     .isvsvn = 5}};
    memset(m->identity.mrenclave, 0xe1, sizeof(m->identity.mrenclave));
    memset(m->identity.mrsigner, 0x51, sizeof(m->identity.mrsigner));
    snprintf(m->home, sizeof(m->home), "/tmp/attest-test-XXXXXX");
    CHECK(mkdtemp(m->home) && !setenv("XDG_DATA_HOME", m->home, 1));
    if (emu_platform_open(&m->platform, reason, sizeof(reason))) {
        fprintf(stderr, "%s\n", reason);
        exit(1);
    }
    load_collateral(m);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

void maker_close(struct maker *m)
{
    emu_platform_close(m->platform);
    free(m->collateral_bytes);
    CHECK(!nftw(m->home, remove_entry, 8, FTW_DEPTH | FTW_PHYS));
}

int maker_quote(void *arg, const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size)
{
    struct maker *m = arg;
    const uint8_t keyid[32] = {1};
    struct sgx_targetinfo target;
    struct sgx_report report;
    *ret_quote = malloc(emu_platform_quote_size(m->platform));
    CHECK(*ret_quote && !emu_platform_target_info(m->platform, &target));
    CHECK(!sgx_create_report(emu_platform_secrets(m->platform), &m->identity, &target, report_data, keyid,
                             &report));
    CHECK(!emu_platform_quote(m->platform, &report, *ret_quote, emu_platform_quote_size(m->platform),
                              ret_size));
    m->quotes++;
    return 0;
}
