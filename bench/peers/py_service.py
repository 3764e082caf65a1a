# SPDX-License-Identifier: MIT
"""aiohttp's web server with more to do: py_service.py LOOP FILE PORT, where LOOP is asyncio or uvloop."""
import sys

from aiohttp import web

loop, path, port = sys.argv[1:]


async def json(request):
    return web.json_response(await request.json())


async def headers(request):
    return web.Response(text=request.headers["X-Header-099"])


async def file(request):
    return web.FileResponse(path)


if loop == "uvloop":
    import uvloop
    uvloop.install()
app = web.Application()
app.router.add_post("/json", json)
app.router.add_get("/headers", headers)
app.router.add_get("/file", file)
web.run_app(app, host="127.0.0.1", port=int(port), print=None, access_log=None)
