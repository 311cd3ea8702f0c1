// SPDX-License-Identifier: MIT
//
// The hardware device as far as a machine without SGX shows it: arguments, refusals, the services it talks to.
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>

#include "emu/platform.h"
#include "tests/unit/hardware/check.h"

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

int main(void)
{
    char directory[] = "/tmp/hardware-test-XXXXXX", reason[256] = "";
    struct emu_platform *p;
    CHECK(mkdtemp(directory));
    setenv("XDG_DATA_HOME", directory, 1);
    CHECK(!emu_platform_open(&p, reason, sizeof(reason)));
    test_vdso();
    test_open(directory);
    test_pages();
    test_aesm(p, directory);
    test_pccs(p, directory);
    test_enter();
    emu_platform_close(p);
    CHECK(!nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS));
    return 0;
}
