// SPDX-License-Identifier: MIT
// needs: root
//
// A terminal that nobody else may open (TIOCEXCL), bytes that a program types (TIOCSTI), and the foreground for an orphaned group.
#include "pty.h"
#include <sys/wait.h>

static void exclusive(void)
{
    int m, s, on = 9;
    open_pair(&m, &s);
    TRY(ioctl(s, TIOCEXCL));
    TRY(ioctl(s, TIOCGEXCL, &on));
    IS(on == 1);
    char name[64];
    NEED(!ptsname_r(m, name, sizeof(name)) && !chmod(name, 0666));
    fflush(stdout);
    if (!fork()) {
        if (!setresuid(1000, 1000, 1000))
            TRY(open(name, O_RDWR | O_NOCTTY));
        exit(0);
    }
    wait(NULL);
    TRY(ioctl(s, TIOCNXCL));
    if (!fork()) {
        if (!setresuid(1000, 1000, 1000))
            OK(open(name, O_RDWR | O_NOCTTY));
        exit(0);
    }
    wait(NULL);
    close(s);
    close(m);
}

static void typed(void)
{
    int m, s;
    open_pair(&m, &s);
    TRY(ioctl(s, TIOCSTI, NULL));
    if (!fork()) {
        NEED(!setresuid(1000, 1000, 1000));
        show_error("TIOCSTI by another user", ioctl(s, TIOCSTI, "x") ? errno == EIO ? EPERM : errno : 0); // as an option of Linux has it
        exit(0);
    }
    wait(NULL);
    close(s);
    close(m);
}

// The shell has ended, and what it had started in the background would have the terminal.
static void orphaned(void)
{
    int m, s;
    open_pair(&m, &s);
    fflush(stdout);
    if (!fork()) {
        int done[2];
        char c;
        setsid();
        NEED(!ioctl(s, TIOCSCTTY, 0) && !pipe(done));
        if (!fork()) {
            setpgid(0, 0);
            pid_t parent = getpid();
            if (fork())
                exit(0);
            while (getppid() == parent) // until it has ended
                usleep(1000);
            TRY(tcsetpgrp(s, getpgrp()));
            exit(0);
        }
        close(done[1]);
        wait(NULL);
        NEED(read(done[0], &c, 1) == 0); // it is done
        exit(0);
    }
    wait(NULL);
    close(s);
    close(m);
}

int main(int argc, char **argv)
{
    begin(argv);
    exclusive();
    typed();
    orphaned();
    return 0;
}
