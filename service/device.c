// SPDX-License-Identifier: MIT
#include "service/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/collateral.h"
#include "service/stream.h"
#include "sgx/structures.h"

enum { QUOTE_LIMIT = 0x10000 };

static int open_file(const char *path, int flags)
{
    const int fd = open(path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int write_file(const char *path, const void *bytes, size_t size)
{
    const int fd = open_file(path, O_WRONLY);
    if (fd < 0)
        return fd;
    const int r = write_all(fd, bytes, size);
    close(fd);
    return r;
}

int device_quote(void *arg, const uint8_t report_data[64], uint8_t **ret_quote, size_t *ret_size)
{
    (void)arg;
    int r = write_file("/dev/attestation/user_report_data", report_data, 64);
    if (r)
        return r;
    const int fd = open_file("/dev/attestation/quote", O_RDONLY);
    if (fd < 0)
        return fd;
    r = read_all(fd, QUOTE_LIMIT, ret_quote, ret_size);
    close(fd);
    return r;
}

int device_collateral(const struct attest_platform *platform, uint8_t **ret_collateral, size_t *ret_size)
{
    struct collateral_request request = {.ca = platform->ca, .tee_type = platform->tee_type};
    memcpy(request.fmspc, platform->fmspc, sizeof(request.fmspc));
    const int fd = open_file("/dev/attestation/collateral", O_RDWR);
    if (fd < 0)
        return fd;
    int r = write_all(fd, &request, sizeof(request));
    if (!r)
        r = read_all(fd, COLLATERAL_MAX_SIZE, ret_collateral, ret_size);
    close(fd);
    return r;
}

int device_is_debug(bool *ret_debug)
{
    struct sgx_targetinfo self;
    uint8_t *bytes;
    size_t size;
    const int fd = open_file("/dev/attestation/my_target_info", O_RDONLY);
    if (fd < 0)
        return fd;
    int r = read_all(fd, sizeof(self), &bytes, &size);
    close(fd);
    if (r)
        return r;
    r = size == sizeof(self) ? 0 : -EIO;
    if (!r) {
        memcpy(&self, bytes, sizeof(self));
        *ret_debug = (self.attributes.flags & SGX_ATTRIBUTE_DEBUG) != 0;
    }
    free(bytes);
    return r;
}
