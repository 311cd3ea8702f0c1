// SPDX-License-Identifier: MIT
//
// Wide vector registers over system calls, signals and thread switches, where the processor has them.
#include "conform.h"
#include <pthread.h>

static void handler(int sig)
{
    __asm__ volatile("pxor %%xmm5, %%xmm5" ::: "xmm5");
    if (__builtin_cpu_supports("avx"))
        __asm__ volatile("vpxor %%xmm5, %%xmm5, %%xmm5\n vpxor %%xmm12, %%xmm12, %%xmm12" ::: "xmm5", "xmm12");
}

static __attribute__((target("avx"))) bool round_of(uint64_t seed)
{
    uint64_t in[4] = {seed, seed * 3, seed * 5, seed * 7}, out[2][4];
    long result;
    __asm__ volatile("vmovdqu %[in], %%ymm5\n vmovdqu %[in], %%ymm12\n"
                     "syscall\n"
                     "vmovdqu %%ymm5, %[a]\n vmovdqu %%ymm12, %[b]\n vzeroupper\n"
                     : "=a"(result), [a] "=m"(out[0]), [b] "=m"(out[1])
                     : "0"(SYS_sched_yield), [in] "m"(in)
                     : "rcx", "r11", "xmm5", "xmm12", "memory");
    return !memcmp(out[0], in, 32) && !memcmp(out[1], in, 32);
}

static void *work(void *seed)
{
    long wrong = 0;
    for (uint64_t i = 0; i < 20000; i++)
        wrong += __builtin_cpu_supports("avx") ? !round_of((uint64_t)seed * 1000003 + i) : 0;
    return (void *)wrong;
}

int main(int argc, char **argv)
{
    begin(argv);
    signal(SIGUSR1, handler);
    pthread_t t[3];
    for (long i = 0; i < 3; i++)
        NEED(!pthread_create(&t[i], NULL, work, (void *)(i + 1)));
    for (int i = 0; i < 200; i++) {
        for (int j = 0; j < 3; j++)
            pthread_kill(t[j], SIGUSR1);
        usleep(100);
    }
    long wrong = 0;
    for (int i = 0; i < 3; i++) {
        void *result;
        NEED(!pthread_join(t[i], &result));
        wrong += (long)result;
    }
    printf("%ld wrong\n", wrong);
    return 0;
}
