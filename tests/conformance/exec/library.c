// SPDX-License-Identifier: MIT
//
// dlopen and symbols found at run time; thread-local variables of a library.
// needs: dynamic
// link: -lm -ldl
#include "conform.h"
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>

static void *other(void *unused)
{
    IS(*__errno_location() == 0);
    errno = 7;
    return NULL;
}

int main(int argc, char **argv)
{
    begin(argv);
    printf("%.6f\n", cos(strtod("1", NULL)));
    void *self = dlopen(NULL, RTLD_NOW);
    IS(self != NULL);
    size_t (*length)(const char *) = (size_t(*)(const char *))dlsym(self, "strlen");
    IS(length && length("four") == 4);
    IS(dlsym(self, "no such symbol") == NULL && dlerror() != NULL);
    IS(dlopen("libnowhere.so.1", RTLD_NOW) == NULL);
    Dl_info info;
    IS(dladdr((void *)length, &info) && info.dli_sname != NULL);
    void *m = dlopen("libm.so.6", RTLD_NOW);
    IS(m && dlsym(m, "sin"));
    errno = 5;
    pthread_t t;
    NEED(!pthread_create(&t, NULL, other, NULL) && !pthread_join(t, NULL));
    IS(errno == 5);
    return 0;
}
