# SPDX-License-Identifier: MIT
"""How a server of each kind is talked to when its calls, instructions and memory are counted."""
import contextlib
import resource
import socket
import ssl

from . import echo


def message_of(size):
    """ "<length>\\n<body>", so that servers of that protocol take it, too."""
    body = next(body for body in range(size, -1, -1) if body + len(str(body)) + 1 <= size)
    return b"%d\n" % body + b"x" * body


def request_of(size):
    """A request for a file, so long; a web server takes it, too."""
    start, end = b"GET /file HTTP/1.1\r\nHost: aio\r\nX: ", b"\r\n\r\n"
    return start + b"x" * (size - len(start) - len(end)) + end


def connect(kind, port):
    """A connection to a server of the kind tcp, unix, tls or udp, on which a call takes at most 30 s."""
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
    return connection


def receive(connection, size):
    while size > 0:
        data = connection.recv(min(size, 65536))
        if not data:
            raise ConnectionError("the server closed the connection")
        size -= len(data)


def open_all(kind, port, count, stack):
    """That many connections, which the stack closes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 256)), hard))
    return [stack.enter_context(contextlib.closing(connect(kind, port))) for _ in range(count)]


def exchange(kind, port, connections, messages, size, answer=0):
    """Sends messages over connections that take turns, and waits for each echo; or for an answer of that size."""
    message = request_of(size) if answer else message_of(size)
    with contextlib.ExitStack() as stack:
        peers = open_all(kind, port, connections, stack)
        for _ in range(messages // connections):
            for peer in peers:
                peer.sendall(message)
            for peer in peers:
                receive(peer, answer or len(message))
