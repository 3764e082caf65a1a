# SPDX-License-Identifier: MIT
"""Python's WebSocket servers: py_websocket.py LIBRARY PORT, where LIBRARY is aiohttp or websockets. At /echo messages are
echoed, at /room everybody gets them."""
import asyncio
import sys


def serve_aiohttp(port):
    from aiohttp import WSMsgType, web

    members = set()

    async def echo(request):
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                await socket.send_bytes(message.data)
        return socket

    async def room(request):
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        members.add(socket)
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                for member in list(members):
                    await member.send_bytes(message.data)
        members.remove(socket)
        return socket

    app = web.Application()
    app.router.add_get("/echo", echo)
    app.router.add_get("/room", room)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


def serve_websockets(port):
    import websockets

    members = set()

    async def serve(socket, path):
        if path == "/room":
            members.add(socket)
        async for message in socket:
            if path == "/room":
                websockets.broadcast(members, message)
            else:
                await socket.send(message)
        members.discard(socket)

    async def main():
        async with websockets.serve(serve, "127.0.0.1", port, compression=None):
            await asyncio.Future()

    asyncio.run(main())


{"aiohttp": serve_aiohttp, "websockets": serve_websockets}[sys.argv[1]](int(sys.argv[2]))
