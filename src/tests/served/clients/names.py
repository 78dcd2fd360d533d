"""Names of the tests' hosts, and trust in the tests' CA."""

import socket
import ssl

_resolve = socket.getaddrinfo


def _on_loopback(host, *args, **kwargs):
    if host in ("ollama.example.com", b"ollama.example.com"):
        host = "127.0.0.1"
    return _resolve(host, *args, **kwargs)


def trust(root):
    """Sends the host of the guide to the loopback, and trusts one CA alone."""
    socket.getaddrinfo = _on_loopback
    return ssl.create_default_context(cafile=root)
