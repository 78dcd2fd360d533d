"""PyPI's websockets: websocket_client.py URL ROOT TOKEN"""

import sys

import websockets
from websockets.sync.client import connect

from names import trust

url, root, token = sys.argv[1:]
context = trust(root)

try:
    connect(url, ssl=context, proxy=None)
except websockets.InvalidStatus as error:
    print("refused with", error.response.status_code)

headers = {"Authorization": f"Bearer {token}"}
with connect(url, ssl=context, proxy=None, additional_headers=headers) as socket:
    for message in ("one", "two"):
        socket.send(message)
        print(socket.recv())
print("closed with", socket.close_code)
