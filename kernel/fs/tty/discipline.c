// SPDX-License-Identifier: MIT
#include "kernel/fs/tty/discipline.h"

#include <asm/ioctls.h>
#include <linux/signal.h>

#include "kernel/lib/klib.h"

enum { PLAIN, END_OF_LINE, END_OF_FILE }; // marks: the last byte of a line; a byte that only ends one
enum { TAB = 8, LAST = DISCIPLINE_ROOM - 1, CONTROL = 0x40, DELETE = 0x7f, PACKET_FLUSHES = TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE };
#define SPEED 38400

static bool has(const struct discipline *d, tcflag_t local)
{
    return d->settings.c_lflag & local;
}

static bool is(const struct discipline *d, unsigned which, uint8_t c)
{
    return c && d->settings.c_cc[which] == c; // 0 switches a control character off
}

static bool is_control(uint8_t c)
{
    return c < ' ' || c == DELETE;
}

static bool is_continuation(const struct discipline *d, uint8_t c)
{
    return (d->settings.c_iflag & IUTF8) && (c & 0xc0) == 0x80;
}

void discipline_init(struct discipline *d)
{
    static const uint8_t keys[] = {[VINTR] = 3, [VQUIT] = 28, [VERASE] = DELETE, [VKILL] = 21, [VEOF] = 4, [VMIN] = 1, [VSTART] = 17,
                                   [VSTOP] = 19, [VSUSP] = 26, [VREPRINT] = 18, [VDISCARD] = 15, [VWERASE] = 23, [VLNEXT] = 22};
    struct termios2 *s = &d->settings;
    memset(d, 0, sizeof(*d));
    s->c_iflag = ICRNL | IXON;
    s->c_oflag = OPOST | ONLCR;
    s->c_cflag = B38400 | CS8 | CREAD;
    s->c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
    s->c_ispeed = s->c_ospeed = SPEED;
    memcpy(s->c_cc, keys, sizeof(keys));
}

void discipline_set(struct discipline *d, const struct termios2 *settings)
{
    bool lines = has(d, ICANON), flow = d->settings.c_iflag & IXON;
    d->settings = *settings;
    if (lines != has(d, ICANON)) {
        if (!lines && d->typed_count)
            d->mark[(d->typed_start + d->typed_count - 1) % DISCIPLINE_ROOM] = END_OF_LINE;
        d->ready = d->typed_count;
    }
    if (flow && !(settings->c_iflag & IXON))
        discipline_stop(d, false);
}

void discipline_stop(struct discipline *d, bool stop)
{
    if (d->stopped == stop)
        return;
    d->stopped = stop;
    d->packet = (uint8_t)((d->packet & ~(TIOCPKT_STOP | TIOCPKT_START)) | (stop ? TIOCPKT_STOP : TIOCPKT_START));
}

void discipline_flush(struct discipline *d, bool typed, bool output)
{
    if (typed)
        d->typed_count = d->ready = 0;
    if (output && d->output_count > d->output_settled)
        d->output_count = d->output_settled;
    d->packet |= (uint8_t)((typed ? TIOCPKT_FLUSHREAD : 0) | (output ? TIOCPKT_FLUSHWRITE : 0));
}

void discipline_discard(struct discipline *d)
{
    d->output_count = d->output_settled = 0;
}

void discipline_settle(struct discipline *d)
{
    d->output_settled = d->output_count;
}

// Output

static uint32_t room(const struct discipline *d)
{
    return DISCIPLINE_ROOM - d->output_count;
}

static void emit(struct discipline *d, uint8_t c)
{
    if (room(d))
        d->output[(d->output_start + d->output_count++) % DISCIPLINE_ROOM] = c; // an echo without room is lost
}

static uint32_t to_next_tab(uint32_t column)
{
    return TAB - column % TAB;
}

static void emit_tab(struct discipline *d)
{
    uint32_t n = to_next_tab(d->column);
    d->column += n;
    if ((d->settings.c_oflag & TABDLY) != XTABS) {
        emit(d, '\t');
        return;
    }
    while (n--)
        emit(d, ' ');
}

static void emit_return(struct discipline *d)
{
    const tcflag_t o = d->settings.c_oflag;
    if ((o & ONOCR) && !d->column)
        return;
    if (!(o & OCRNL) || (o & ONLRET))
        d->column = 0;
    emit(d, o & OCRNL ? '\n' : '\r');
}

// With the changes that c_oflag wants.
static void put(struct discipline *d, uint8_t c)
{
    const tcflag_t o = d->settings.c_oflag;
    if (!(o & OPOST)) {
        emit(d, c);
    } else if (c == '\n') {
        if (o & ONLCR)
            emit(d, '\r');
        if (o & (ONLCR | ONLRET))
            d->column = 0;
        emit(d, c);
    } else if (c == '\r') {
        emit_return(d);
    } else if (c == '\t') {
        emit_tab(d);
    } else {
        if (c == '\b')
            d->column -= d->column > 0;
        else if (!is_control(c) && !is_continuation(d, c))
            d->column++;
        emit(d, (o & OLCUC) && c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c);
    }
}

bool discipline_has_room(const struct discipline *d)
{
    return !d->stopped && room(d) >= TAB; // what one byte may become
}

size_t discipline_write(struct discipline *d, const uint8_t *from, size_t size)
{
    size_t n = 0;
    for (; n < size && discipline_has_room(d); n++)
        put(d, from[n]);
    return n;
}

size_t discipline_take(struct discipline *d, uint8_t *to, size_t size)
{
    size_t n = 0;
    for (; n < size && d->output_count; n++, d->output_count--) {
        to[n] = d->output[d->output_start];
        d->output_start = (d->output_start + 1) % DISCIPLINE_ROOM;
    }
    return n;
}

// Input

static void echo(struct discipline *d, uint8_t c)
{
    if (has(d, ECHOCTL) && is_control(c) && c != '\t' && c != '\n') {
        put(d, '^');
        put(d, c ^ CONTROL);
    } else {
        put(d, c);
    }
}

static void keep(struct discipline *d, uint8_t c, uint8_t mark)
{
    bool ends = mark != PLAIN || !has(d, ICANON);
    if (d->typed_count + (ends && has(d, ICANON) ? 0 : 1) >= DISCIPLINE_ROOM)
        return; // the place of the last one is for the end of the line
    uint32_t at = (d->typed_start + d->typed_count++) % DISCIPLINE_ROOM;
    d->typed[at] = c;
    d->mark[at] = mark;
    if (ends)
        d->ready = d->typed_count;
}

bool discipline_accepts(const struct discipline *d)
{
    return d->typed_count < LAST || (has(d, ICANON) && !d->ready);
}

static int signal_of(const struct discipline *d, uint8_t c)
{
    if (!has(d, ISIG))
        return 0;
    return is(d, VINTR, c) ? SIGINT : is(d, VQUIT, c) ? SIGQUIT : is(d, VSUSP, c) ? SIGTSTP : 0;
}

static int receive_signal(struct discipline *d, uint8_t c, int sig)
{
    if (!has(d, NOFLSH))
        discipline_flush(d, true, true);
    if (d->settings.c_iflag & IXON)
        discipline_stop(d, false);
    if (has(d, ECHO))
        echo(d, c);
    return sig;
}

static uint32_t edited(const struct discipline *d)
{
    return d->typed_count - d->ready;
}

static uint8_t edited_at(const struct discipline *d, uint32_t i)
{
    return d->typed[(d->typed_start + d->ready + i) % DISCIPLINE_ROOM];
}

// Columns that the byte takes when the cursor is there.
static uint32_t width(const struct discipline *d, uint8_t c, uint32_t column)
{
    if (c == '\t')
        return to_next_tab(column);
    if (is_control(c))
        return has(d, ECHOCTL) ? 2 : 0;
    return !is_continuation(d, c);
}

static uint32_t column_after(const struct discipline *d, uint32_t count)
{
    uint32_t column = d->line_column;
    for (uint32_t i = 0; i < count; i++)
        column += width(d, edited_at(d, i), column);
    return column;
}

// The bytes behind the first `count` of the line go, from the screen too.
static void shorten(struct discipline *d, uint32_t count, bool visibly)
{
    uint32_t n = column_after(d, edited(d)) - column_after(d, count);
    bool tab = edited_at(d, edited(d) - 1) == '\t';
    d->typed_count = d->ready + count;
    if (!visibly || !has(d, ECHO))
        return;
    for (; n; n--) {
        put(d, '\b');
        if (tab)
            continue; // nothing is there to be overwritten
        put(d, ' ');
        put(d, '\b');
    }
}

static void erase(struct discipline *d, uint8_t c)
{
    uint32_t count = edited(d);
    if (!count)
        return;
    do
        count--;
    while (count && is_continuation(d, edited_at(d, count)));
    shorten(d, count, has(d, ECHOE));
    if (has(d, ECHO) && !has(d, ECHOE))
        echo(d, c);
}

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static void erase_word(struct discipline *d)
{
    bool word = false;
    while (edited(d)) {
        bool in_word = is_word(edited_at(d, edited(d) - 1));
        if (word && !in_word)
            break;
        word |= in_word;
        shorten(d, edited(d) - 1, true);
    }
}

static void erase_line(struct discipline *d, uint8_t c)
{
    bool visibly = has(d, ECHOK) && has(d, ECHOKE) && has(d, ECHOE);
    if (!edited(d))
        return;
    while (edited(d))
        shorten(d, edited(d) - 1, visibly);
    if (!has(d, ECHO) || visibly)
        return;
    echo(d, c);
    if (has(d, ECHOK))
        put(d, '\n');
}

static void reprint(struct discipline *d, uint8_t c)
{
    echo(d, c);
    put(d, '\n');
    for (uint32_t i = 0; i < edited(d); i++)
        echo(d, edited_at(d, i));
}

static void announce_literal(struct discipline *d)
{
    d->literal = true;
    if (has(d, ECHO) && has(d, ECHOCTL)) {
        put(d, '^');
        put(d, '\b');
    }
}

// Bytes that edit the line. false: another one.
static bool edits(struct discipline *d, uint8_t c)
{
    bool extended = has(d, IEXTEN);
    if (is(d, VERASE, c))
        erase(d, c);
    else if (is(d, VKILL, c))
        erase_line(d, c);
    else if (extended && is(d, VWERASE, c))
        erase_word(d);
    else if (extended && is(d, VLNEXT, c))
        announce_literal(d);
    else if (extended && has(d, ECHO) && is(d, VREPRINT, c))
        reprint(d, c);
    else
        return false;
    return true;
}

static void receive_plain(struct discipline *d, uint8_t c)
{
    if (!edited(d))
        d->line_column = d->column;
    if (has(d, ECHO))
        echo(d, c);
    keep(d, c, PLAIN);
}

static void receive_in_line(struct discipline *d, uint8_t c)
{
    if (edits(d, c))
        return;
    if (c == '\n') {
        if (has(d, ECHO) || has(d, ECHONL))
            put(d, '\n');
        keep(d, c, END_OF_LINE);
    } else if (is(d, VEOF, c)) {
        keep(d, 0, END_OF_FILE);
    } else if (is(d, VEOL, c) || (has(d, IEXTEN) && is(d, VEOL2, c))) {
        if (has(d, ECHO))
            echo(d, c);
        keep(d, c, END_OF_LINE);
    } else {
        receive_plain(d, c);
    }
}

// true: the byte was about the flow of output only.
static bool controls_flow(struct discipline *d, uint8_t c)
{
    if (!(d->settings.c_iflag & IXON))
        return false;
    if (is(d, VSTART, c) || is(d, VSTOP, c)) {
        discipline_stop(d, is(d, VSTOP, c) && !(is(d, VSTART, c) && d->stopped));
        return true;
    }
    if (d->settings.c_iflag & IXANY)
        discipline_stop(d, false);
    return false;
}

int discipline_receive(struct discipline *d, uint8_t c)
{
    const tcflag_t i = d->settings.c_iflag;
    if (i & ISTRIP)
        c &= 0x7f;
    if (d->literal) {
        d->literal = false;
        receive_plain(d, c);
        return 0;
    }
    if (controls_flow(d, c))
        return 0;
    int sig = signal_of(d, c);
    if (sig)
        return receive_signal(d, c, sig);
    if (c == '\r' && (i & IGNCR))
        return 0;
    if (c == '\r' && (i & ICRNL))
        c = '\n';
    else if (c == '\n' && (i & INLCR))
        c = '\r';
    if (has(d, ICANON))
        receive_in_line(d, c);
    else
        receive_plain(d, c);
    return 0;
}

bool discipline_readable(const struct discipline *d, bool poll)
{
    const uint8_t *cc = d->settings.c_cc;
    uint32_t least = poll && !has(d, ICANON) && !cc[VTIME] && cc[VMIN] ? cc[VMIN] : 1;
    return d->ready >= least;
}

static uint8_t next(struct discipline *d, uint8_t *ret_mark)
{
    uint8_t c = d->typed[d->typed_start];
    *ret_mark = has(d, ICANON) ? d->mark[d->typed_start] : PLAIN;
    d->typed_start = (d->typed_start + 1) % DISCIPLINE_ROOM;
    d->typed_count--;
    d->ready--;
    return c;
}

size_t discipline_read(struct discipline *d, uint8_t *to, size_t size)
{
    size_t n = 0;
    uint8_t mark = PLAIN;
    while (n < size && d->ready && mark == PLAIN) {
        uint8_t c = next(d, &mark);
        if (mark != END_OF_FILE)
            to[n++] = c;
    }
    // An end of file just behind what fitted belongs to it; the next read must not take it for one.
    if (mark == PLAIN && n && d->ready && has(d, ICANON) && d->mark[d->typed_start] == END_OF_FILE)
        (void)next(d, &mark);
    return n;
}
