// SPDX-License-Identifier: MIT
//
// prctl, arch_prctl, personality, capabilities.
#include "conform.h"
#include <sys/personality.h>
#include <sys/prctl.h>

int main(int argc, char **argv)
{
    begin(argv);
    char name[32] = "";
    TRY(prctl(PR_SET_NAME, "a name that is too long"));
    TRY(prctl(PR_GET_NAME, name));
    printf("%s\n", name);
    show_file("/proc/self/comm");
    TRY(prctl(PR_GET_DUMPABLE));
    TRY(prctl(PR_SET_DUMPABLE, 0));
    TRY(prctl(PR_GET_DUMPABLE));
    TRY(prctl(PR_SET_DUMPABLE, 99));
    TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    TRY(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    TRY(prctl(PR_SET_PDEATHSIG, SIGHUP));
    int sig = 0;
    TRY(prctl(PR_GET_PDEATHSIG, &sig));
    printf("%d\n", sig);
    TRY(prctl(PR_GET_KEEPCAPS));
    TRY(prctl(12345));
    TRY(prctl(PR_SET_NAME, 8));
    (void)personality(0); // however it was started
    TRY(personality(0xffffffff));
    uint64_t fs = 0;
    TRY(syscall(SYS_arch_prctl, 0x1003, &fs)); // get FS
    uint64_t self;
    __asm__("mov %%fs:0, %0" : "=r"(self));
    IS(fs == self);
    TRY(syscall(SYS_arch_prctl, 0x1003, 8));
    TRY(syscall(SYS_arch_prctl, 0x7777, 0));
    struct {
        uint32_t version;
        int pid;
    } header = {0x20080522, 0};
    uint32_t data[6];
    TRY(syscall(SYS_capget, &header, data));
    header.version = 1;
    TRY(syscall(SYS_capget, &header, NULL));
    printf("%x\n", header.version);
    return 0;
}
