#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""MRENCLAVE of what `myst dump --pages --content` lists on standard input, computed from the manual alone.

Intel SDM volume 3D, "Measurement of the enclave": SHA-256 over one 64-byte record per ECREATE, EADD and EEXTEND, the
256 bytes measured following each EEXTEND record.
"""
import hashlib
import struct
import sys

PAGE, CHUNK = 4096, 256


def main():
    digest = hashlib.sha256()
    for line in sys.stdin:
        field = line.split()
        if field[0] == "enclave":
            digest.update(struct.pack("<8sIQ44x", b"ECREATE", int(field[2]), int(field[1], 16)))
            continue
        address, count, flags = int(field[1], 16), int(field[2]), int(field[3], 16)
        content = bytes(PAGE) if field[5] == "zero" else bytes.fromhex(field[6])
        if field[5] != "zero" and hashlib.sha256(content).hexdigest() != field[5]:
            sys.exit(f"page {field[1]}: the digest is not that of the content")
        for at in range(address, address + count * PAGE, PAGE):
            digest.update(struct.pack("<8sQQ40x", b"EADD", at, flags))
            if field[4] == "measured":
                for offset in range(0, PAGE, CHUNK):
                    digest.update(struct.pack("<8sQ48x", b"EEXTEND", at + offset))
                    digest.update(content[offset : offset + CHUNK])
    print(digest.hexdigest())


main()
