// SPDX-License-Identifier: MIT
// The trusted roots. Intel's key signs real platforms; the test root's private key is published beside it.
    .section .rodata
    .globl attest_intel_root, attest_intel_root_end, attest_test_root, attest_test_root_end
    .hidden attest_intel_root, attest_intel_root_end, attest_test_root, attest_test_root_end
attest_intel_root:
    .incbin "attest/intel_root/root.pem"
attest_intel_root_end:
attest_test_root:
    .incbin "attest/test_root/root.pem"
attest_test_root_end:
    .section .note.GNU-stack, "", @progbits
