// SPDX-License-Identifier: MIT
//
// Controlling terminals: who has one, the foreground and the background, keys that are signals, hang-ups.
#include "pty.h"
#include <sys/wait.h>

static volatile sig_atomic_t caught[65];
static pid_t outer_group;

static void on_signal(int sig)
{
    caught[sig]++;
}

static void catch(int sig)
{
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(sig, &a, NULL);
}

static void await(int sig)
{
    for (int i = 0; i < 60000 && !caught[sig]; i++)
        usleep(1000);
    printf("signal %d: %d\n", sig, caught[sig]);
    caught[sig] = 0;
}

static void show_status(const char *what, pid_t child, int options)
{
    int status = 0;
    pid_t got = waitpid(child, &status, options);
    printf("%s: %s, status %x\n", what, got == child ? "child" : errno_name(errno), status);
}

// In a new session without a terminal.
static void in_session(const char *name, void (*run)(void))
{
    printf("-- %s\n", name);
    pid_t p = fork();
    if (!p) {
        setsid();
        run();
        _exit(0);
    }
    show_status(name, p, 0);
}

static void none(void)
{
    int m, s;
    TRY(open("/dev/tty", O_RDWR));
    open_pair(&m, &s);
    TRY(open("/dev/tty", O_RDWR));
    TRY(tcgetpgrp(s));
    TRY(tcgetsid(s));
    TRY(tcsetpgrp(s, getpgrp()));
    TRY(ioctl(s, TIOCNOTTY));
    TRY(tcgetpgrp(m));
}

static void by_opening(void)
{
    int m = posix_openpt(O_RDWR);
    unlockpt(m);
    TRY(open("/dev/tty", O_RDWR));
    int s = open(ptsname(m), O_RDWR);
    IS(tcgetpgrp(s) == getpgrp());
    IS(tcgetsid(s) == getsid(0));
    IS(tcgetpgrp(m) == getpgrp() && tcgetsid(m) == getsid(0));
    int t = open("/dev/tty", O_RDWR);
    IS(t >= 0 && isatty(t));
    TRY(write(t, "through tty\n", 12));
    show_read("master", m);
    TRY(ioctl(s, TIOCSCTTY, 0));
    int m2, s2;
    open_pair(&m2, &s2);
    TRY(ioctl(s2, TIOCSCTTY, 0));
    TRY(tcgetpgrp(s2));
    TRY(tcsetpgrp(s, 0x7ffffff));
    TRY(tcsetpgrp(s, -1));
    TRY(tcsetpgrp(s, outer_group));
    pid_t p = fork();
    if (!p) {
        TRY(ioctl(s, TIOCNOTTY));
        TRY(open("/dev/tty", O_RDWR));
        TRY(tcgetpgrp(s));
        _exit(0);
    }
    show_status("without", p, 0);
    IS(open("/dev/tty", O_RDWR) >= 0);
    p = fork();
    if (!p) {
        setsid();
        TRY(open("/dev/tty", O_RDWR));
        TRY(ioctl(s, TIOCSCTTY, 0));
        _exit(0);
    }
    show_status("another session", p, 0);
    catch(SIGHUP);
    catch(SIGCONT);
    TRY(ioctl(s, TIOCNOTTY));
    await(SIGHUP);
    await(SIGCONT);
    TRY(open("/dev/tty", O_RDWR));
    TRY(ioctl(s, TIOCSCTTY, 0));
    IS(tcgetpgrp(s) == getpgrp());
}

static void keys(void)
{
    int m, s;
    open_pair(&m, &s);
    TRY(ioctl(s, TIOCSCTTY, 0));
    for (int sig = 1; sig < 32; sig++)
        if (sig != SIGKILL && sig != SIGSTOP && sig != SIGCHLD)
            catch(sig);
    type(m, "lost\003");
    await(SIGINT);
    show_screen("interrupt", m);
    TRY(waiting(s));
    type(m, "\034");
    await(SIGQUIT);
    /* Read before the next key: that key's flush takes what of this one's echo has not arrived yet, or comes too late. */
    show_screen("quit", m);
    type(m, "\032");
    await(SIGTSTP);
    show_screen("suspend", m);
    change(s, 0, NOFLSH);
    type(m, "kept\003\n");
    await(SIGINT);
    show_screen("no flush", m);
    show_read("kept", s);
    change(s, ISIG, 0);
    type(m, "\003\032\034\n");
    show_screen("no signals", m);
    show_read("no signals", s);
    TRY(caught[SIGINT]);
    struct winsize w = {10, 20, 0, 0};
    TRY(ioctl(s, TIOCSWINSZ, &w));
    await(SIGWINCH);
    TRY(ioctl(m, TIOCSWINSZ, &w));
    usleep(20000);
    TRY(caught[SIGWINCH]);
    TRY(ioctl(m, TIOCSIG, SIGINT));
    await(SIGINT);
}

static void read_and_stop(int s)
{
    char line[64];
    ssize_t n = read(s, line, sizeof(line));
    printf("read %.*s", (int)n, line);
    raise(SIGSTOP);
}

static void foreground(void)
{
    int m, s;
    open_pair(&m, &s);
    TRY(ioctl(s, TIOCSCTTY, 0));
    signal(SIGTTOU, SIG_IGN);
    pid_t p = fork();
    if (!p) {
        signal(SIGTTOU, SIG_DFL);
        setpgid(0, 0);
        read_and_stop(s); // from the background
        read_and_stop(s);
        for (;;)
            pause();
    }
    setpgid(p, p);
    show_status("reads", p, WUNTRACED);
    TRY(tcsetpgrp(s, p));
    type(m, "line\n");
    kill(p, SIGCONT);
    show_status("has read", p, WUNTRACED);
    kill(p, SIGCONT);
    usleep(50000);
    type(m, "another\n");
    show_status("has read again", p, WUNTRACED);
    kill(p, SIGCONT);
    show_status("goes on", p, WCONTINUED);
    usleep(20000);
    type(m, "\032");
    show_status("suspended", p, WUNTRACED);
    TRY(tcsetpgrp(s, getpgrp()));
    kill(p, SIGCONT);
    show_status("in the background", p, WCONTINUED);
    TRY(tcsetpgrp(s, p));
    type(m, "\003");
    show_status("interrupted", p, 0);
}

static void writers(void)
{
    int m, s;
    struct termios t;
    open_pair(&m, &s);
    TRY(ioctl(s, TIOCSCTTY, 0));
    pid_t p = fork();
    if (!p) {
        setpgid(0, 0);
        TRY(write(s, "one\n", 4));
        change(m, 0, TOSTOP); // stops, though through the master
        raise(SIGSTOP);
        TRY(write(s, "two\n", 4)); // stops
        change(m, 0, TOSTOP);
        signal(SIGTTOU, SIG_IGN);
        TRY(write(s, "three\n", 6));
        signal(SIGTTOU, SIG_DFL);
        tcgetattr(s, &t);
        TRY(tcsetattr(s, TCSANOW, &t)); // stops
        raise(SIGSTOP);
        TRY(tcflush(s, TCIFLUSH)); // stops
        raise(SIGSTOP);
        TRY(read(s, &t, 1));
        raise(SIGSTOP);
        signal(SIGTTIN, SIG_IGN);
        TRY(read(s, &t, 1));
        _exit(3);
    }
    setpgid(p, p);
    signal(SIGTTOU, SIG_IGN);
    show_status("settings", p, WUNTRACED);
    TRY(tcsetpgrp(s, p));
    kill(p, SIGCONT);
    show_status("set", p, WUNTRACED);
    TRY(tcsetpgrp(s, getpgrp()));
    kill(p, SIGCONT);
    show_status("write", p, WUNTRACED);
    TRY(tcsetpgrp(s, p));
    kill(p, SIGCONT);
    show_status("stops", p, WUNTRACED);
    TRY(tcsetpgrp(s, getpgrp()));
    kill(p, SIGCONT);
    show_status("flush", p, WUNTRACED);
    TRY(tcsetpgrp(s, p));
    kill(p, SIGCONT);
    show_status("stops", p, WUNTRACED);
    kill(p, SIGCONT);
    type(m, "x\n");
    show_status("stops", p, WUNTRACED);
    TRY(tcsetpgrp(s, getpgrp()));
    kill(p, SIGCONT);
    show_status("ends", p, WUNTRACED);
    show_screen("all", m);
}

static void orphaned(void)
{
    int m, s, done[2];
    char c;
    open_pair(&m, &s);
    NEED(!pipe(done));
    TRY(ioctl(s, TIOCSCTTY, 0));
    pid_t middle = fork();
    if (!middle) {
        pid_t parent = getpid(), p = fork();
        if (!p) {
            setpgid(0, 0);
            while (getppid() == parent)
                usleep(1000);
            usleep(50000);
            TRY(read(s, &c, 1));
            _exit(0);
        }
        _exit(0);
    }
    show_status("middle", middle, 0);
    close(done[1]);
    TRY(read(done[0], &c, 1)); // until the orphan has ended
}

static void hang_up(void)
{
    int m, s;
    open_pair(&m, &s);
    TRY(ioctl(s, TIOCSCTTY, 0));
    catch(SIGHUP);
    catch(SIGCONT);
    close(m);
    await(SIGHUP);
    await(SIGCONT);
    TRY(open("/dev/tty", O_RDWR));
    show_read("hung up", s);
    TRY(write(s, "x", 1));
    TRY(isatty(s));
    TRY(tcgetpgrp(s));
}

// The leader ends: its foreground group is told, and has no controlling terminal any more.
static void leader_ends(void)
{
    int m, s, done[2];
    open_pair(&m, &s);
    pipe(done);
    pid_t leader = fork();
    if (!leader) {
        setsid();
        ioctl(s, TIOCSCTTY, 0);
        catch(SIGHUP);
        pid_t p = fork();
        if (!p) {
            await(SIGHUP);
            TRY(write(s, "x", 1));
            TRY(open("/dev/tty", O_RDWR));
            TRY(tcgetpgrp(s));
            write(done[1], "x", 1);
            _exit(0);
        }
        usleep(50000);
        _exit(0);
    }
    char c;
    close(done[1]);
    TRY(read(done[0], &c, 1));
    show_status("leader", leader, 0);
}

static void in_proc(void)
{
    int m, s;
    char text[512] = "";
    open_pair(&m, &s);
    for (int round = 0; round < 2; round++) {
        int fd = open("/proc/self/stat", O_RDONLY), pgid, sid, nr, tpgid, pid, ppid;
        read(fd, text, sizeof(text) - 1);
        close(fd);
        char state, *end = strrchr(text, ')');
        sscanf(text, "%d", &pid);
        sscanf(end + 2, "%c %d %d %d %d %d", &state, &ppid, &pgid, &sid, &nr, &tpgid);
        struct stat st;
        fstat(s, &st);
        printf("terminal %s, foreground %s\n", nr == 0 ? "none" : nr == (int)st.st_rdev ? "right" : "wrong",
               tpgid == -1 ? "none" : tpgid == getpgrp() ? "right" : "wrong");
        ioctl(s, TIOCSCTTY, 0);
    }
}

int main(int argc, char **argv)
{
    begin(argv);
    outer_group = getpgrp();
    in_session("none", none);
    in_session("by opening", by_opening);
    in_session("keys", keys);
    in_session("foreground", foreground);
    in_session("writers", writers);
    in_session("orphaned", orphaned);
    in_session("hang-up", hang_up);
    in_session("leader ends", leader_ends);
    in_session("proc", in_proc);
    return 0;
}
