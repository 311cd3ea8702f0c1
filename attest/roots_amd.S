// SPDX-License-Identifier: MIT
// AMD's certificates: intermediate CA, then root (attest/amd_roots/README.md).
    .section .rodata
    .macro chain name
    .globl attest_amd_\name, attest_amd_\name\()_end
    .hidden attest_amd_\name, attest_amd_\name\()_end
attest_amd_\name:
    .incbin "attest/amd_roots/\name\().pem"
attest_amd_\name\()_end:
    .endm
    chain milan
    chain milan_vlek
    chain genoa
    chain genoa_vlek
    chain turin
    chain turin_vlek
    .section .note.GNU-stack, "", @progbits
