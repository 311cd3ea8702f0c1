// SPDX-License-Identifier: MIT
//
// The emulated collateral service: the part of the PCS and PCCS API (versions 3 and 4) that verifiers ask
// for, over plain HTTP/1.1, with the collateral of the software platform.
#pragma once

struct emu_platform;

// Answers the one request of a connection, or closes it without. The caller closes the socket and has set
// time limits on it.
void pccs_serve(struct emu_platform *platform, int socket);
