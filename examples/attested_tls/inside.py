# SPDX-License-Identifier: MIT
#
# One side of an attested channel, in an enclave: inside.py server|client HOST:PORT [--enclave MRENCLAVE] [--release] [--anyone]
#
# As inside.c: the other side must be an enclave of our own signer and product; with --enclave exactly this build, with --release
# none that a debugger may look into; --anyone lets a server serve clients that are no enclaves. One connection is served.
import argparse
import ctypes
import os
import socket

from attested import Refused, connect, endpoint, receive, run, say, send, serve

# include/myst/tee.h
SYS_GEN_CREDS, SYS_FREE_CREDS, SYS_VERIFY_CERT = 1009, 1010, 1011
DEBUG = 1


class Identity(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("security_version", ctypes.c_uint32), ("attributes", ctypes.c_uint64),
                ("unique_id", ctypes.c_ubyte * 32), ("signer_id", ctypes.c_ubyte * 32), ("product_id", ctypes.c_ubyte * 16)]


VERIFIER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Identity), ctypes.c_void_p)
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def credentials():
    """Certificate (DER) and key (PEM), made for this enclave."""
    parts = [ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_void_p(), ctypes.c_size_t()]
    if libc.syscall(ctypes.c_long(SYS_GEN_CREDS), *map(ctypes.byref, parts)):
        raise Refused(f"no credentials: {os.strerror(ctypes.get_errno())}")
    certificate, certificate_size, key, key_size = parts
    own = (ctypes.string_at(certificate, certificate_size.value), ctypes.string_at(key, key_size.value).rstrip(b"\0").decode())
    libc.syscall(ctypes.c_long(SYS_FREE_CREDS), certificate, certificate_size, key, key_size, None, ctypes.c_size_t(0))
    return own


def identity_of(certificate):
    """Who made the certificate, after the kernel has found its evidence genuine."""
    found = Identity()

    @VERIFIER
    def keep(identity, _):
        ctypes.pointer(found)[0] = identity[0]
        return 0

    if libc.syscall(ctypes.c_long(SYS_VERIFY_CERT), certificate, ctypes.c_size_t(len(certificate)), keep, None):
        raise Refused(f"the peer's evidence is not trusted: {os.strerror(ctypes.get_errno())}")
    return found


def judge_by(own, wanted):
    """Genuine is not enough: whether this enclave is the one that we want to talk to is our decision."""

    def judge(certificate):
        peer = identity_of(certificate)
        if wanted.release and peer.attributes & DEBUG:
            raise Refused("the peer is a debug enclave")
        if wanted.enclave and bytes(peer.unique_id) != wanted.enclave:
            raise Refused("the peer is another enclave")
        if bytes(peer.signer_id) != bytes(own.signer_id):
            raise Refused("the peer is of another signer")
        if bytes(peer.product_id) != bytes(own.product_id):
            raise Refused("the peer is another product")
        if peer.security_version < own.security_version:
            raise Refused("the peer is of an older security version")

    return judge


def main():
    p = argparse.ArgumentParser()
    p.add_argument("side", choices=["server", "client"])
    p.add_argument("address", type=endpoint)
    p.add_argument("--enclave", type=bytes.fromhex)
    p.add_argument("--release", action="store_true")
    p.add_argument("--anyone", action="store_true")
    a = p.parse_args()
    own = credentials()
    judge = judge_by(identity_of(own[0]), a)
    if a.side == "client":
        with connect(a.address, own, judge) as channel:
            say(f"client: received '{receive(channel)}'")
            send(channel, "thank you")
        return
    with socket.create_server(a.address) as listener:
        say("server: listening")
        peer, _ = listener.accept()
    with serve(peer, own, None if a.anyone else judge) as channel:
        send(channel, "the secret")
        say(f"server: received '{receive(channel)}'")


run(main)
