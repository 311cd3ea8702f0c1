// SPDX-License-Identifier: MIT
//
// The line discipline: editing, echo, ends of lines, raw reads, output.
#include "pty.h"

static int m, s;

static void typed(const char *what, const char *keys)
{
    type(m, keys);
    show_screen(what, m);
}

static void typed_unseen(const char *what, const char *keys)
{
    type(m, keys);
    show_empty_screen(what, m);
}

static void set(tcflag_t in, tcflag_t out, tcflag_t local)
{
    struct termios t;
    tcgetattr(s, &t);
    t.c_iflag = in;
    t.c_oflag = out;
    t.c_lflag = local;
    tcsetattr(s, TCSANOW, &t);
}

static void keys(int min, int time)
{
    struct termios t;
    tcgetattr(s, &t);
    t.c_cc[VMIN] = min;
    t.c_cc[VTIME] = time;
    tcsetattr(s, TCSANOW, &t);
}

#define USUAL (ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN)

static void editing(void)
{
    typed("line", "hello\r");
    show_read("line", s);
    typed("erase", "abcd\177\177x\r");
    show_read("erase", s);
    typed("erase too much", "a\177\177\177b\r");
    show_read("erase too much", s);
    typed("kill", "abcd\025x\r");
    show_read("kill", s);
    typed("word", "one two-three  \027x\r");
    show_read("word", s);
    typed("tab", "a\tb\177\177\177c\r");
    show_read("tab", s);
    typed("control", "a\001b\177\177c\r");
    show_read("control", s);
    typed("literal", "a\026\003\026\r\r");
    show_read("literal", s);
    typed("reprint", "abc\022d\r");
    show_read("reprint", s);
    typed("two lines", "one\ntwo\n");
    show_read("first", s);
    show_read("second", s);
    typed("end of file", "abc\004");
    show_read("end of file", s);
    typed_unseen("end of file", "\004");
    show_read("end of file", s);
    char two[3];
    typed("short", "abcd\n");
    show_bytes("short", two, read(s, two, 2));
    show_bytes("short", two, read(s, two, 2));
    show_bytes("short", two, read(s, two, 2));
    TRY(waiting(s));
    typed("not ended", "abc");
    IS(!(events(s) & POLLIN));
    typed("not ended", "\n");
    TRY(waiting(s));
    IS(events(s) & POLLIN);
    tcflush(s, TCIFLUSH);
    TRY(waiting(s));
}

static void variants(void)
{
    set(ICRNL, OPOST | ONLCR, USUAL & ~ECHO);
    typed_unseen("no echo", "secret\177\r");
    show_read("no echo", s);
    set(ICRNL, OPOST | ONLCR, (USUAL & ~ECHO) | ECHONL);
    typed("newlines only", "secret\r");
    show_read("newlines only", s);
    set(ICRNL, OPOST | ONLCR, USUAL & ~(ECHOE | ECHOKE));
    typed("no visible erase", "ab\177c\025d\r");
    show_read("no visible erase", s);
    set(ICRNL, OPOST | ONLCR, USUAL & ~ECHOCTL);
    typed("controls as they are", "a\001\177b\r");
    show_read("controls as they are", s);
    set(0, OPOST | ONLCR, USUAL);
    typed("return is no newline", "a\rb\n");
    show_read("return is no newline", s);
    set(INLCR | IGNCR, OPOST, USUAL);
    type(m, "a\rb\nc\004");
    show_screen("swapped", m);
    show_read("swapped", s);
    set(ISTRIP | ICRNL, OPOST | ONLCR, USUAL);
    typed("stripped", "\341\342\r");
    show_read("stripped", s);
    set(IUTF8 | ICRNL, OPOST | ONLCR, USUAL);
    typed("utf-8", "a\303\244\177b\r");
    show_read("utf-8", s);
    set(ICRNL, OPOST | ONLCR, USUAL);
}

static void raw(void)
{
    char c[8];
    set(0, 0, 0);
    keys(1, 0);
    typed_unseen("raw", "a\r\n\003\004\177");
    show_read("raw", s);
    keys(3, 0);
    type(m, "ab");
    IS(!(events(s) & POLLIN));
    type(m, "c");
    until_events(s, POLLIN, POLLIN);
    IS(events(s) & POLLIN);
    show_read("three", s);
    type(m, "abcde");
    until_waiting(s, 5);
    show_bytes("two of three", c, read(s, c, 2));
    show_read("rest", s);
    keys(0, 0);
    show_read("nothing", s);
    keys(0, 1);
    show_read("nothing for a while", s);
    keys(0, 100);
    type(m, "x");
    show_read("something", s);
    keys(5, 1);
    type(m, "xy");
    until_waiting(s, 2);
    show_read("not five", s);
    keys(1, 0);
    fcntl(s, F_SETFL, O_NONBLOCK);
    show_read("not now", s);
    fcntl(s, F_SETFL, 0);
    type(m, "half");
    until_waiting(s, 4);
    set(ICRNL, OPOST | ONLCR, USUAL);
    IS(events(s) & POLLIN);
    tcflush(s, TCIFLUSH);
    type(m, "more");
    until_waiting(m, 4); // its echo
    IS(!(events(s) & POLLIN));
    set(0, 0, 0);
    show_read("lines no more", s);
    set(ICRNL, OPOST | ONLCR, USUAL);
    show_screen("echo", m);
}

static void output(void)
{
    static const struct {
        const char *name;
        tcflag_t flags;
    } ways[] = {{"as it is", 0}, {"ONLCR", OPOST | ONLCR}, {"OPOST", OPOST}, {"OCRNL", OPOST | OCRNL}, {"ONOCR", OPOST | ONOCR},
                {"XTABS", OPOST | ONLCR | XTABS}, {"OLCUC", OPOST | OLCUC}};
    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        set(ICRNL, ways[i].flags, USUAL);
        TRY(write(s, "\rab\n\tc\r\nd\be\tf\r", 14));
        show_screen(ways[i].name, m);
    }
    set(ICRNL | IXON, OPOST | ONLCR, USUAL);
}

static void flow(void)
{
    type(m, "\023");
    fcntl(s, F_SETFL, O_NONBLOCK);
    until_events(s, POLLOUT, 0);
    TRY(write(s, "held", 4));
    type(m, "\021");
    until_events(s, POLLOUT, POLLOUT);
    TRY(write(s, "free", 4));
    show_screen("flow", m);
    TRY(tcflow(s, TCOOFF));
    TRY(write(s, "held", 4));
    TRY(tcflow(s, TCOON));
    TRY(write(s, "free", 4));
    show_screen("flow", m);
    fcntl(s, F_SETFL, 0);
}

static void too_long(void)
{
    static char line[5001];
    char buffer[8192];
    set(ICRNL, OPOST, USUAL & ~ECHO);
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = 0;
    type(m, line);
    type(m, "\n");
    TRY(read(s, buffer, sizeof(buffer)));
    IS(buffer[4095] == '\n' && buffer[4094] == 'x');
    set(ICRNL, OPOST | ONLCR, USUAL);
}

int main(int argc, char **argv)
{
    begin(argv);
    open_pair(&m, &s);
    editing();
    variants();
    raw();
    output();
    flow();
    too_long();
    return 0;
}
