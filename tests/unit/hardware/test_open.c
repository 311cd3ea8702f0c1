// SPDX-License-Identifier: MIT
//
// What people are told when there is no device, or when they may not use it.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/device/hardware/hardware.h"
#include "tests/unit/hardware/check.h"

enum { NOBODY = 65534 };

static void test_missing(void)
{
    static const char *const nodes[] = {"/nonexistent/sgx_enclave", "/dev/null/enclave", NULL};
    char reason[256] = "";
    CHECK(hardware_open(nodes, reason, sizeof(reason)) == -ENODEV);
    CHECK(!strcmp(reason, "this machine has no SGX, or its driver is not loaded "
                          "(/nonexistent/sgx_enclave is missing)"));
}

static void test_older_name(const char *path)
{
    const char *const nodes[] = {"/nonexistent/sgx_enclave", path, NULL};
    char reason[256];
    int fd = hardware_open(nodes, reason, sizeof(reason));
    CHECK(fd >= 0);
    close(fd);
}

// In a process of somebody who may not: as root, another user.
static void test_denied(const char *path, const char *expected)
{
    int status;
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (!pid) {
        const char *const nodes[] = {path, NULL};
        char reason[256] = "";
        if (geteuid() == 0)
            CHECK(!setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) && !setresuid(NOBODY, NOBODY, NOBODY));
        CHECK(hardware_open(nodes, reason, sizeof(reason)) == -EACCES);
        if (!strstr(reason, expected))
            fprintf(stderr, "%s\n", reason);
        CHECK(strstr(reason, expected) && strstr(reason, path));
        _exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

void test_open(const char *directory)
{
    char path[PATH_MAX], reason[256] = "", expected[64];
    snprintf(path, sizeof(path), "%s/node", directory);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    CHECK(fd >= 0);
    close(fd);
    CHECK(!chmod(directory, 0711));
    test_missing();
    test_older_name(path);
    if (geteuid() == 0) {
        const struct group *g = getgrgid(1);
        CHECK(g && !chown(path, 0, 1) && !chmod(path, 0660));
        snprintf(expected, sizeof(expected), "be a member of the group %s", g->gr_name);
        test_denied(path, expected);
    }
    CHECK(!chmod(path, 0000));
    test_denied(path, "only its owner may use it");
    if (access("/dev/sgx_enclave", F_OK) && access("/dev/sgx/enclave", F_OK)) {
        CHECK(device_hardware.probe(reason, sizeof(reason)) == -ENODEV && strstr(reason, "no SGX"));
        const struct enclave_parameters p = {.size = 1 << 20, .ssa_frame_pages = 1, .xfrm = 3};
        struct enclave *e = NULL;
        reason[0] = 0;
        CHECK(device_hardware.create(&p, &e, reason, sizeof(reason)) == -ENODEV && !e && strstr(reason, "no SGX"));
    }
}
