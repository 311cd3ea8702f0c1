# SPDX-License-Identifier: MIT
#
# Reads the three files that MYST_WANT_TEE_CREDENTIALS=CERT_PEMKEY_REPORT asks for, with nothing but Python's own library, and
# checks that they belong together: the key is the certificate's, and the report speaks of it.
import hashlib
import os
import ssl
import sys
import tempfile

# A header of 16 bytes and a quote, which has a header of 48 bytes and the enclave's report; that one has 64 bytes of the
# enclave's choice at 320, here the SHA-256 of the public key (DER SubjectPublicKeyInfo).
REPORT_DATA = 16 + 48 + 320


def element(der, at):
    """Where the content of the DER element at `at` starts, and where the element ends."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[at + 2 : start], "big")
    return start, start + length


def public_key(certificate):
    """The SubjectPublicKeyInfo: the seventh element of the signed part, the first being the version."""
    at, _ = element(certificate, 0)
    at, _ = element(certificate, at)
    for _ in range(6):
        at = element(certificate, at)[1]
    return certificate[at : element(certificate, at)[1]]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def key_belongs(certificate, key_path):
    """OpenSSL refuses a key that is not the certificate's."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:
        pem.write(ssl.DER_cert_to_PEM_cert(certificate))
        pem.flush()
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pem.name, key_path)
        except ssl.SSLError as e:
            print(e, file=sys.stderr)
            return False
    return True


def main():
    if not os.path.exists("/tmp/myst.report"):
        sys.exit("read.py: no credentials: is MYST_WANT_TEE_CREDENTIALS=CERT_PEMKEY_REPORT in config.json?")
    certificate, report = read("/tmp/myst.crt"), read("/tmp/myst.report")
    print(f"Certificate: {len(certificate)} bytes\nReport: {len(report)} bytes")
    ours = key_belongs(certificate, "/tmp/myst.key")
    digest = hashlib.sha256(public_key(certificate)).digest()
    bound = report[REPORT_DATA : REPORT_DATA + 32] == digest
    print("The key is the certificate's" if ours else "The key is of another certificate")
    print("The report is of this key" if bound else "The report is of another key")
    return not (ours and bound)


sys.exit(main())
