"""An upstream that echoes over WebSocket and prints the port on which it listens."""

import websockets.sync.server


def echo(socket):
    for message in socket:
        socket.send(f"echoed: {message}")


with websockets.sync.server.serve(echo, "127.0.0.1", 0) as server:
    print(server.socket.getsockname()[1])
    server.serve_forever()
