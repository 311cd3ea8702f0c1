// SPDX-License-Identifier: MIT
//
// One request for each connection: u32 length, Request; back u32 length, Response. A message holds one sub-message; its
// field number is the call's.
#include "host/aesm/aesm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/aesm/error.h"
#include "host/aesm/message.h"

enum aesm_call {
    CALL_INIT_QUOTE_EX = 15,
    CALL_QUOTE_SIZE_EX = 16,
    CALL_QUOTE_EX = 17,
    CALL_UNSUPPORTED = 20,
    CALL_KEY_ID_COUNT = 21,
    CALL_KEY_IDS = 22,
};

enum {
    KEY_ID_SIZE = 256,
    KEY_ID_ALGORITHM_OFFSET = 154,
    ALGORITHM_ECDSA_P256 = 2,
    KEY_IDS_MAX = 32,
    PUBLIC_KEY_ID_SIZE = 32,
    REQUEST_MAX = 2048,
    RESPONSE_MAX = 0x40000,
    QUOTE_FIXED_SIZE = 436,
    TIMEOUT_SECONDS = 60, // the first request may make the service fetch certificates
};

struct service { // a conversation
    const char *path;
    char *reason;
    size_t reason_size;
    uint8_t *response; // malloc; the sub-message stands at body
    const uint8_t *body;
    size_t body_size;
};

static int fail(struct service *s, int error, const char *text)
{
    snprintf(s->reason, s->reason_size, "the quoting service at %s: %s", s->path, text);
    return error;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval timeout = {.tv_sec = TIMEOUT_SECONDS};
    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int r = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
                    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
                    connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0
                ? -errno
                : 0;
    if (!r)
        return fd;
    close(fd);
    return r;
}

static int send_all(int fd, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = send(fd, (const char *)data + done, size - done, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        done += n < 0 ? 0 : (size_t)n;
    }
    return 0;
}

static int receive_all(int fd, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = recv(fd, (char *)data + done, size - done, 0);
        if (n == 0)
            return -EPROTO;
        if (n < 0 && errno != EINTR)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        done += n < 0 ? 0 : (size_t)n;
    }
    return 0;
}

// Wraps the request, sends it, and receives the whole response.
static int exchange(struct service *s, int fd, enum aesm_call call, const struct aesm_writer *request,
                    uint32_t *ret_size)
{
    uint8_t buffer[REQUEST_MAX + 16];
    struct aesm_writer message = {.data = buffer + 4, .size = sizeof(buffer) - 4};
    aesm_put_bytes(&message, call, request->data, request->used);
    if (request->overflow || message.overflow)
        return -EMSGSIZE;
    uint32_t size = (uint32_t)message.used; // little-endian on the wire as in this machine
    memcpy(buffer, &size, 4);
    int r = send_all(fd, buffer, 4 + message.used);
    if (!r)
        r = receive_all(fd, &size, 4);
    if (!r && (size == 0 || size > RESPONSE_MAX))
        r = -EPROTO;
    if (r)
        return r;
    free(s->response);
    s->response = malloc(size);
    *ret_size = size;
    return s->response ? receive_all(fd, s->response, size) : -ENOMEM;
}

// Finds the sub-message of the call and its error code. 0 with the code, or -ENOTSUP, -EPROTO.
static int open_response(struct service *s, enum aesm_call call, uint32_t size, uint64_t *ret_code)
{
    struct aesm_field body, code;
    if (!aesm_find(s->response, size, CALL_UNSUPPORTED, &body))
        return -ENOTSUP;
    if (aesm_find(s->response, size, call, &body) || !body.is_bytes)
        return -EPROTO;
    if (aesm_find(body.data, body.size, 1, &code) || code.is_bytes)
        return -EPROTO;
    s->body = body.data;
    s->body_size = body.size;
    *ret_code = code.value;
    return 0;
}

// One call. 0 when the service says success; AESM_KEY_NOT_INITIALISED is passed on for a second try.
static int call_service(struct service *s, enum aesm_call call, const struct aesm_writer *request)
{
    uint32_t size = 0;
    uint64_t code = 0;
    int fd = connect_to(s->path);
    if (fd < 0)
        return fail(s, fd, strerror(-fd));
    int r = exchange(s, fd, call, request, &size);
    close(fd);
    if (!r)
        r = open_response(s, call, size, &code);
    if (r)
        return fail(s, r, r == -ENOTSUP ? "it does not know ECDSA quotes" : strerror(-r));
    return code ? fail(s, aesm_error(code), aesm_error_text(code)) : 0;
}

static int get_bytes(struct service *s, uint32_t field, size_t size, struct aesm_field *ret)
{
    if (aesm_find(s->body, s->body_size, field, ret) || !ret->is_bytes || ret->size != size)
        return fail(s, -EPROTO, "an answer that makes no sense");
    return 0;
}

static int get_number(struct service *s, uint32_t field, uint64_t limit, uint64_t *ret)
{
    struct aesm_field f;
    if (aesm_find(s->body, s->body_size, field, &f) || f.is_bytes || f.value == 0 || f.value > limit)
        return fail(s, -EPROTO, "an answer that makes no sense");
    *ret = f.value;
    return 0;
}

// The attestation key to use: the first ECDSA P-256 one.
static int choose_key(struct service *s, uint8_t ret[KEY_ID_SIZE])
{
    uint8_t buffer[16];
    uint64_t count;
    struct aesm_field ids;
    struct aesm_writer none = {.data = buffer, .size = sizeof(buffer)}, request = none;
    int r = call_service(s, CALL_KEY_ID_COUNT, &none);
    if (!r)
        r = get_number(s, 2, KEY_IDS_MAX, &count);
    if (r)
        return r;
    aesm_put_number(&request, 1, count * KEY_ID_SIZE);
    r = call_service(s, CALL_KEY_IDS, &request);
    if (!r)
        r = get_bytes(s, 2, (size_t)count * KEY_ID_SIZE, &ids);
    if (r)
        return r;
    for (size_t i = 0; i < count; i++) {
        uint32_t algorithm;
        memcpy(&algorithm, ids.data + i * KEY_ID_SIZE + KEY_ID_ALGORITHM_OFFSET, 4);
        if (algorithm == ALGORITHM_ECDSA_P256) {
            memcpy(ret, ids.data + i * KEY_ID_SIZE, KEY_ID_SIZE);
            return 0;
        }
    }
    return fail(s, -ENOTSUP, "it offers no ECDSA attestation key (is the DCAP quote plug-in installed?)");
}

// Makes the service load or generate the key. Its public key id is of no use to us, but asking for it is what does it.
static int init_quote(struct service *s, const uint8_t key[KEY_ID_SIZE], uint8_t ret[AESM_TARGET_INFO_SIZE])
{
    uint8_t buffer[KEY_ID_SIZE + 64];
    struct aesm_writer request = {.data = buffer, .size = sizeof(buffer)};
    struct aesm_field target;
    aesm_put_bytes(&request, 1, key, KEY_ID_SIZE);
    aesm_put_number(&request, 3, 1);
    aesm_put_number(&request, 4, PUBLIC_KEY_ID_SIZE);
    int r = call_service(s, CALL_INIT_QUOTE_EX, &request);
    if (!r)
        r = get_bytes(s, 2, AESM_TARGET_INFO_SIZE, &target);
    if (!r)
        memcpy(ret, target.data, AESM_TARGET_INFO_SIZE);
    return r;
}

int aesm_target_info(const char *socket_path, uint8_t ret[AESM_TARGET_INFO_SIZE], char *reason, size_t reason_size)
{
    struct service s = {.path = socket_path, .reason = reason, .reason_size = reason_size};
    uint8_t key[KEY_ID_SIZE];
    int r = choose_key(&s, key);
    if (!r)
        r = init_quote(&s, key, ret);
    free(s.response);
    return r;
}

static int quote_size(struct service *s, const uint8_t key[KEY_ID_SIZE], uint64_t *ret)
{
    uint8_t buffer[KEY_ID_SIZE + 16];
    struct aesm_writer request = {.data = buffer, .size = sizeof(buffer)};
    aesm_put_bytes(&request, 1, key, KEY_ID_SIZE);
    int r = call_service(s, CALL_QUOTE_SIZE_EX, &request);
    if (r == -EAGAIN) { // the key was lost, e.g. by a restart of the service
        uint8_t target[AESM_TARGET_INFO_SIZE];
        r = init_quote(s, key, target);
        if (!r)
            r = call_service(s, CALL_QUOTE_SIZE_EX, &request);
    }
    return r ? r : get_number(s, 2, RESPONSE_MAX / 2, ret);
}

// The field is as long as the buffer that was asked for; the quote says how long it is.
static int cut(struct service *s, const struct aesm_field *field, uint8_t *ret, size_t size, size_t *ret_size)
{
    uint32_t signature_size;
    if (field->size < QUOTE_FIXED_SIZE)
        return fail(s, -EPROTO, "the quote is too short");
    memcpy(&signature_size, field->data + QUOTE_FIXED_SIZE - 4, 4);
    if (signature_size > field->size - QUOTE_FIXED_SIZE)
        return fail(s, -EPROTO, "the quote is too short");
    size_t needed = QUOTE_FIXED_SIZE + (size_t)signature_size;
    *ret_size = needed;
    if (needed > size)
        return fail(s, -ENOBUFS, "the quote does not fit the buffer");
    memcpy(ret, field->data, needed);
    return 0;
}

static int get_quote(struct service *s, const uint8_t key[KEY_ID_SIZE], const uint8_t report[AESM_REPORT_SIZE],
                     uint64_t quote_length, struct aesm_field *ret)
{
    uint8_t buffer[KEY_ID_SIZE + AESM_REPORT_SIZE + 64];
    struct aesm_writer request = {.data = buffer, .size = sizeof(buffer)};
    aesm_put_bytes(&request, 1, report, AESM_REPORT_SIZE);
    aesm_put_bytes(&request, 2, key, KEY_ID_SIZE);
    aesm_put_number(&request, 4, quote_length);
    int r = call_service(s, CALL_QUOTE_EX, &request);
    return r ? r : get_bytes(s, 2, (size_t)quote_length, ret);
}

int aesm_quote(const char *socket_path, const uint8_t report[AESM_REPORT_SIZE], uint8_t *ret, size_t size,
               size_t *ret_size, char *reason, size_t reason_size)
{
    struct service s = {.path = socket_path, .reason = reason, .reason_size = reason_size};
    struct aesm_field quote;
    uint8_t key[KEY_ID_SIZE];
    uint64_t length;
    int r = choose_key(&s, key);
    if (!r)
        r = quote_size(&s, key, &length);
    if (!r)
        r = get_quote(&s, key, report, length, &quote);
    if (!r)
        r = cut(&s, &quote, ret, size, ret_size);
    free(s.response);
    return r;
}
