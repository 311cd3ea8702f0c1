// SPDX-License-Identifier: MIT
//
// The PCK certificate chain of a quote.
#pragma once

#include "attest/chain.h"
#include "attest/pck.h"
#include "attest/quote.h"

// The chain's text: the quote's own, else what the caller has for quotes without one. size 0: neither.
struct attest_bytes pck_chain_text(const struct quote *quote, struct attest_bytes fallback);
