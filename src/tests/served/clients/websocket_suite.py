"""Speaks WebSocket well and badly to `ws://HOST:PORT`, and prints what comes back: the same, whatever is between."""

import asyncio
import base64
import hashlib
import os
import socket
import struct
import sys

import websockets.asyncio.client
import websockets.sync.client

host, port = sys.argv[1].removeprefix("ws://").split(":")
address = (host, int(port))
url = sys.argv[1]
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
FIN = 0x80


class Raw:
    """A connection on which any bytes can be sent."""

    def __init__(self, path="/", fields=""):
        self.socket = socket.create_connection(address, timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: ws.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{fields}\r\n".encode()
        )
        self.file = self.socket.makefile("rb")
        self.status = self.file.readline().decode().split(" ")[1]
        self.header = {}
        while line := self.file.readline().decode().strip():
            name, value = line.split(": ", 1)
            self.header[name.lower()] = value

    def send(self, first, payload=b"", masked=True, length=None):
        length = len(payload) if length is None else length
        mask_bit = 0x80 if masked else 0
        if length < 126:
            head = struct.pack(">BB", first, mask_bit | length)
        elif length < 65536:
            head = struct.pack(">BBH", first, mask_bit | 126, length)
        else:
            head = struct.pack(">BBQ", first, mask_bit | 127, length)
        if masked:
            mask = os.urandom(4)
            payload = mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.socket.sendall(head + payload)

    def frame(self):
        """The next frame, in words."""
        try:
            head = self.file.read(2)
            if len(head) < 2:
                return "end"
            length = head[1] & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", self.file.read(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self.file.read(8))
            payload = self.file.read(length)
        except OSError as error:
            return type(error).__name__
        if head[0] & 0x0F == CLOSE and payload:
            return f"close {struct.unpack('>H', payload[:2])[0]}"
        return f"{head[0]:#x} {payload[:40]!r} {len(payload)}"

    def frames(self, count):
        return [self.frame() for _ in range(count)]


def say(what, *values):
    print(what, *values, sep=": ")


def fragments():
    raw = Raw()
    raw.send(TEXT, b"one ")
    raw.send(FIN | PING, b"between")
    raw.send(0, "tw\u00f6 ".encode()[:3])
    raw.send(0, "tw\u00f6 ".encode()[3:])
    raw.send(FIN, b"three")
    say("fragments", raw.frames(2))
    raw.send(BINARY)
    for _ in range(50):
        raw.send(0, b"x")
    raw.send(FIN)
    say("many fragments", raw.frame())


def control_frames():
    raw = Raw()
    for payload in [b"", b"a", b"p" * 125]:
        raw.send(FIN | PING, payload)
    raw.send(FIN | PONG, b"nobody asked")
    raw.send(FIN | TEXT, b"still here")
    say("control frames", raw.frames(4))


def close_codes():
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999, 999, 1004, 1005, 1006, 5000]:
        raw = Raw()
        raw.send(FIN | CLOSE, struct.pack(">H", code) + b"bye")
        say(f"close {code}", raw.frames(2))
    for name, payload in [("without code", b""), ("with half a code", b"\x03"), ("with a bad reason", b"\x03\xe8\xff")]:
        raw = Raw()
        raw.send(FIN | CLOSE, payload)
        say(f"close {name}", raw.frames(2))


def bad_frames():
    bad = {
        "without a mask": lambda raw: raw.send(FIN | TEXT, b"a", masked=False),
        "reserved opcode": lambda raw: raw.send(FIN | 3, b"a"),
        "reserved control": lambda raw: raw.send(FIN | 11, b"a"),
        "reserved bit": lambda raw: raw.send(FIN | 0x40 | TEXT, b"a"),
        "fragmented ping": lambda raw: raw.send(PING, b"a"),
        "long ping": lambda raw: raw.send(FIN | PING, b"a" * 126),
        "nothing to continue": lambda raw: raw.send(FIN, b"a"),
        "text within text": lambda raw: (raw.send(TEXT, b"a"), raw.send(FIN | TEXT, b"b")),
        "no UTF-8": lambda raw: raw.send(FIN | TEXT, b"\xff\xfe"),
        "too large": lambda raw: raw.send(FIN | BINARY, b"a", length=2**40),
        "no frame at all": lambda raw: raw.socket.sendall(b"GET / HTTP/1.1\r\n\r\n"),
    }
    for name, send in bad.items():
        raw = Raw()
        send(raw)
        say(f"bad frame, {name}", raw.frames(2))


def half_close():
    raw = Raw()
    raw.send(FIN | TEXT, b"last words")
    raw.socket.shutdown(socket.SHUT_WR)
    say("half close", raw.frames(3))
    raw = Raw()
    raw.socket.sendall(b"\x81")
    raw.socket.shutdown(socket.SHUT_WR)
    say("half close in a frame", raw.frames(2))


def handshakes():
    say("closed by the upstream", Raw("/close").frames(1))
    say("broken by the upstream", Raw("/break").frame())
    refused = Raw("/refuse")
    say("refused", refused.status, refused.file.read(13))
    chosen = Raw("/", "Sec-WebSocket-Protocol: none, other\r\n")
    say("protocol", chosen.status, chosen.header.get("sec-websocket-protocol"))
    offered = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    say("extension", Raw("/", offered).header.get("sec-websocket-extensions"))
    early = Raw()
    early.send(FIN | TEXT, b"a")
    say("accepted", early.status, early.header["upgrade"].lower(), early.frame())


def large():
    sent = os.urandom(2**20) * 16
    text = "gr\u00f6\u00dfer " * 200_000
    for compression in ["deflate", None]:
        with websockets.sync.client.connect(url, max_size=2**25, compression=compression, proxy=None) as client:
            for message in [sent, text, "", b""]:
                client.send(message)
                received = client.recv()
                size = len(received)
                say(f"large with {compression}", size, received == message)
            names = [extension.name for extension in client.protocol.extensions]
            say("extensions", names)
        say("closed", client.close_code)


async def one(number, meet):
    async with websockets.asyncio.client.connect(url, open_timeout=60, ping_interval=None, proxy=None) as client:
        await client.send(f"first {number}")
        first = await client.recv()
        await meet.wait()
        await client.send(b"second" * number)
        second = await client.recv()
        return first == f"first {number}" and second == b"second" * number


async def many():
    count = 1000
    meet = asyncio.Barrier(count)
    answers = await asyncio.gather(*(one(number, meet) for number in range(count)))
    say("at once", sum(answers))


for scenario in [fragments, control_frames, close_codes, bad_frames, half_close, handshakes, large]:
    scenario()
asyncio.run(many())
