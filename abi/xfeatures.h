// SPDX-License-Identifier: MIT
//
// The state components of the processor that programs have, inside and around the enclave. SDM vol. 1, section 13.1.
#pragma once

// x87, SSE, AVX, AVX-512: as many as the processor has. Not among them is what nobody has who did not ask Linux for it, the tiles of
// AMX (8 KiB that XSAVE would write each time), nor PKRU, as there are no protection keys.
#define XFEATURES_OFFERED 0xe7
