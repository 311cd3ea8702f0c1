// SPDX-License-Identifier: MIT
//
// The emulated architectural enclave service: the ECDSA calls of aesmd's protocol, answered by the quoting
// enclave of the software platform.
#pragma once

struct emu_platform;

// Answers the one request of a connection. Whatever the client sends, the service stays: errors are answers,
// and a client that sends none gets none. The caller closes the socket and has set time limits on it.
void aesm_serve(struct emu_platform *platform, int socket);
