// SPDX-License-Identifier: MIT
//
// Entering: the vDSO's rules against a function that keeps no more than they promise, and interrupts at its ENCLU.
#include <alloca.h>
#include <errno.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "host/device/hardware/hardware.h"
#include "host/device/hardware/vdso.h"
#include "host/hostcall/server.h"
#include "tests/unit/hardware/check.h"

int fake_vdso(unsigned long rdi, unsigned long rsi, unsigned long rdx, unsigned function, unsigned long r8,
              unsigned long r9, struct sgx_enclave_run *run);
extern uint64_t fake_frame;
extern uint32_t fake_leaf;
extern int fake_enclu, fake_fault;
extern const char fake_enclu_at[], fake_after_fault[];

struct hardware_call { // as in enter.c
    vdso_sgx_enter_enclave_t function;
    uint64_t rdi, rsi, leaf;
    struct sgx_enclave_run *run;
};
int64_t enter_with_marks(const struct hardware_call *c, void *stack);

static struct enclave e = {.enter = fake_vdso};

static int keep(long rdi, long rsi, long rdx, long rsp, long r8, long r9, struct sgx_enclave_run *run)
{
    return 0;
}

static void test_registers(void)
{
    static uint8_t stack[65536] __attribute__((aligned(64)));
    struct sgx_enclave_run run = {.user_handler = (uint64_t)keep};
    const struct hardware_call call = {fake_vdso, 1, 2, SGX_EENTER, &run};
    CHECK(enter_with_marks(&call, stack + sizeof(stack)) == 0);
    CHECK(run.function == SGX_EEXIT);
}

// From a frame that is deeper by `depth`.
static __attribute__((noinline)) uint64_t frame_at(size_t depth, unsigned function)
{
    struct enclave_exit out;
    volatile char *deeper = alloca(depth + 1);
    deeper[0] = 0;
    CHECK(!hardware_enter(&e, 0x1000, function, 1, 2, &out));
    CHECK(out.rdi == 2 && out.rsi == 1 && fake_leaf == function);
    return fake_frame + (uint64_t)deeper[0];
}

static void test_one_frame(void)
{
    uint64_t first = frame_at(0, SGX_EENTER);
    for (size_t depth = 0; depth < 1024; depth += 64)
        CHECK(frame_at(depth, depth % 128 ? SGX_EENTER : SGX_ERESUME) == first);
}

static void test_exits(void)
{
    struct enclave_exit out;
    fake_fault = SGX_ERESUME;
    CHECK(!hardware_enter(&e, 0x1000, SGX_EENTER, 1, 2, &out));
    CHECK(out.exception && out.vector == 14 && out.error == 7 && out.address == 0x123000);
    fake_fault = SGX_EENTER; // the entry itself failed
    CHECK(hardware_enter(&e, 0x1000, SGX_EENTER, 1, 2, &out) == -EFAULT);
    fake_fault = 0;
    CHECK(!hardware_enter(&e, 0x1000, SGX_EENTER, 1, 2, &out) && !out.exception);
}

static unsigned faults;
static int raise_at_fault;

// ENCLU is illegal here (#UD, with SGX in the processor #GP). At the first fault an interrupt becomes pending: it is
// delivered when this handler returns, at the ENCLU. The second plays the kernel's fixup.
static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    CHECK((const char *)g[REG_RIP] == fake_enclu_at);
    if (++faults == 1 && raise_at_fault) {
        CHECK(!raise(HOST_INTERRUPT_SIGNAL));
        return;
    }
    g[REG_RIP] = (greg_t)fake_after_fault;
}

static void catch_faults(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaddset(&action.sa_mask, HOST_INTERRUPT_SIGNAL);
    CHECK(!sigaction(SIGILL, &action, NULL) && !sigaction(SIGSEGV, &action, NULL));
}

static void test_interrupt(void)
{
    struct enclave_exit out;
    CHECK(!hardware_catch_interrupts());
    catch_faults();
    fake_enclu = raise_at_fault = 1;
    CHECK(!hardware_enter(&e, 0x1000, SGX_ERESUME, 0, 0, &out));
    CHECK(faults == 2 && out.exception && out.vector == 256);
    // At an EENTER it is left alone: the enclave is entered, and looks for itself.
    faults = 0;
    CHECK(hardware_enter(&e, 0x1000, SGX_EENTER, 0, 0, &out) == -EFAULT && faults == 2);
    fake_enclu = raise_at_fault = 0;
}

static volatile sig_atomic_t repeated;

static void on_repeated(int signal_number)
{
    repeated = 1;
}

// One that meets host code comes again after the next ERESUME.
static void test_missed_interrupt(void)
{
    struct enclave_exit out;
    struct sigaction action = {.sa_handler = on_repeated};
    CHECK(!hardware_catch_interrupts() && !raise(HOST_INTERRUPT_SIGNAL));
    CHECK(!sigaction(HOST_INTERRUPT_SIGNAL, &action, NULL));
    CHECK(!hardware_enter(&e, 0x1000, SGX_ERESUME, 0, 0, &out));
    const struct timespec moment = {.tv_nsec = 10000000};
    for (unsigned i = 0; i < 500 && !repeated; i++)
        nanosleep(&moment, NULL);
    CHECK(repeated);
}

// A blocking call of the host ends: before it began, and while it waits.
static void test_cancelled_call(void)
{
    static volatile int interrupted = 1;
    const uint64_t arg[6] = {0};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = HOST_INTERRUPT_SIGNAL};
    const struct itimerspec often = {.it_value.tv_nsec = 20000000, .it_interval.tv_nsec = 20000000};
    timer_t timer;
    CHECK(host_syscall_raw(SYS_pause, arg, &interrupted) == -EINTR && !interrupted);
    int fd[2];
    char c;
    CHECK(!pipe(fd) && !hardware_catch_interrupts());
    CHECK(!timer_create(CLOCK_MONOTONIC, &event, &timer) && !timer_settime(timer, 0, &often, NULL));
    const uint64_t read_arg[6] = {(uint64_t)fd[0], (uint64_t)&c, 1};
    CHECK(host_syscall_raw(SYS_read, read_arg, &interrupted) == -EINTR);
    CHECK(!timer_delete(timer) && !close(fd[0]) && !close(fd[1]));
}

void test_enter(void)
{
    test_registers();
    test_one_frame();
    test_exits();
    test_interrupt();
    test_missed_interrupt();
    test_cancelled_call();
}

void test_vdso(void)
{
    const void *image = (const void *)getauxval(AT_SYSINFO_EHDR);
    struct timespec ours, real;
    int (*gettime)(clockid_t, struct timespec *) =
        (int (*)(clockid_t, struct timespec *))vdso_symbol(image, "__vdso_clock_gettime");
    CHECK(image && gettime && !gettime(CLOCK_MONOTONIC, &ours) && !clock_gettime(CLOCK_MONOTONIC, &real));
    CHECK(real.tv_sec - ours.tv_sec <= 1);
    CHECK(!vdso_symbol(image, "__vdso_no_such_thing") && !vdso_symbol(NULL, "x") && !vdso_symbol("no image", "x"));
}
