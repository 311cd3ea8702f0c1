// SPDX-License-Identifier: MIT
// The published test root: certificate and private key.
    .section .rodata
    .globl platform_test_root, platform_test_root_end, platform_test_root_key, platform_test_root_key_end
platform_test_root:
    .incbin "attest/test_root/root.pem"
platform_test_root_end:
platform_test_root_key:
    .incbin "attest/test_root/root_key.pem"
platform_test_root_key_end:
    .section .note.GNU-stack, "", @progbits
