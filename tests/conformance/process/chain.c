// SPDX-License-Identifier: MIT
//
// A chain of short-lived processes, each the child of the one before, does not keep the first from its turn.
#include "conform.h"
#include <signal.h>
#include <sys/wait.h>

static void link_on(int out)
{
    while (write(out, "x", 1) == 1) {
        pid_t next = fork();
        if (next)
            _exit(next < 0);
    }
    _exit(0);
}

static void run_chain(void)
{
    int word[2], alive[2];
    char c;
    NEED(pipe(word) == 0 && pipe(alive) == 0);
    pid_t first = fork();
    NEED(first >= 0);
    if (!first) {
        close(word[0]);
        close(alive[0]);
        link_on(word[1]);
    }
    close(word[1]);
    close(alive[1]);
    int status;
    NEED(waitpid(first, &status, 0) == first);
    usleep(20000);
    close(word[0]); // the next one to write ends
    printf("first %d, end of the chain %ld\n", WEXITSTATUS(status), (long)read(alive[0], &c, 1));
    close(alive[0]);
}

int main(int argc, char **argv)
{
    begin(argv);
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < 10; i++)
        run_chain();
    return 0;
}
