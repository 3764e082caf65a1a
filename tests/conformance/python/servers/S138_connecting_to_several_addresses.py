# SPDX-License-Identifier: MIT
from prelude import *


since(3, 12)  # all_errors


async def main():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    try:
        await open_connection("127.0.0.1", port)
    except OSError as e:
        print(type(e).__name__)
    try:
        await open_connection("127.0.0.1", port, all_errors=True)
    except ExceptionGroup as e:
        print(e.message, [type(error).__name__ for error in e.exceptions])
    try:
        await open_connection("127.0.0.1", port, happy_eyeballs_delay=0.1)
    except OSError as e:
        print(type(e).__name__)


run(main())
