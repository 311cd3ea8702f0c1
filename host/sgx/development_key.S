// SPDX-License-Identifier: MIT
// The development signing key. Published: it says nothing about who signed.
    .section .rodata
    .globl development_key, development_key_end
development_key:
    .incbin "host/sgx/development_key.pem"
development_key_end:
    .section .note.GNU-stack, "", @progbits
