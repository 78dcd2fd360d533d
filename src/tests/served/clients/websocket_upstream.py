"""An upstream for the suite: echoes, and does what paths ask for. Prints the port on which it listens."""

import asyncio
import http

import websockets.asyncio.server


async def talk(socket):
    path = socket.request.path
    if path == "/close":
        await socket.close(4001, "go away")
        return
    if path == "/break":
        socket.transport.abort()
        return
    async for message in socket:
        await socket.send(message)


def refuse(connection, request):
    if request.path == "/refuse":
        return connection.respond(http.HTTPStatus.UNAUTHORIZED, "who are you?\n")
    return None


def choose(_, offered):
    return next((name for name in offered if name in ["chat", "other"]), None)


async def main():
    server = await websockets.asyncio.server.serve(
        talk,
        "127.0.0.1",
        0,
        process_request=refuse,
        select_subprotocol=choose,
        max_size=32 * 2**20,
        ping_interval=None,
        close_timeout=0.2,
        backlog=2000,
    )
    print(server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
