// SPDX-License-Identifier: MIT
//
// What SGX on this machine has and lacks, from the processor up, in the words of somebody who is asked to fix
// it.
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/platform/platform.h"
#include "emu/platform.h"
#include "host/aesm/aesm.h"
#include "host/pccs/pccs.h"

enum { REASON_SIZE = 512 };

static bool finding(const char *what, bool good, const char *text)
{
    printf("%-12s %-8s %s\n", what, good ? "ok" : "missing", text);
    return good;
}

static bool check_processor(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b >> 2 & 1))
        return finding("processor", false,
                       "it has no SGX, or the firmware hides it: look for SGX in the setup of the BIOS");
    if (!(c >> 30 & 1))
        return finding(
            "processor", false,
            "SGX without flexible launch control: set launch control to unlocked in the setup of the BIOS");
    const bool edmm = __get_cpuid_count(0x12, 0, &a, &b, &c, &d) && (a >> 1 & 1);
    return finding("processor", true,
                   edmm ? "SGX2, flexible launch control" : "SGX1, flexible launch control");
}

static bool check_node(const char *what, const char *node, const char *absent, const char *forbidden)
{
    const int fd = open(node, O_RDWR | O_CLOEXEC);
    char text[REASON_SIZE];
    if (fd >= 0) {
        close(fd);
        return finding(what, true, node);
    }
    const bool is_absent = errno == ENOENT || errno == ENXIO || errno == ENODEV;
    snprintf(text, sizeof(text), "%s: %s: %s", node, strerror(errno), is_absent ? absent : forbidden);
    return finding(what, false, text);
}

static bool check_aesm(void)
{
    uint8_t target[AESM_TARGET_INFO_SIZE];
    char reason[REASON_SIZE] = "";
    const int r = aesm_target_info(AESM_SOCKET, target, reason, sizeof(reason));
    return finding("aesm", !r, r ? reason : AESM_SOCKET);
}

// Any answer will do: collateral of the quoting enclave is the same for all platforms.
static bool check_pccs(void)
{
    struct pccs_service service;
    struct collateral_request request = {.ca = 1};
    static uint8_t packed[COLLATERAL_MAX_SIZE];
    char reason[REASON_SIZE] = "";
    size_t size;
    int r = pccs_configuration(NULL, &service, reason, sizeof(reason));
    if (r)
        return finding("pccs", false, reason);
    memcpy(request.fmspc, (const uint8_t[]){0x00, 0x60, 0x6a, 0, 0, 0},
           sizeof(request.fmspc)); // Ice Lake, well known
    r = pccs_collateral(&service, &request, packed, sizeof(packed), &size, reason, sizeof(reason));
    if (r == -ENOENT) { // it answers, and does not know this one
        snprintf(reason, sizeof(reason), "%s", service.url);
        r = 0;
    }
    return finding("pccs", !r, r ? reason : service.url);
}

bool doctor_print(void)
{
    bool all = check_processor();
    all &= check_node(
        "driver", "/dev/sgx_enclave",
        "load a kernel of version 5.11 or later with CONFIG_X86_SGX, on a processor with SGX enabled",
        "make this user a member of the group that owns it (often sgx)");
    all &= check_node(
        "provisioning", "/dev/sgx_provision", "the same driver makes it",
        "only the quoting service needs it: make it a member of the group that owns it (often sgx_prv)");
    all &= check_aesm();
    return check_pccs() && all;
}
