// SPDX-License-Identifier: MIT
//
// What libcrypto could do and the service must not: load code, and ask the network for names. A static program could only do it
// with the shared libraries of the machine that built it, as the linker warns. Its option --wrap puts these in the place of those.
#include <netdb.h>
#include <stddef.h>

void *__wrap_dlopen(const char *file, int mode);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret);
struct hostent *__wrap_gethostbyname(const char *name);

void *__wrap_dlopen(const char *file, int mode)
{
    return NULL;
}

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
    return EAI_FAIL;
}

struct hostent *__wrap_gethostbyname(const char *name)
{
    return NULL;
}
