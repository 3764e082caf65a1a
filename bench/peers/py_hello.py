# SPDX-License-Identifier: MIT
"""aiohttp's web server: py_hello.py LOOP PORT, where LOOP is asyncio or uvloop."""
import sys

from aiohttp import web


async def hello(request):
    return web.Response(text="hello, world\n")


loop, port = sys.argv[1:]
if loop == "uvloop":
    import uvloop
    uvloop.install()
app = web.Application()
app.router.add_get("/file", hello)
web.run_app(app, host="127.0.0.1", port=int(port), print=None, access_log=None)
