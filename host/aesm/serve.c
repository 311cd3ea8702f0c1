// SPDX-License-Identifier: MIT
#include "host/aesm/serve.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "emu/platform.h"
#include "host/aesm/message.h"

enum { MESSAGE_MAX = 0x10000, LENGTH_SIZE = 4, KEY_ID_SIZE = 256, PUBLIC_KEY_ID_SIZE = 32 };

// Calls, by their field in Request and Response.
enum {
    CALL_INIT_QUOTE = 15,
    CALL_QUOTE_SIZE = 16,
    CALL_QUOTE = 17,
    CALL_SELECT_KEY_ID = 19,
    CALL_UNSUPPORTED = 20,
    CALL_KEY_ID_COUNT = 21,
    CALL_KEY_IDS = 22
};
enum {
    AESM_OK = 0,
    AESM_UNEXPECTED = 1,
    AESM_PARAMETER = 3,
    AESM_UNSUPPORTED_KEY = 38,
    AESM_INVALID_REPORT = 47
};

struct service {
    struct emu_platform *platform;
    uint8_t request[MESSAGE_MAX], parts[MESSAGE_MAX], answer[MESSAGE_MAX], message[MESSAGE_MAX];
};

// sgx_att_key_id of an ECDSA P-256 key by Intel's quoting enclave (by its signer and product): what clients
// ask for.
static void make_key_id(uint8_t id[KEY_ID_SIZE])
{
    static const uint8_t signer[32] = {0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f,
                                       0x77, 0xc6, 0x8a, 0x82, 0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70,
                                       0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff};
    enum { SIGNER_SIZE_AT = 4, SIGNER_AT = 6, PRODUCT_AT = 54, ALGORITHM_AT = 154, ECDSA_P256 = 2 };
    memset(id, 0, KEY_ID_SIZE);
    id[SIGNER_SIZE_AT] = sizeof(signer);
    memcpy(id + SIGNER_AT, signer, sizeof(signer));
    id[PRODUCT_AT] = 1;
    id[ALGORITHM_AT] = ECDSA_P256;
}

// A client may leave the key to the service; when it names one, it must be ours.
static uint64_t check_key_id(const uint8_t *body, size_t size, uint32_t field)
{
    uint8_t id[KEY_ID_SIZE];
    struct aesm_field f;
    make_key_id(id);
    if (aesm_find(body, size, field, &f))
        return AESM_OK;
    enum { ALGORITHM_AT = 154, ALGORITHM_SIZE = 4 };
    if (!f.is_bytes || f.size != KEY_ID_SIZE)
        return AESM_PARAMETER;
    return memcmp(f.data + ALGORITHM_AT, id + ALGORITHM_AT, ALGORITHM_SIZE) ? AESM_UNSUPPORTED_KEY : AESM_OK;
}

static uint64_t init_quote(struct service *s, const uint8_t *body, size_t size, struct aesm_writer *w)
{
    struct sgx_targetinfo target;
    uint8_t key_id[PUBLIC_KEY_ID_SIZE];
    struct aesm_field wants_id;
    const uint64_t code = check_key_id(body, size, 1);
    if (code)
        return code;
    if (emu_platform_target_info(s->platform, &target) || emu_platform_key_id(s->platform, key_id))
        return AESM_UNEXPECTED;
    aesm_put_bytes(w, 2, &target, sizeof(target));
    aesm_put_number(w, 3, sizeof(key_id));
    if (!aesm_find(body, size, 3, &wants_id) && wants_id.value)
        aesm_put_bytes(w, 4, key_id, sizeof(key_id));
    return AESM_OK;
}

// The quote fills the length that was asked for, as aesmd's does.
static uint64_t quote(struct service *s, const uint8_t *body, size_t size, struct aesm_writer *w)
{
    struct aesm_field bytes, length;
    struct sgx_report report;
    size_t used;
    const uint64_t code = check_key_id(body, size, 2);
    if (code)
        return code;
    if (aesm_find(body, size, 1, &bytes) || !bytes.is_bytes || bytes.size != sizeof(report) ||
        aesm_find(body, size, 4, &length) || length.is_bytes || length.value > MESSAGE_MAX / 2 ||
        length.value < emu_platform_quote_size(s->platform))
        return AESM_PARAMETER;
    memcpy(&report, bytes.data, sizeof(report));
    uint8_t *buffer = calloc(1, (size_t)length.value);
    const int r = buffer ? emu_platform_quote(s->platform, &report, buffer, (size_t)length.value, &used) : -1;
    if (!r)
        aesm_put_bytes(w, 2, buffer, (size_t)length.value);
    free(buffer);
    return r ? AESM_INVALID_REPORT : AESM_OK;
}

// Fills in what follows the error code; returns that.
static uint64_t serve_call(struct service *s, uint32_t call, const uint8_t *body, size_t size,
                           struct aesm_writer *w)
{
    uint8_t id[KEY_ID_SIZE];
    uint64_t code;
    make_key_id(id);
    switch (call) {
    case CALL_INIT_QUOTE:
        return init_quote(s, body, size, w);
    case CALL_QUOTE_SIZE:
        code = check_key_id(body, size, 1);
        if (!code)
            aesm_put_number(w, 2, emu_platform_quote_size(s->platform));
        return code;
    case CALL_QUOTE:
        return quote(s, body, size, w);
    case CALL_KEY_ID_COUNT:
        aesm_put_number(w, 2, 1);
        return AESM_OK;
    case CALL_SELECT_KEY_ID:
    case CALL_KEY_IDS:
        aesm_put_bytes(w, 2, id, sizeof(id));
        return AESM_OK;
    default:
        return AESM_UNEXPECTED;
    }
}

static bool is_known(uint32_t call)
{
    return (call >= CALL_INIT_QUOTE && call <= CALL_QUOTE) || call == CALL_SELECT_KEY_ID ||
           call == CALL_KEY_ID_COUNT || call == CALL_KEY_IDS;
}

static void answer(struct service *s, int fd, uint32_t call, const uint8_t *body, size_t size)
{
    struct aesm_writer rest = {.data = s->parts, .size = sizeof(s->parts)};
    struct aesm_writer inner = {.data = s->answer, .size = sizeof(s->answer)};
    struct aesm_writer outer = {.data = s->message + LENGTH_SIZE, .size = sizeof(s->message) - LENGTH_SIZE};
    const uint64_t code = serve_call(s, call, body, size, &rest);
    aesm_put_number(&inner, 1, code);
    if (!code && !rest.overflow && rest.used <= inner.size - inner.used) {
        memcpy(inner.data + inner.used, rest.data, rest.used);
        inner.used += rest.used;
    }
    aesm_put_bytes(&outer, is_known(call) ? call : CALL_UNSUPPORTED, inner.data, inner.used);
    if (outer.overflow)
        return;
    const uint32_t length = (uint32_t)outer.used;
    memcpy(s->message, &length, sizeof(length));
    (void)!send(fd, s->message, LENGTH_SIZE + outer.used, MSG_NOSIGNAL); // a client that left gets none
}

void aesm_serve(struct emu_platform *platform, int fd)
{
    struct service *s = calloc(1, sizeof(*s));
    struct aesm_field call;
    uint32_t size;
    if (s && recv(fd, &size, sizeof(size), MSG_WAITALL) == sizeof(size) && size &&
        size <= sizeof(s->request) && recv(fd, s->request, size, MSG_WAITALL) == (ssize_t)size) {
        const uint8_t *at = s->request;
        s->platform = platform;
        if (aesm_next(&at, s->request + size, &call) == 1 && call.is_bytes && at == s->request + size)
            answer(s, fd, call.number, call.data, call.size);
    }
    free(s);
}
