// SPDX-License-Identifier: MIT
//
// SHA-256 compression of two messages in turn, four rounds of one and four of the other. See sha256_pair.h; the
// instructions are those of SDM vol. 2B, SHA256RNDS2, SHA256MSG1 and SHA256MSG2.
//
// xmm0: the round instruction's words plus constants; xmm1: scratch
// xmm2, xmm3 and xmm4, xmm5: the chaining values; xmm6 to xmm9 and xmm10 to xmm13: the last 16 words of the schedules

// The next four words of a message, in the order of the schedule.
    .macro load, to, from
    movdqu \from, \to
    pshufb order(%rip), \to
    .endm

// Four rounds with the words in \w0. The two halves of the chaining value change places with every two rounds.
    .macro rounds, group, abef, cdgh, w0
    movdqa constants + 16 * (\group)(%rip), %xmm0
    paddd \w0, %xmm0
    sha256rnds2 %xmm0, \abef, \cdgh
    pshufd $0x0e, %xmm0, %xmm0
    sha256rnds2 %xmm0, \cdgh, \abef
    .endm

// \w0 becomes the words 16 later: W[t-16] + s0(W[t-15]) + W[t-7] + s1(W[t-2]).
    .macro extend, w0, w1, w2, w3
    sha256msg1 \w1, \w0
    movdqa \w3, %xmm1
    palignr $4, \w2, %xmm1
    paddd %xmm1, \w0
    sha256msg2 \w3, \w0
    .endm

    .macro both, group, a0, a1, a2, a3, b0, b1, b2, b3
    rounds \group, %xmm2, %xmm3, \a0
    rounds \group, %xmm4, %xmm5, \b0
    .if \group < 12
    extend \a0, \a1, \a2, \a3
    extend \b0, \b1, \b2, \b3
    .endif
    .endm

    .macro four, group
    both \group + 0, %xmm6, %xmm7, %xmm8, %xmm9, %xmm10, %xmm11, %xmm12, %xmm13
    both \group + 1, %xmm7, %xmm8, %xmm9, %xmm6, %xmm11, %xmm12, %xmm13, %xmm10
    both \group + 2, %xmm8, %xmm9, %xmm6, %xmm7, %xmm12, %xmm13, %xmm10, %xmm11
    both \group + 3, %xmm9, %xmm6, %xmm7, %xmm8, %xmm13, %xmm10, %xmm11, %xmm12
    .endm

    .text
// void sha256_pair_compress(rdi: the two lanes, rsi: first, rdx: second, rcx: blocks)
    .globl sha256_pair_compress
    .type sha256_pair_compress, @function
sha256_pair_compress:
    test %rcx, %rcx
    jz 2f
    movdqa (%rdi), %xmm2
    movdqa 16(%rdi), %xmm3
    movdqa 32(%rdi), %xmm4
    movdqa 48(%rdi), %xmm5
1:  load %xmm6, 0(%rsi)
    load %xmm7, 16(%rsi)
    load %xmm8, 32(%rsi)
    load %xmm9, 48(%rsi)
    load %xmm10, 0(%rdx)
    load %xmm11, 16(%rdx)
    load %xmm12, 32(%rdx)
    load %xmm13, 48(%rdx)
    four 0
    four 4
    four 8
    four 12
    paddd (%rdi), %xmm2
    paddd 16(%rdi), %xmm3
    paddd 32(%rdi), %xmm4
    paddd 48(%rdi), %xmm5
    movdqa %xmm2, (%rdi)
    movdqa %xmm3, 16(%rdi)
    movdqa %xmm4, 32(%rdi)
    movdqa %xmm5, 48(%rdi)
    add $64, %rsi
    add $64, %rdx
    dec %rcx
    jnz 1b
2:  ret
    .size sha256_pair_compress, . - sha256_pair_compress

    .section .rodata
    .balign 16
// Message words are big-endian.
order:
    .long 0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f
// K of FIPS 180-4, 4.2.2.
constants:
    .long 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5
    .long 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5
    .long 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3
    .long 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174
    .long 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc
    .long 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da
    .long 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7
    .long 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967
    .long 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13
    .long 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85
    .long 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3
    .long 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070
    .long 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5
    .long 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3
    .long 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208
    .long 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2

    .section .note.GNU-stack, "", @progbits
