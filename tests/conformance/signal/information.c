// SPDX-License-Identifier: MIT
//
// What a handler is told: all of siginfo for every kind of sender; the order in which signals come; waiting for them.
#include "asleep.h"
#include "conform.h"
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static volatile int count;
static siginfo_t last;
static int order[64];
static volatile int order_count;

static void handler(int sig, siginfo_t *info, void *context)
{
    last = *info;
    count++;
    if (order_count < 64)
        order[order_count++] = sig >= SIGRTMIN ? 1000 + (sig - SIGRTMIN) * 100 + info->si_value.sival_int : sig;
}

static void catch(int sig, int flags)
{
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    NEED(!sigaction(sig, &a, NULL));
}

static void show(const char *what)
{
    printf("%s: signal %d code %d errno %d", what, last.si_signo >= SIGRTMIN ? last.si_signo - SIGRTMIN + 100 : last.si_signo, last.si_code,
           last.si_errno);
    if (last.si_signo == SIGCHLD)
        printf(" pid %s uid %s status %d", last.si_pid > 0 && last.si_pid != getpid() ? "child" : "?",
               last.si_uid == getuid() ? "mine" : "?", last.si_status);
    else if (last.si_code <= 0)
        printf(" pid %s uid %s value %d",
               last.si_pid == getpid() ? "mine"
               : last.si_pid           ? "other"
                                       : "0",
               last.si_uid == getuid() ? "mine" : "0", last.si_code == SI_QUEUE ? last.si_value.sival_int : 0);
    printf("\n");
}

static void children(void)
{
    catch(SIGCHLD, 0);
    int status;
    pid_t pid = fork();
    if (!pid)
        _exit(300 & 0xff);
    NEED(waitpid(pid, &status, 0) == pid);
    show("exited");
    pid = fork();
    if (!pid) {
        signal(SIGTERM, SIG_DFL);
        raise(SIGTERM);
    }
    NEED(waitpid(pid, &status, 0) == pid);
    show("killed");
    pid = fork();
    if (!pid) {
        for (;;)
            pause();
    }
    kill(pid, SIGKILL);
    siginfo_t info = {0};
    TRY(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
    printf("waitid: code %d status %d\n", info.si_code, info.si_status);
    TRY(waitid(P_PID, pid, &info, WEXITED));
    errno = 0;
    show("killed");
    signal(SIGCHLD, SIG_IGN);
    pid = fork();
    if (!pid)
        _exit(0);
    TRY(waitpid(pid, &status, 0));
    signal(SIGCHLD, SIG_DFL);
}

static void senders(void)
{
    catch(SIGUSR1, 0);
    catch(SIGRTMIN + 1, 0);
    kill(getpid(), SIGUSR1);
    show("kill");
    raise(SIGUSR1);
    show("raise");
    TRY(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 42}));
    show("sigqueue");
    pthread_kill(pthread_self(), SIGRTMIN + 1);
    show("pthread_kill");
    pid_t pid = fork();
    if (!pid) {
        sigqueue(getppid(), SIGUSR1, (union sigval){.sival_int = 7});
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    show("from a child");
    TRY(sigqueue(getpid(), 65, (union sigval){0}));
    TRY(sigqueue(getpid(), 0, (union sigval){0}));
    TRY(sigqueue(999999, SIGUSR1, (union sigval){0}));
    TRY(kill(getpid(), -1));
    TRY(kill(999999, 0));
    siginfo_t forged = {.si_signo = SIGUSR1, .si_code = SI_USER};
    TRY(syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &forged) == -1 ? errno == EPERM || errno == ESRCH : 0);
}

static void in_order(void)
{
    sigset_t all, pending;
    sigfillset(&all);
    for (int i = 0; i < 4; i++)
        catch(SIGRTMIN + i, 0);
    catch(SIGUSR1, 0);
    catch(SIGUSR2, 0);
    catch(SIGHUP, 0);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int i = 1; i <= 3; i++)
        for (int sig = 3; sig >= 0; sig--)
            NEED(!sigqueue(getpid(), SIGRTMIN + sig, (union sigval){.sival_int = i}));
    for (int i = 0; i < 3; i++)
        raise(SIGUSR2), kill(getpid(), SIGUSR1), raise(SIGHUP);
    sigpending(&pending);
    printf("pending %d %d %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGHUP), sigismember(&pending, SIGRTMIN + 2),
           sigismember(&pending, SIGALRM));
    siginfo_t info;
    sigset_t some;
    sigemptyset(&some);
    sigaddset(&some, SIGRTMIN + 1);
    sigaddset(&some, SIGHUP);
    for (int i = 0; i < 5; i++) {
        int sig = sigtimedwait(&some, &info, &(struct timespec){0, 0});
        printf("taken %d value %d\n",
               sig < 0           ? sig
               : sig >= SIGRTMIN ? sig - SIGRTMIN + 1000
                                 : sig,
               sig >= SIGRTMIN ? info.si_value.sival_int : 0);
    }
    order_count = 0;
    sigset_t none;
    sigemptyset(&none);
    // each handler blocks the rest, so that they run one after the other
    for (int i = 0; i < 4; i++) {
        struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO, .sa_mask = all};
        sigaction(SIGRTMIN + i, &a, NULL);
    }
    for (int sig = 1; sig < 3; sig++) {
        struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO, .sa_mask = all};
        sigaction(sig == 1 ? SIGUSR1 : SIGUSR2, &a, NULL);
    }
    sigprocmask(SIG_SETMASK, &none, NULL);
    printf("order");
    for (int i = 0; i < order_count; i++)
        printf(" %d", order[i]);
    printf("\n");
}

static sigjmp_buf jump;

static void jumps(int sig)
{
    siglongjmp(jump, sig);
}

static int is_blocked(int sig)
{
    sigset_t s;
    sigprocmask(SIG_BLOCK, NULL, &s);
    return sigismember(&s, sig);
}

static void jump_masks(void)
{
    signal(SIGUSR1, jumps);
    if (!sigsetjmp(jump, 1))
        raise(SIGUSR1);
    printf("with mask: blocked %d\n", is_blocked(SIGUSR1));
    if (!sigsetjmp(jump, 0))
        raise(SIGUSR1);
    printf("without mask: blocked %d\n", is_blocked(SIGUSR1));
    sigset_t s;
    sigemptyset(&s);
    sigprocmask(SIG_SETMASK, &s, NULL);
}

static void *sends_later(void *to)
{
    until_sleeps(getpid());
    pthread_kill(*(pthread_t *)to, SIGUSR2);
    return NULL;
}

static void suspended(void)
{
    sigset_t block, old;
    pthread_t me = pthread_self(), t;
    catch(SIGUSR2, 0);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR2);
    sigprocmask(SIG_BLOCK, &block, &old);
    NEED(!pthread_create(&t, NULL, sends_later, &me));
    count = 0;
    sigset_t none;
    sigemptyset(&none);
    TRY(sigsuspend(&none));
    printf("count %d, blocked %d\n", count, is_blocked(SIGUSR2));
    pthread_join(t, NULL);
    NEED(!pthread_create(&t, NULL, sends_later, &me));
    int sig;
    RETURNS(sigwait(&block, &sig));
    printf("waited for %d, count %d\n", sig, count);
    pthread_join(t, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    NEED(!pthread_create(&t, NULL, sends_later, &me));
    TRY(pause());
    pthread_join(t, NULL);
    siginfo_t info;
    TRY(sigtimedwait(&block, &info, &(struct timespec){0, 10000000}));
    TRY(sigtimedwait(&block, &info, &(struct timespec){0, 1000000000}));
}

static char alternate[65536];
static volatile int on_alternate;

static void where(int sig)
{
    char here;
    stack_t s;
    on_alternate = &here >= alternate && &here < alternate + sizeof(alternate);
    sigaltstack(NULL, &s);
    printf("flags %d\n", s.ss_flags);
    s.ss_flags = 0;
    TRY(sigaltstack(&s, NULL));
}

static void alternate_stack(void)
{
    stack_t s = {.ss_sp = alternate, .ss_size = sizeof(alternate)}, old;
    TRY(sigaltstack(&s, NULL));
    struct sigaction a = {.sa_handler = where, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    printf("on alternate %d\n", on_alternate);
    TRY(sigaltstack(NULL, &old));
    printf("flags %d, size %zu\n", old.ss_flags, old.ss_size);
    s.ss_size = 100;
    TRY(sigaltstack(&s, NULL));
    s.ss_flags = 77;
    TRY(sigaltstack(&s, NULL));
    s.ss_flags = SS_DISABLE;
    TRY(sigaltstack(&s, NULL));
}

static void faults(void)
{
    static const struct {
        const char *what;
        int prot;
    } pages[] = {{"no access", PROT_NONE}, {"read only", PROT_READ}};
    catch(SIGSEGV, 0);
    for (int i = 0; i < 2; i++) {
        char *page = mmap(NULL, 4096, pages[i].prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        struct sigaction a = {.sa_handler = jumps};
        sigaction(SIGSEGV, &a, NULL);
        int sig = sigsetjmp(jump, 1);
        if (!sig)
            *(volatile char *)page = 1;
        printf("%s: %d\n", pages[i].what, sig);
        munmap(page, 4096);
    }
}

int main(int argc, char **argv)
{
    begin(argv);
    children();
    senders();
    in_order();
    jump_masks();
    suspended();
    alternate_stack();
    faults();
    return 0;
}
