"""Handshakes as attackers and odd clients begin them: what each is answered.

Called with the port of the server and with its process. `a.test` is a site for all, `b.test` one for
those who show a certificate.
"""

import re
import resource
import socket
import ssl
import struct
import sys
import warnings

# The old versions are deprecated, which is why they are offered.
warnings.simplefilter("ignore", DeprecationWarning)
PATIENCE = 30
GROWTH = 50 << 20
HANDSHAKES = 1000

port, process = (int(word) for word in sys.argv[1:3])
ALERTS = {
    0: "close_notify", 10: "unexpected_message", 22: "record_overflow", 40: "handshake_failure", 47: "illegal_parameter", 50: "decode_error",
    70: "protocol_version", 80: "internal_error", 112: "unrecognized_name", 116: "certificate_required", 120: "no_application_protocol",
}


def memory():
    with open(f"/proc/{process}/status") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) << 10


def connect():
    plain = socket.create_connection(("127.0.0.1", port))
    plain.settimeout(PATIENCE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain


def context(*protocols):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if protocols:
        made.set_alpn_protocols(protocols)
    return made


def hello(name="a.test", *protocols, change=None):
    """The bytes of a ClientHello for any name, even one that no client would send."""
    stand_in = None if name is None else "".join("." if at % 40 == 39 else "n" for at in range(len(name)))
    outgoing = ssl.MemoryBIO()
    made = context(*protocols)
    if change:
        change(made)
    client = made.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=stand_in)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    said = outgoing.read()
    return said if name is None else said.replace(stand_in.encode(), name.encode("latin-1"))


def answer(*packets, ends=False):
    """What the first record of the answer is."""
    plain = connect()
    try:
        for packet in packets:
            plain.sendall(packet)
        if ends:
            plain.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    said = b""
    try:
        while len(said) < 7 and (more := plain.recv(4096)):
            said += more
    except OSError:
        pass
    plain.close()
    if not said:
        return "closed"
    if said[0] == 21:
        return f"alert {ALERTS.get(said[6], said[6])}"
    if said[0] == 22 and said[5] == 2:
        return "goes on"
    return said.split(b"\r\n")[0].decode("latin-1")


def records(said, size):
    """The same handshake in records of another size."""
    body = said[5:]
    parts = (body[at:at + size] for at in range(0, len(body), size))
    return b"".join(said[:3] + struct.pack(">H", len(part)) + part for part in parts)


def names():
    for what, name in [
        ("a name", "a.test"), ("a name in capitals", "A.TEST"), ("a name with a dot at its end", "a.test."), ("no name", None),
        ("an address", "127.0.0.1"), ("a foreign name", "c.test"), ("a wildcard", "*.test"), ("a name with a NUL", "a.test\0.c"),
        ("a name with a slash", "../a.test"), ("a name beyond ASCII", "\xe4\xe4.test"), ("a name with two dots", "a..test"),
        ("a name of dots", "......"), ("a name with a port", "a.test:443"), ("a name of 250 letters", "a" * 245 + ".test"),
    ]:
        print(f"{what}: {answer(hello(name))}")


def agreed(name, *protocols):
    """What a whole handshake comes to."""
    try:
        with context(*protocols).wrap_socket(connect(), server_hostname=name) as client:
            return f"agreed on {client.selected_alpn_protocol()}"
    except ssl.SSLError as error:
        return re.search(r"\] (.*) \(", str(error)).group(1)
    except OSError:
        return "closed"


def protocols():
    for what, name, offered in [
        ("a protocol that nobody speaks", "a.test", ["nonsense"]), ("a protocol of 255 letters", "a.test", ["x" * 255]),
        ("nonsense and HTTP/1.1", "a.test", ["nonsense", "http/1.1"]), ("h2c over TLS", "a.test", ["h2c"]), ("HTTP/2 and HTTP/1.1", "a.test", ["http/1.1", "h2"]),
        ("acme-tls/1 for a name of ours", "a.test", ["acme-tls/1"]), ("acme-tls/1 for a foreign name", "c.test", ["acme-tls/1"]),
        ("acme-tls/1 and HTTP/1.1 for a foreign name", "c.test", ["acme-tls/1", "http/1.1"]),
        ("acme-tls/1 and HTTP/1.1 for a name of ours", "a.test", ["acme-tls/1", "http/1.1"]),
    ]:
        print(f"{what}: {agreed(name, *offered)}")


def pieces():
    said = hello()
    print(f"records of a byte: {answer(records(said, 1))}")
    print(f"records of seven bytes: {answer(records(said, 7))}")
    print(f"packets of a byte: {answer(*[said[at:at + 1] for at in range(len(said))])}")
    print(f"an empty record first: {answer(said[:3] + bytes(2) + said)}")
    print(f"half a hello: {answer(said[:100], ends=True)}")
    print(f"a record of 20 KB: {answer(said[:3] + struct.pack('>H', 20000) + bytes(20000))}")
    print(f"a hello of 16 MB: {answer(said[:3] + struct.pack('>H', 4) + bytes([1, 255, 255, 255]) + (said[:3] + struct.pack('>H', 16384) + bytes(16384)) * 20)}")
    print(f"an alert first: {answer(bytes([21, 3, 3, 0, 2, 2, 40]))}")
    print(f"data first: {answer(bytes([23, 3, 3, 0, 5]) + b'GET /')}")
    print(f"a ServerHello of the client: {answer(said[:5] + bytes([2]) + said[6:])}")
    print(f"rubbish: {answer(bytes(range(256)))}")
    print(f"an SSH client: {answer(b'SSH-2.0-OpenSSH_9.2' + bytes([13, 10]))}")
    print(f"HTTP: {answer(b'GET / HTTP/1.1' + bytes([13, 10]) + b'Host: a.test' + bytes([13, 10, 13, 10]))}")


def versions():
    def old(version):
        def change(made):
            made.set_ciphers("ALL:@SECLEVEL=0")
            made.minimum_version = made.maximum_version = version
        return change
    for what, version in [("TLS 1.0", ssl.TLSVersion.TLSv1), ("TLS 1.1", ssl.TLSVersion.TLSv1_1), ("TLS 1.2", ssl.TLSVersion.TLSv1_2), ("TLS 1.3", ssl.TLSVersion.TLSv1_3)]:
        print(f"{what} and nothing else: {answer(hello(change=old(version)))}")

    def weak(made):
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers("AES128-SHA:AES256-SHA:@SECLEVEL=0")
    print(f"ciphers without forward secrecy: {answer(hello(change=weak))}")


def get(made, name, host, session=None):
    """Asks a site, and says what came of it, with the session for another time."""
    try:
        client = made.wrap_socket(connect(), server_hostname=name, session=session)
        client.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        said = b""
        while more := client.recv(4096):
            said += more
        resumed = ", resumed" if client.session_reused else ""
        return said.decode("latin-1").split(" ")[1] + " " + said.decode("latin-1").rsplit("\r\n", 1)[1] + resumed, client.session
    except (OSError, IndexError) as error:
        return "refused" if not isinstance(error, TimeoutError) else "silent", None


def tickets():
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        made = context("http/1.1")
        made.minimum_version = made.maximum_version = version
        first, session = get(made, "a.test", "a.test")
        print(f"{version.name}: a site for all: {first}")
        print(f"{version.name}: its session, again: {get(made, 'a.test', 'a.test', session)[0]}")
        print(f"{version.name}: its session for a site that wants certificates: {get(made, 'b.test', 'b.test', session)[0]}")
        print(f"{version.name}: no session for that site: {get(made, 'b.test', 'b.test')[0]}")
        print(f"{version.name}: another site's name in the request: {get(made, 'a.test', 'b.test')[0]}")


def crowd():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, 4096), limit))
    before = memory()
    half = hello()[:100]
    open_ones = []
    for _ in range(HANDSHAKES):
        plain = connect()
        plain.sendall(half)
        open_ones.append(plain)
    made = context("http/1.1")
    print(f"a client beside {HANDSHAKES} handshakes: {get(made, 'a.test', 'a.test')[0]}")
    growth = memory() - before
    print("memory: bounded" if growth < GROWTH else f"memory: {growth} bytes more")
    for plain in open_ones:
        plain.close()
    print(f"a client after them: {get(made, 'a.test', 'a.test')[0]}")


for part in (names, protocols, pieces, versions, tickets, crowd):
    part()
