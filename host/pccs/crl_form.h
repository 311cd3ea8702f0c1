// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <stdint.h>

// Services give revocation lists as DER, PEM or (PCCS before 3.1) hex: makes DER of it, in place. -EPROTO: it is none of these.
int crl_to_der(uint8_t *data, size_t *size);
