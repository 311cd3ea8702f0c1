// SPDX-License-Identifier: MIT
#include "host/aesm/error.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    unsigned code;
    int error;
    const char *text;
} errors[] = {
    {2, ENODEV, "it finds no SGX device"},
    {3, EINVAL, "it refuses the parameters"},
    {12, ENETUNREACH, "it cannot reach the provisioning service"},
    {13, EBUSY, "the network is busy; try again"},
    {14, ENETUNREACH, "its proxy settings are wrong"},
    {16, EIO, "provisioning failed"},
    {17, ECONNREFUSED, "it is being stopped"},
    {18, EBUSY, "busy; try again"},
    {19, EBUSY, "the provisioning service is busy; try again"},
    {21, ENOMEM, "it is out of memory"},
    {22, EPROTO, "it does not understand the message"},
    {24, ENODEV, "it cannot use the SGX device"},
    {29, ENOMEM, "out of enclave memory (EPC)"},
    {30, ENOTSUP, "the quoting service is unavailable; is its plug-in installed?"},
    {31, ENOTSUP, "the provisioning service does not recognise this platform"},
    {38, ENOTSUP, "it does not support the attestation key"},
    {40, ENOTSUP, "it lacks the DCAP quote interface (libsgx_dcap_ql)"},
    {41, ENOTSUP, "it lacks the platform library (libdcap_quoteprov): install one, e.g. libsgx-dcap-default-qpl"},
    {42, EAGAIN, "the attestation key is not initialised"},
    {43, EBADMSG, "the platform's certificates are invalid"},
    {44, ENODATA, "no PCK certificate for this platform: check the PCCS in /etc/sgx_default_qcnl.conf"},
    {45, EACCES, "it refuses the report"},
    {46, EIO, "its enclave was lost (power transition)"},
    {47, EACCES, "it refuses the report: not made on this machine, or not for its enclave"},
    {48, EIO, "it cannot load its enclave"},
    {49, EIO, "its enclave makes no report"},
    {50, EIO, "it cannot certify the attestation key"},
};

int aesm_error(uint64_t code)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].code == code)
            return -errors[i].error;
    return -EIO;
}

const char *aesm_error_text(uint64_t code)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].code == code)
            return errors[i].text;
    return "an unexpected error";
}
