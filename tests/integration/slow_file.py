# SPDX-License-Identifier: MIT
"""A file that comes slowly, for command_test.py."""

import http.server
import re
import threading
import time


class SlowFile:
    """A server in Python that sends a file slowly, and parts of it."""

    def __init__(self, test, content):
        outer = self
        self.fast, self.ranges, self.shift = False, [], 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                begin = int(re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "bytes=0-"))[1])
                outer.ranges.append(begin)
                begin += outer.shift if begin else 0
                self.send_response(206 if begin else 200)
                self.send_header("ETag", '"one"')
                self.send_header("Content-Length", str(len(content) - begin))
                if begin:
                    self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
                self.end_headers()
                try:
                    for at in range(begin, len(content), 50_000):
                        self.wfile.write(content[at:at + 50_000])
                        if not outer.fast:
                            time.sleep(0.05)
                except OSError:
                    pass  # the client has gone

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        test.addCleanup(server.server_close)
        test.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_address[1]}/slow.bin"
