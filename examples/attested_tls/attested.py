# SPDX-License-Identifier: MIT
#
# What the two Python sides share: TLS 1.3 in which certificates are judged by the evidence in them.
#
# A certificate is judged right after the handshake, which proves that the peer has its key, and before anything is said. A client
# of Python's ssl module can take whatever certificate the server shows. A server cannot: it asks for no certificate, or has OpenSSL
# look for a path to an authority, and there is no hook in between. So OpenSSL itself is told, by its function for that.
import ctypes
import os
import socket
import ssl
import struct
import sys
import tempfile

TIMEOUT = 30


class Refused(Exception):
    pass


def endpoint(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def say(text):
    print(text, file=sys.stderr, flush=True)


def receive_exactly(peer, size):
    data = b""
    while len(data) < size:
        part = peer.recv(size - len(data))
        if not part:
            raise Refused("no channel: the peer hung up")
        data += part
    return data


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def ask_nobody(store, argument):
    return 1


def take_any_certificate(c):
    """A certificate must be there, and the peer must have its key; whose it is `judge` says."""
    library = ctypes.CDLL(getattr(sys.modules["_ssl"], "__file__", None))  # finds the functions of the OpenSSL that it is linked with
    library.SSL_CTX_get_options.restype = ctypes.c_uint64
    native = ctypes.c_void_p.from_address(id(c) + object.__basicsize__)  # CPython: the SSL_CTX is the first member
    if library.SSL_CTX_get_options(native) != int(c.options) & 0xffffffffffffffff:
        raise Refused("this Python keeps its TLS contexts in another way")
    library.SSL_CTX_set_cert_verify_callback(native, ask_nobody, None)
    c.verify_mode = ssl.CERT_REQUIRED


def context(server, own):
    """own: certificate (DER) and key (PEM), or None. A server without `take_any_certificate` asks clients for nothing."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    c.minimum_version = ssl.TLSVersion.TLSv1_3
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    if server:
        c.num_tickets = 0  # a resumed session would not be judged again
    if own:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as f:  # in the enclave's memory, as all of its files
            os.chmod(f.name, 0o600)
            f.write(ssl.DER_cert_to_PEM_cert(own[0]) + own[1])
            f.flush()
            c.load_cert_chain(f.name)
    return c


def both_accepted(channel):
    """With TLS 1.3 a client otherwise learns only later that the server did not accept it."""
    channel.sendall(b"+")
    if receive_exactly(channel, 1) != b"+":
        raise Refused("no channel: the peer speaks another protocol")


def send(channel, text):
    data = text.encode()
    channel.sendall(struct.pack(">H", len(data)) + data)


def receive(channel):
    (size,) = struct.unpack(">H", receive_exactly(channel, 2))
    return receive_exactly(channel, size).decode()


def judged(channel, judge):
    try:
        if judge:
            judge(channel.getpeercert(binary_form=True))
        both_accepted(channel)
    except BaseException:
        channel.close()
        raise
    return channel


def connect(address, own, judge):
    """A client's channel; the server's certificate was judged."""
    return judged(context(False, own).wrap_socket(socket.create_connection(address, TIMEOUT)), judge)


def serve(peer, own, judge):
    """A server's channel to an accepted connection; judge None: to anyone."""
    peer.settimeout(TIMEOUT)
    c = context(True, own)
    if judge:
        take_any_certificate(c)
    return judged(c.wrap_socket(peer, server_side=True), judge)


def run(main):
    """Exit status 0, or 1 after one line that says why."""
    try:
        main()
    except Refused as e:
        say(f"attested_tls: refused: {e}")
        sys.exit(1)
    except (ssl.SSLError, OSError) as e:
        say(f"attested_tls: no channel: {e}")
        sys.exit(1)
