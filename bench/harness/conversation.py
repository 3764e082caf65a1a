# SPDX-License-Identifier: MIT
"""How a server of each kind is talked to when its calls, instructions and memory are counted."""
import contextlib
import resource
import socket
import ssl

from . import echo
from .messages import get_request


def connect(kind, port):
    """A connection to a server of the kind tcp, unix, http, websocket, tls or udp, on which a call takes at most 30 s."""
    if kind == "udp":
        connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        connection.connect(("127.0.0.1", port))
    else:
        connection = echo.connect_to(port)
    connection.settimeout(30)
    if kind == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = context.wrap_socket(connection)
    if kind == "websocket":
        shake_hands(connection)
    return connection


def shake_hands(connection):
    connection.sendall(get_request("/echo", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError("no WebSocket")
        head += byte


def receive(connection, size):
    while size > 0:
        data = connection.recv(min(size, 65536))
        if not data:
            raise ConnectionError("the server closed the connection")
        size -= len(data)


def allow_descriptors(count):
    """To this process, and to those that it starts from now on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 256)), hard))


def exchange(kind, port, connections, messages, message, answer):
    """Sends messages over connections that take turns, and waits for each answer, of that size."""
    allow_descriptors(connections)
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(contextlib.closing(connect(kind, port))) for _ in range(connections)]
        for _ in range(messages // connections):
            for peer in peers:
                peer.sendall(message)
            for peer in peers:
                receive(peer, answer)


def introduce(kind, port, connections, message, answer, stack):
    """Connections, which the stack closes, that have sent a message each; one after the other, as no queue of a server's
    takes all at once."""
    for _ in range(connections):
        peer = stack.enter_context(contextlib.closing(connect(kind, port)))
        peer.sendall(message)
        receive(peer, answer)
