# SPDX-License-Identifier: MIT
#
# A client of an attested server, on a machine that need not have a TEE: outside.py HOST:PORT POLICY COLLATERAL [TIME]
#
# As outside.c: judges the server's evidence with libmyst-attest (found as any library, or named by MYST_ATTEST). POLICY is a JSON
# file (myst(1), "Policies"), COLLATERAL a folder as myst collateral makes it, TIME (seconds since 1970) stands in for now.
import ctypes
import os
import pathlib
import sys
import time

from attested import Refused, connect, endpoint, receive, run, say, send

# include/myst/attest.h: the items of struct attest_collateral, in order; two more are SEV-SNP's.
ITEMS = ["tcb_info.json", "tcb_signing_chain.pem", "qe_identity.json", "qe_identity_issuer_chain.pem", "pck_crl.der",
         "pck_crl_issuer_chain.pem", "root_ca_crl.der", None, None]
REASON_SIZE = 224


class Bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class Verdict(ctypes.Structure):  # its beginning; what follows is not looked at here
    _fields_ = [("result", ctypes.c_int), ("reason", ctypes.c_char * REASON_SIZE), ("rest", ctypes.c_ubyte * 0x4000)]


library = ctypes.CDLL(os.environ.get("MYST_ATTEST", "libmyst-attest.so.1"))
library.attest_result_name.restype = ctypes.c_char_p


def policy_of(path):
    text, policy, reason = pathlib.Path(path).read_bytes(), ctypes.c_void_p(), ctypes.create_string_buffer(256)
    if library.attest_policy_parse(text, ctypes.c_size_t(len(text)), ctypes.byref(policy), reason, ctypes.c_size_t(len(reason))):
        sys.exit(f"outside: {path}: {reason.value.decode()}")
    return policy


def collateral_of(folder):
    """What is missing the verifier finds out, and refuses."""
    items = (Bytes * len(ITEMS))()
    for item, name in zip(items, ITEMS):
        path = pathlib.Path(folder) / (name or "none")
        if path.is_file():
            item.data = path.read_bytes()
            item.size = path.stat().st_size
    return items


def judge_by(policy, collateral, when):
    def judge(certificate):
        verdict = Verdict()
        if library.attest_verify_certificate(certificate, ctypes.c_size_t(len(certificate)), collateral, ctypes.c_int64(when), policy,
                                             None, ctypes.byref(verdict)):
            raise Refused(f"{verdict.reason.decode()} ({library.attest_result_name(verdict.result).decode()})")

    return judge


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit("usage: outside.py HOST:PORT POLICY COLLATERAL [TIME]")
    when = int(sys.argv[4]) if len(sys.argv) == 5 else int(time.time())
    judge = judge_by(policy_of(sys.argv[2]), collateral_of(sys.argv[3]), when)
    with connect(endpoint(sys.argv[1]), None, judge) as channel:
        text = receive(channel)
        send(channel, "thank you from outside")
        say(f"outside: received '{text}'")


run(main)
