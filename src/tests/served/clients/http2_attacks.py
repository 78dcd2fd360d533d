"""Raw frames of HTTP/2 as attackers send them, over TLS: what each is answered, and what the upstream sees of it.

Called with the ports of the server and of the upstream, which is here, and with the server's process.
"""

import socket
import ssl
import struct
import sys
import threading
import time

from hpack import Decoder, Encoder
from hyperframe.frame import (
    ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame,
    WindowUpdateFrame,
)

PATIENCE = 30
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
GET = [(":method", "GET"), (":scheme", "https"), (":authority", "a.test"), (":path", "/")]
POST = [(":method", "POST"), (":scheme", "https"), (":authority", "a.test"), (":path", "/")]
# More than the server may grow by in all.
GROWTH = 50 << 20

port, upstream_port, process = (int(word) for word in sys.argv[1:4])
seen = []


def upstream():
    """Writes down the requests that come to their end, and says yes to each head."""
    listener = socket.create_server(("127.0.0.1", upstream_port))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=talk, args=[connection], daemon=True).start()


def talk(connection):
    bytes_read, begun = b"", None
    try:
        while more := connection.recv(65536):
            bytes_read += more
            while b"\r\n\r\n" in bytes_read:
                head, bytes_read = bytes_read.split(b"\r\n\r\n", 1)
                # What ends in the same way without being one is a body in chunks.
                if b" HTTP/1.1\r\n" not in head:
                    if begun and b"0" in head.split(b"\r\n"):
                        seen.append(begun)
                    begun = None
                else:
                    if b"Transfer-Encoding: chunked" in head:
                        begun = head
                    else:
                        seen.append(head)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    except OSError:
        pass


def memory():
    with open(f"/proc/{process}/status") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) << 10


class Client:
    """A connection; what the server says is read by `outcome`."""

    def __init__(self, preface=PREFACE, settings=True):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port))
        plain.settimeout(PATIENCE)
        self.socket = context.wrap_socket(plain, server_hostname="a.test")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.encoder = Encoder()
        self.decoder = Decoder()
        self.bytes = b""
        self.send(preface + (SettingsFrame(0).serialize() if settings else b""))

    def send(self, *frames):
        """Sends frames or bytes; a server that is through with us may not read them."""
        data = b"".join(frame if isinstance(frame, bytes) else frame.serialize() for frame in frames)
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def headers(self, fields, stream=1, end=True, whole=True):
        flags = (["END_STREAM"] if end else []) + (["END_HEADERS"] if whole else [])
        return HeadersFrame(stream, self.encoder.encode(fields, huffman=False), flags=flags)

    def frame(self):
        """The next frame, or None at the end."""
        while len(self.bytes) < 9:
            if not self.fill():
                return None
        frame, length = Frame.parse_frame_header(memoryview(self.bytes[:9]))
        while len(self.bytes) < 9 + length:
            if not self.fill():
                return None
        frame.parse_body(memoryview(self.bytes[9:9 + length]))
        self.bytes = self.bytes[9 + length:]
        return frame

    def fill(self):
        try:
            more = self.socket.recv(65536)
        except TimeoutError:
            raise AssertionError("the server is silent")
        except OSError:
            more = b""
        self.bytes += more
        return bool(more)

    def outcome(self, stream=1):
        """What became of a stream: its status, or why it or the connection ended."""
        while (frame := self.frame()) is not None:
            if isinstance(frame, GoAwayFrame) and frame.error_code:
                return f"connection error {frame.error_code}"
            if isinstance(frame, RstStreamFrame) and frame.stream_id == stream:
                return f"stream error {frame.error_code}"
            if isinstance(frame, HeadersFrame):
                status = dict(self.decoder.decode(frame.data))[":status"]
                if frame.stream_id == stream:
                    return status
        return "closed"


def tell(name, outcome, shown=None):
    """Prints what came of an attack; nobody may have seen it upstream, unless that is shown."""
    if shown is None:
        time.sleep(0.02)
        shown = "nothing" if not seen else f"{len(seen)} requests, {seen[0][:200]!r}"
    print(f"{name}: {outcome}; upstream: {shown}")
    seen.clear()


def request(name, fields, body=None, then=None):
    """One request on a connection of its own."""
    client = Client()
    head = client.headers(fields, end=body is None)
    client.send(head, *(body or []), *(then(client) if then else []))
    tell(name, client.outcome())


def with_field(*fields):
    return GET + list(fields)


def replaced(name, value):
    return [(key, value if key == name else old) for key, old in GET]


def data(text, end=True):
    return DataFrame(1, text, flags=["END_STREAM"] if end else [])


def malformed():
    """Requests that no HTTP/1.1 can say, or that would become two."""
    for name in ["connection", "transfer-encoding", "keep-alive", "proxy-connection", "upgrade"]:
        request(f"field {name}", with_field((name, "close")))
    request("te other than trailers", with_field(("te", "gzip")))
    for name, field in [
        ("an upper-case name", "X-A"), ("a name with a space", "x a"), ("a name with a colon", "x:a"),
        ("a name with a line end", "x\r\ny"), ("a name with a NUL", "x\0"), ("an empty name", ""),
        ("an unknown pseudo field", ":foo"), ("a name beyond ASCII", "x\xe9"),
    ]:
        request(name, with_field((field, "a")))
    for name, value in [
        ("a value with CR LF", "a\r\nx: y"), ("a value with LF", "a\nx: y"), ("a value with CR", "a\rb"),
        ("a value with a NUL", "a\0b"), ("a value that is a request", "a\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ]:
        request(name, with_field(("x-a", value)))
    for name, path in [
        ("a path with a space", "/ a"), ("a path with a version", "/ HTTP/1.1\r\nX: y\r\n\r\n"), ("a path with CR", "/\r"),
        ("a path with LF", "/\n"), ("a path with a NUL", "/\0"), ("an empty path", ""), ("a path without a slash", "a"),
        ("a star", "*"), ("a whole address as a path", "https://a.test/"), ("a bad escape", "/%zz"), ("a path in brackets", "/<a>"),
    ]:
        request(name, replaced(":path", path))
    for name, method in [
        ("a method with a space", "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\nGET"), ("an empty method", ""),
        ("a method with a line end", "GET\r\n"), ("a method with a bracket", "GE(T"),
    ]:
        request(name, replaced(":method", method))
    for name, host in [
        ("an authority with a login", "evil@a.test"), ("an authority with a path", "a.test/b"), ("an authority with a space", "a.test b"),
        ("an authority with a line end", "a.test\r\nX: y"), ("an authority with a query", "a.test?b"),
    ]:
        request(name, replaced(":authority", host))
    request("a scheme that is an address", replaced(":scheme", "https://x/"))
    request("a scheme with a line end", replaced(":scheme", "https\r\nX: y"))
    for name in [":method", ":path"]:
        request(f"no {name}", [(key, value) for key, value in GET if key != name])
        request(f"two {name}", GET + [(name, "/")])
    request("no authority and no host", [(key, value) for key, value in GET if key != ":authority"])
    request("two authorities", GET + [(":authority", "b.test")])
    request("a pseudo field behind a field", GET[:3] + [("x-a", "a"), GET[3]])
    request("a status in a request", GET + [(":status", "200")])
    request("an authority and another host", with_field(("host", "b.test")))
    request("two hosts", with_field(("host", "a.test"), ("host", "b.test")))
    request("CONNECT", [(":method", "CONNECT"), (":authority", "127.0.0.1:22")])
    request("CONNECT with a path", replaced(":method", "CONNECT"))
    request("CONNECT for a WebSocket", replaced(":method", "CONNECT") + [(":protocol", "websocket")])


def lengths():
    """Bodies that are not as long as announced."""
    length = lambda value: POST + [("content-length", value)]
    request("a length and no body", length("5"))
    request("a body that is too short", length("5"), [data(b"abc")])
    request("a body that is too long", length("3"), [data(b"abcGET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n")])
    request("a body where none is announced", length("0"), [data(b"abc")])
    request("a length that is none", length("abc"), [data(b"abc")])
    request("a length with a plus", length("+3"), [data(b"abc")])
    request("an empty length", length(""), [data(b"abc")])
    request("two lengths that differ", length("3") + [("content-length", "4")], [data(b"abc")])
    request("trailers with a pseudo field", POST, [data(b"abc", end=False)], lambda client: [client.headers([(":path", "/b")])])
    request("trailers that do not end the stream", POST, [data(b"abc", end=False)], lambda client: [client.headers([("x", "y")], end=False)])


def frames():
    """Frames that may not stand where they do."""
    def on(name, *sent, stream=1, after=False):
        client = Client()
        head = [client.headers(POST, end=False)] if after else []
        client.send(*head, *[one(client) if callable(one) else one for one in sent])
        tell(name, client.outcome(stream))

    raw = lambda kind, flags, stream, body: struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body
    on("DATA on stream 0", raw(0, 0, 0, b"abc"))
    on("HEADERS on stream 0", lambda client: raw(1, 5, 0, client.encoder.encode(GET)))
    on("HEADERS on an even stream", lambda client: client.headers(GET, stream=2), stream=2)
    on("DATA on an idle stream", data(b"abc"))
    on("RST_STREAM on an idle stream", RstStreamFrame(1, 8))
    on("WINDOW_UPDATE of 0 for the connection", raw(8, 0, 0, bytes(4)))
    on("WINDOW_UPDATE over the limit", raw(8, 0, 0, b"\x7f\xff\xff\xff"))
    on("WINDOW_UPDATE of another length", raw(8, 0, 0, b"abc"))
    on("SETTINGS of another length", raw(4, 0, 0, b"abc"))
    on("SETTINGS on a stream", raw(4, 0, 1, b""))
    on("SETTINGS that are acknowledged with a body", raw(4, 1, 0, bytes(6)))
    on("a window over the limit", raw(4, 0, 0, struct.pack(">HI", 4, 1 << 31)))
    on("frames of no size", raw(4, 0, 0, struct.pack(">HI", 5, 1)))
    on("PUSH_PROMISE of a client", raw(5, 4, 1, b"\0\0\0\2" + b"\x82"))
    on("CONTINUATION of nothing", raw(9, 4, 1, b"\x82"))
    on("a frame between HEADERS and CONTINUATION", lambda client: client.headers(GET, whole=False), PingFrame(0, b"12345678"))
    on("PING of another length", raw(6, 0, 0, b"abc"))
    on("PING on a stream", raw(6, 0, 1, bytes(8)))
    on("a frame of 20 KB", raw(0, 0, 1, bytes(20000)), after=True)
    on("more padding than there is", raw(0, 8, 1, b"\xffabc"), after=True)
    on("a compressed field that is nowhere", raw(1, 5, 1, b"\xff\xff\xff\xff\x7f"))
    on("a compressed field that breaks off", raw(1, 5, 1, b"\x00\x7f\x80"))
    on("a table that is too large", raw(1, 5, 1, b"\x3f\xff\xff\xff\x07"))
    on("an older stream", lambda client: client.headers(GET[:3] + [(":path", "/early")], stream=5), lambda client: client.headers(GET, stream=3), stream=3)
    client = Client(preface=b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")
    tell("another preface", client.outcome())
    client = Client(preface=b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", settings=False)
    tell("HTTP/1.1 where HTTP/2 was agreed on", client.outcome())


def floods():
    """Much of what costs the server more than the client."""
    def flood(name, frames, fields=None):
        client = Client()
        if fields:
            client.send(client.headers(fields, end=False))
        for part in frames(client):
            if not client.send(part):
                break
        # What is answered to one of the streams may come before the end of the connection.
        tell(name, client.outcome(stream=0), "not asked")

    def rapid_reset(client):
        first = client.headers(GET, 1).serialize() + RstStreamFrame(1, 8).serialize()
        yield first
        for start in range(3, 20000, 200):
            streams = range(start, start + 200, 2)
            yield b"".join(client.headers(GET, one).serialize() + RstStreamFrame(one, 8).serialize() for one in streams)

    def continuation(client):
        yield client.headers(GET, whole=False)
        for _ in range(20000):
            yield ContinuationFrame(1, b"\x00\x01a\x01b" * 200)

    def empty_continuation(client):
        yield client.headers(GET, whole=False)
        for _ in range(500):
            yield ContinuationFrame(1, b"").serialize() * 200

    def made_you_reset(client):
        for stream in range(1, 20000, 2):
            zero = struct.pack(">I", 4)[1:] + b"\x08\x00" + struct.pack(">I", stream) + bytes(4)
            yield client.headers(POST, stream, end=False).serialize() + zero

    def made_you_reset_by_windows(client):
        for stream in range(1, 20000, 2):
            yield client.headers(POST, stream, end=False).serialize() + WindowUpdateFrame(stream, 0x7FFFFFFF).serialize()

    def empty_data(_):
        for _ in range(500):
            yield DataFrame(1, b"").serialize() * 200

    def large_list(client):
        field = [("x-a", "a" * 8000)]
        yield client.headers(GET, whole=False)
        for _ in range(130):
            yield ContinuationFrame(1, client.encoder.encode(field, huffman=False))
        yield ContinuationFrame(1, b"", flags=["END_HEADERS"])

    def bomb(client):
        yield client.headers(with_field(("x-a", "a" * 3000)), 1)
        index = client.encoder.encode([("x-a", "a" * 3000)])
        block = client.encoder.encode(GET) + index * 10000
        yield HeadersFrame(3, block, flags=["END_STREAM", "END_HEADERS"])

    flood("rapid reset", rapid_reset)
    flood("CONTINUATION without end", continuation)
    flood("empty CONTINUATION without end", empty_continuation)
    flood("resets by windows of 0", made_you_reset)
    flood("resets by windows over the limit", made_you_reset_by_windows)
    flood("empty DATA", empty_data, POST)
    flood("a header of 1 MB", large_list)
    flood("a field of 3 KB ten thousand times", bomb)
    streams()
    for name, frame in [("SETTINGS", SettingsFrame(0, {3: 100})), ("PING", PingFrame(0, b"12345678")), ("PRIORITY", None)]:
        unread(name, frame)


def streams():
    """More streams than there may be at once: those beyond are refused, and none is lost."""
    client = Client()
    for stream in range(1, 802, 2):
        client.send(client.headers(POST, stream, end=False))
    client.send(PingFrame(0, b"12345678"))
    refused = 0
    while not isinstance(frame := client.frame(), PingFrame):
        refused += isinstance(frame, RstStreamFrame) and frame.error_code == 7
    tell("400 streams at once", "some are refused" if refused >= 100 else f"{refused} are refused", "not asked")


def unread(name, frame):
    """A client that sends what is answered, and reads no answers."""
    if frame is None:
        flood = b"\x00\x00\x05\x02\x00\x00\x00\x00\x01\x00\x00\x00\x03\x10" * 1000
    else:
        flood = frame.serialize() * 1000
    client = Client()
    client.socket.settimeout(2)
    sent = 0
    try:
        while sent < 200:
            client.socket.sendall(flood)
            sent += 1
    except OSError:
        pass
    tell(f"{name} that are not waited for", "bounded", "not asked")
    client.socket.close()


def kept():
    """What must go on as it is."""
    client = Client()
    client.send(client.headers(with_field(("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers"), ("x_user", "admin"))))
    outcome = client.outcome()
    head = seen[0].decode().split("\r\n") if seen else []
    names = ("cookie", "x_user", "te", "via", "host", "transfer-encoding")
    fields = sorted(line for line in head[1:] if line.lower().split(":")[0] in names)
    tell("cookies in crumbs", outcome, " | ".join(head[:1] + fields))
    client = Client()
    client.send(client.headers(with_field(("host", "a.test"))))
    tell("an authority and the same host", client.outcome(), f"{len(seen)} request")
    client = Client()
    client.send(GoAwayFrame(0, 0, 0), client.headers(GET))
    tell("a request behind GOAWAY", client.outcome() in ("200", "closed"), "not asked")
    client = Client()
    client.send(b"\x00\x00\x03\xfa\x00\x00\x00\x00\x00abc", client.headers(GET))
    tell("a frame of an unknown kind", client.outcome(), f"{len(seen)} request")


threading.Thread(target=upstream, daemon=True).start()
kept()
before = memory()
for part in (malformed, lengths, frames, floods):
    part()
growth = memory() - before
seen.clear()
client = Client()
client.send(client.headers(GET))
tell("a request after all that", client.outcome(), f"{len(seen)} request")
print("memory: bounded" if growth < GROWTH else f"memory: {growth} bytes more")
