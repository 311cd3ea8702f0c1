# SPDX-License-Identifier: MIT
#
# What the two Python sides share: TLS 1.3 in which certificates are judged by the evidence in them.
#
# Python's ssl module has no hook for that. A client needs none: it takes whatever certificate the server shows, since the
# handshake proves that the server has its key, and judges it before it says anything. A server that wants to know its client is
# told the client's certificate ahead of the handshake, judges it, and then has OpenSSL accept exactly this one.
import os
import socket
import ssl
import struct
import sys
import tempfile

LIMIT = 0x10000
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


def introduce(peer, certificate):
    peer.sendall(struct.pack(">I", len(certificate)) + certificate)


def be_introduced(peer):
    (size,) = struct.unpack(">I", receive_exactly(peer, 4))
    if size > LIMIT:
        raise Refused("no channel: the peer's certificate is too large")
    return receive_exactly(peer, size)


def context(server, own):
    """own: certificate (DER) and key (PEM), or None. A server without `accept_only` asks clients for nothing."""
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


def accept_only(c, certificate):
    c.load_verify_locations(cadata=certificate)
    c.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    c.verify_mode = ssl.CERT_REQUIRED


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


def connect(address, own, judge):
    """A client's channel; the server's certificate was judged."""
    peer = socket.create_connection(address, TIMEOUT)
    if own:
        introduce(peer, own[0])
    channel = context(False, own).wrap_socket(peer)
    judge(channel.getpeercert(binary_form=True))
    both_accepted(channel)
    return channel


def serve(peer, own, judge):
    """A server's channel to an accepted connection; judge None: to anyone."""
    peer.settimeout(TIMEOUT)
    c = context(True, own)
    if judge:
        certificate = be_introduced(peer)
        judge(certificate)
        accept_only(c, certificate)
    channel = c.wrap_socket(peer, server_side=True)
    if judge and channel.getpeercert(binary_form=True) != certificate:
        raise Refused("the client's certificate is not the one that was judged")
    both_accepted(channel)
    return channel


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
