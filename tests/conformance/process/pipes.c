// SPDX-License-Identifier: MIT
//
// Children that write into pipes, and the end that a reader sees.
#include "conform.h"
#include <sys/wait.h>

int main(int argc, char **argv)
{
    begin(argv);
    int pipes[2];
    NEED(!pipe(pipes));
    for (int i = 0; i < 5; i++) {
        pid_t p = fork();
        NEED(p >= 0);
        if (!p) {
            char text[1000];
            memset(text, 'a' + i, sizeof(text));
            for (int j = 0; j < 100; j++)
                NEED(write(pipes[1], text, sizeof(text)) == sizeof(text));
            _exit(0);
        }
    }
    close(pipes[1]);
    long counts[5] = {0}, total = 0;
    char text[3000];
    for (ssize_t n; (n = read(pipes[0], text, sizeof(text))) > 0; total += n)
        for (ssize_t i = 0; i < n; i++)
            counts[text[i] - 'a']++;
    printf("%ld: %ld %ld %ld %ld %ld\n", total, counts[0], counts[1], counts[2], counts[3], counts[4]);
    for (int i = 0; i < 5; i++)
        NEED(wait(NULL) > 0);
    // Back and forth.
    int back[2];
    NEED(!pipe(pipes) && !pipe(back));
    pid_t p = fork();
    if (!p) {
        int n;
        while (read(pipes[0], &n, sizeof(n)) == sizeof(n) && n) {
            n *= 2;
            NEED(write(back[1], &n, sizeof(n)) == sizeof(n));
        }
        _exit(n == 0 ? 5 : 6);
    }
    long sum = 0;
    for (int i = 1; i <= 500; i++) {
        int n = i;
        NEED(write(pipes[1], &n, sizeof(n)) == sizeof(n) && read(back[0], &n, sizeof(n)) == sizeof(n));
        sum += n;
    }
    int zero = 0, status;
    NEED(write(pipes[1], &zero, sizeof(zero)) == sizeof(zero));
    NEED(waitpid(p, &status, 0) == p);
    printf("sum %ld, exit %d\n", sum, WEXITSTATUS(status));
    return 0;
}
