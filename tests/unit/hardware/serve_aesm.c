// SPDX-License-Identifier: MIT
//
// A small aesmd: the ECDSA calls of the protocol over the software platform, well or with a fault.
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emu/platform.h"
#include "host/aesm/message.h"
#include "tests/unit/hardware/check.h"

enum { KEY_ID = 256, MESSAGE_MAX = 65536, NOT_INITIALISED = 42, NO_CERTIFICATE = 44 };

static enum aesm_fault fault;
static struct emu_platform *platform;
static int key_loaded;
static uint8_t answer[MESSAGE_MAX];

static uint32_t make_key_id(uint8_t id[KEY_ID], uint32_t algorithm)
{
    memset(id, 0, KEY_ID);
    id[4] = 32;
    memset(id + 6, 0x8c, 32);
    memcpy(id + 154, &algorithm, 4);
    return algorithm;
}

static void check_key_id(const uint8_t *body, size_t size, uint32_t field)
{
    struct aesm_field f;
    uint8_t id[KEY_ID];
    make_key_id(id, 2);
    CHECK(!aesm_find(body, size, field, &f) && f.is_bytes && f.size == KEY_ID && !memcmp(f.data, id, KEY_ID));
}

static void key_ids(struct aesm_writer *w)
{
    uint8_t ids[2 * KEY_ID];
    make_key_id(ids, 1); // EPID
    make_key_id(ids + KEY_ID, fault == AESM_NO_ECDSA ? 0 : 2);
    aesm_put_bytes(w, 2, ids, sizeof(ids));
}

static void init_quote(const uint8_t *body, size_t size, struct aesm_writer *w)
{
    struct aesm_field f;
    struct sgx_targetinfo target;
    check_key_id(body, size, 1);
    CHECK(!aesm_find(body, size, 3, &f) && f.value == 1);
    CHECK(!emu_platform_target_info(platform, &target));
    aesm_put_bytes(w, 2, &target, sizeof(target) - (fault == AESM_WRONG_TARGET));
    key_loaded = 1;
}

static uint64_t quote(const uint8_t *body, size_t size, struct aesm_writer *w)
{
    static uint8_t buffer[MESSAGE_MAX];
    struct aesm_field report, length;
    struct sgx_report r;
    size_t used;
    check_key_id(body, size, 2);
    CHECK(!aesm_find(body, size, 1, &report) && report.size == sizeof(r));
    CHECK(!aesm_find(body, size, 4, &length) && length.value < sizeof(buffer));
    memcpy(&r, report.data, sizeof(r));
    memset(buffer, 0, sizeof(buffer));
    if (emu_platform_quote(platform, &r, buffer, length.value, &used))
        return 47;
    if (fault == AESM_SHORT_QUOTE)
        buffer[434] = 0xff;
    aesm_put_bytes(w, 2, buffer, length.value);
    return 0;
}

// The sub-message without its error code; returns that.
static uint64_t serve_call(uint32_t call, const uint8_t *body, size_t size, struct aesm_writer *w)
{
    if (fault == AESM_ERROR)
        return NO_CERTIFICATE;
    switch (call) {
    case 15:
        init_quote(body, size, w);
        return 0;
    case 16:
        check_key_id(body, size, 1);
        if (fault == AESM_FORGETS_KEY && !key_loaded)
            return NOT_INITIALISED;
        aesm_put_number(w, 2, emu_platform_quote_size(platform) + 100); // more than is used
        return 0;
    case 17:
        return quote(body, size, w);
    case 21:
        aesm_put_number(w, 2, 2);
        return 0;
    case 22:
        key_ids(w);
        return 0;
    default:
        CHECK(!"a call that the protocol does not have");
        return 1;
    }
}

static void respond(int fd, uint32_t call, const struct aesm_writer *body, uint64_t code)
{
    static uint8_t inner[MESSAGE_MAX], outer[MESSAGE_MAX];
    struct aesm_writer w = {.data = inner, .size = sizeof(inner)}, m = {.data = outer + 4, .size = sizeof(outer) - 4};
    aesm_put_number(&w, 1, code);
    memcpy(inner + w.used, body->data, body->used);
    w.used += body->used;
    aesm_put_bytes(&m, fault == AESM_UNSUPPORTED ? 20 : call, inner, w.used);
    CHECK(!w.overflow && !m.overflow);
    if (fault == AESM_GARBAGE)
        memset(outer + 4, 0xff, m.used);
    uint32_t size = fault == AESM_HUGE ? 0x7fffffff : (uint32_t)m.used;
    memcpy(outer, &size, 4);
    size_t send_size = fault == AESM_CUT ? 4 + m.used / 2 : 4 + m.used;
    (void)!send(fd, outer, send_size, MSG_NOSIGNAL);
}

static void serve_connection(int fd)
{
    static uint8_t request[MESSAGE_MAX];
    uint32_t size;
    struct aesm_field call;
    struct aesm_writer w = {.data = answer, .size = sizeof(answer)};
    CHECK(recv(fd, &size, 4, MSG_WAITALL) == 4 && size && size < sizeof(request));
    CHECK(recv(fd, request, size, MSG_WAITALL) == (ssize_t)size);
    const uint8_t *at = request;
    CHECK(aesm_next(&at, request + size, &call) == 1 && call.is_bytes && at == request + size);
    uint64_t code = serve_call(call.number, call.data, call.size, &w);
    respond(fd, call.number, &w, code);
}

pid_t serve_aesm(const char *path, struct emu_platform *p, enum aesm_fault f)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    CHECK(strlen(path) < sizeof(address.sun_path));
    strcpy(address.sun_path, path);
    (void)unlink(path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(listener >= 0 && !bind(listener, (struct sockaddr *)&address, sizeof(address)) && !listen(listener, 8));
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid) {
        close(listener);
        return pid;
    }
    platform = p;
    fault = f;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        CHECK(fd >= 0);
        serve_connection(fd);
        close(fd);
    }
}

void stop(pid_t server)
{
    int status;
    CHECK(!kill(server, SIGTERM) && waitpid(server, &status, 0) == server);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM); // else a check of the server failed
}
