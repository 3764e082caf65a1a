# SPDX-License-Identifier: MIT
"""What servers of each kind are sent, and what web servers must answer."""
import json
import re
import struct

HEADERS = 100  # fields of a request with many


def message_of(size):
    """ "<length>\\n<body>", so that servers of that protocol take it, too."""
    body = next(body for body in range(size, -1, -1) if body + len(str(body)) + 1 <= size)
    return b"%d\n" % body + b"x" * body


def request_of(size):
    """A request for a file, so long; servers of files without HTTP take it, too."""
    start, end = b"GET /file HTTP/1.1\r\nHost: aio\r\nFiller: ", b"\r\n\r\n"
    return start + b"x" * (size - len(start) - len(end)) + end


def get_request(path, *fields):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: aio", *fields, "\r\n"]).encode()


def headers_request(_):
    """A request with many fields; the value of the last one, of 13 bytes, is the answer."""
    return get_request("/headers", *(f"X-Header-{number:03}: the value {number:03}" for number in range(HEADERS)))


def document(size):
    """An object of so many bytes of JSON: texts, numbers, an array of objects."""
    def text(filler):
        items = [{"id": number, "name": f"item {number}", "price": number + 0.25, "tags": ["tea", "green"],
                  "sold": number % 2 == 0, "note": None} for number in range(10)]
        return json.dumps({"items": items, "filler": filler}, separators=(",", ":"))
    return text("x" * (size - len(text("")))).encode()


def json_request(size):
    """A document that is echoed."""
    body = document(size)
    return (f"POST /json HTTP/1.1\r\nHost: aio\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def websocket_frame(size, key=b"\x37\xfa\x21\x3d"):
    """A message of bytes, as a client sends it."""
    length = struct.pack(">BH", 0x80 | 126, size) if size < 1 << 16 else struct.pack(">BQ", 0x80 | 127, size)
    return b"\x82" + length + key + bytes(ord("x") ^ key[i % 4] for i in range(size))


def websocket_echo(size):
    """How many bytes that comes back as: without the key."""
    return len(websocket_frame(size)) - 4


REQUESTS = {
    "json": json_request,
    "headers": headers_request,
    "hello": lambda _: get_request("/hello"),
    "compute": lambda _: get_request("/compute"),
}


def message_for(row, size=0):
    """What a server is sent in that row; `size` instead of the row's, if it is given."""
    size = size or row.size
    if row.kind == "websocket":
        return websocket_frame(size)
    if row.request:
        return REQUESTS[row.request](size)
    return request_of(size) if row.answer else message_of(size)


def content_length(head):
    """Of the head of an answer; None if it has none."""
    field = re.search(rb"\r\ncontent-length: *(\d+)\r\n", head, re.I)
    return int(field[1]) if field else None


def is_right(row, message, body):
    """Whether that body answers the message."""
    if row.request == "json":
        return json.loads(body) == json.loads(message.partition(b"\r\n\r\n")[2])
    return len(body) == row.answer
