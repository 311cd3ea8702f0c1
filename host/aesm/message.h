// SPDX-License-Identifier: MIT
//
// The little of protobuf's wire format (version 2) that the AESM protocol needs: varints and length-delimited fields.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aesm_writer { // over the caller's buffer; a message that does not fit sets overflow and is not to be sent
    uint8_t *data;
    size_t size, used;
    bool overflow;
};

void aesm_put_number(struct aesm_writer *w, uint32_t field, uint64_t value);
void aesm_put_bytes(struct aesm_writer *w, uint32_t field, const void *data, size_t size);

struct aesm_field {
    uint32_t number;
    bool is_bytes;
    uint64_t value;      // of a number
    const uint8_t *data; // of bytes: inside the message
    size_t size;
};

// Reads the field at *at and moves on. 1, 0 at the end, or -EBADMSG.
int aesm_next(const uint8_t **at, const uint8_t *end, struct aesm_field *ret);

// The last field of that number, as protobuf has it. 0, -ENOENT or -EBADMSG.
int aesm_find(const uint8_t *data, size_t size, uint32_t number, struct aesm_field *ret);
