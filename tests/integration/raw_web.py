# SPDX-License-Identifier: MIT
"""A web server whose answers are raw bytes, right or wrong, and that keeps what it was asked."""

import socket
import threading

import program


class RawWeb:
    """Answers the path of each request by what `answers` has for it: bytes, after which the connection is closed, or a
    function that is given the connection. All that came is in `requests`, head and body as far as the head gives its
    length."""

    def __init__(self, test, answers):
        self.answers = answers
        self.requests = []  # (head as text, body)
        self.closed = threading.Event()  # a client has gone while it asked, or was answered
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.threads = []
        self.accepter = threading.Thread(target=self._accept)
        self.accepter.start()
        test.addCleanup(self._stop)

    def _stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepter.join()
        self.listener.close()
        for thread in self.threads:
            thread.join()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=[connection])
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection):
        with connection:
            connection.settimeout(program.TIME_LIMIT)
            try:
                head, body = self._receive(connection)
                self.requests.append((head, body))
                answer = self.answers[head.split(" ")[1]]
                if callable(answer):
                    answer(connection)
                else:
                    connection.sendall(answer)
            except OSError:
                self.closed.set()

    @staticmethod
    def _receive(connection):
        received = b""

        def more():
            nonlocal received
            piece = connection.recv(1 << 16)
            if not piece:
                raise ConnectionError("the client has gone")
            received += piece

        while b"\r\n\r\n" not in received:
            more()
        head = received.partition(b"\r\n\r\n")[0]
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(received) < len(head) + 4 + int(fields.get(b"content-length", 0)):
            more()
        while fields.get(b"transfer-encoding") == b"chunked" and not received.endswith(b"0\r\n\r\n"):
            more()
        return head.decode("latin-1"), received[len(head) + 4 :]

    def fields(self, index=-1):
        """Those of a request: names in small letters, and lists of values."""
        found = {}
        for line in self.requests[index][0].split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            found.setdefault(name.lower(), []).append(value)
        return found


def page(body, *fields, status="200 OK"):
    """A whole answer."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "Connection: close"]
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n" + body


def endless(connection):
    """A body that never ends."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")


def silent(connection):
    """Nothing at all, until the client goes."""
    connection.recv(1)
