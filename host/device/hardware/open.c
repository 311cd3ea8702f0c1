// SPDX-License-Identifier: MIT
//
// Device nodes and the permissions they stand for.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/device/hardware/hardware.h"

const char *const hardware_enclave_nodes[] = {"/dev/sgx_enclave", "/dev/sgx/enclave", NULL};
const char *const hardware_provision_nodes[] = {"/dev/sgx_provision", "/dev/sgx/provision", NULL};

static void explain_permission(const char *node, char *reason, size_t size)
{
    struct stat st;
    const struct group *g = stat(node, &st) == 0 ? getgrgid(st.st_gid) : NULL;
    if (g && (st.st_mode & 0060) == 0060 && st.st_gid != 0)
        snprintf(reason, size, "%s: permission denied; be a member of the group %s", node, g->gr_name);
    else
        snprintf(reason, size, "%s: permission denied; only its owner may use it (chgrp sgx and chmod g+rw it)", node);
}

int hardware_open(const char *const *nodes, char *reason, size_t reason_size)
{
    for (const char *const *node = nodes; *node; node++) {
        int fd = open(*node, O_RDWR | O_CLOEXEC);
        if (fd >= 0)
            return fd;
        if (errno == ENOENT || errno == ENOTDIR)
            continue;
        int error = errno;
        if (error == EACCES || error == EPERM)
            explain_permission(*node, reason, reason_size);
        else
            snprintf(reason, reason_size, "%s: %s", *node, strerror(error));
        return -error;
    }
    snprintf(reason, reason_size, "this machine has no SGX, or its driver is not loaded (%s is missing)", nodes[0]);
    return -ENODEV;
}

int hardware_allow_provisioning(const struct enclave *e, const char *const *nodes, char *reason, size_t reason_size)
{
    char why[256];
    int fd = hardware_open(nodes, why, sizeof(why));
    if (fd < 0) {
        snprintf(reason, reason_size, "the enclave asks for the provisioning key: %s",
                 fd == -ENODEV ? "the machine offers none (/dev/sgx_provision is missing)" : why);
        return fd;
    }
    struct sgx_enclave_provision argument = {.fd = (uint64_t)fd};
    int r = e->driver(e->fd, SGX_IOC_ENCLAVE_PROVISION, &argument) < 0 ? -errno : 0;
    close(fd);
    if (r)
        snprintf(reason, reason_size, "the driver refuses the provisioning key: %s", strerror(-r));
    return r;
}
