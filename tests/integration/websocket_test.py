# SPDX-License-Identifier: MIT
"""WebSockets of aio's and of others: python3-websockets and Python's aiohttp at either end, and nginx between."""

import subprocess
import unittest

import nginx
import program

DEBIANS_PYTHON = "/usr/bin/python3"  # whose packages they are

SIZES = "SIZES = [0, 1, 125, 126, 65535, 65536, 1_000_000]\n"
WEBSOCKETS_CLIENT = SIZES + """
import asyncio, sys, websockets
async def main(url, compression):
    async with websockets.connect(url, compression=compression, subprotocols=["echo"], max_size=None) as socket:
        assert socket.subprotocol == "echo"
        for size in SIZES:
            await socket.send("x" * size)
            assert await socket.recv() == "x" * size, size
            await socket.send(bytes(size))
            assert await socket.recv() == bytes(size), size
        async def pieces():
            for i in range(100): yield f"piece {i} "
        await socket.send(pieces())  # in fragments
        assert await socket.recv() == "".join([f"piece {i} " for i in range(100)])
        await (await socket.ping())
        try:
            await socket.send("x" * 5_000_000)
            await socket.recv()
        except websockets.ConnectionClosed as closed:
            assert closed.rcvd.code == 1009, closed
        else:
            assert False, "too large a message came back"
    async with websockets.connect(url, compression=compression) as socket:
        await socket.send("close, please")
        try:
            await socket.recv()
        except websockets.ConnectionClosed as closed:
            assert (closed.rcvd.code, closed.rcvd.reason) == (4000, "as you wish"), closed
    print("done")
asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
"""
AIOHTTP_CLIENT = SIZES + """
import asyncio, sys, aiohttp
async def main(url, compress):
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url, compress=compress, protocols=["echo"], heartbeat=5) as socket:
            assert socket.protocol == "echo"
            for size in SIZES:
                await socket.send_str("x" * size)
                assert await socket.receive_str() == "x" * size, size
                await socket.send_bytes(bytes(size))
                assert await socket.receive_bytes() == bytes(size), size
            await socket.send_str("close, please")
            message = await socket.receive()
            assert (message.type, message.data, message.extra) == (aiohttp.WSMsgType.CLOSE, 4000, "as you wish"), message
        async with session.ws_connect(url, compress=compress) as socket:
            assert await socket.close(code=4001) and socket.close_code == 4001
    print("done")
asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
"""
WEBSOCKETS_SERVER = """
import asyncio, websockets
async def echo(socket):
    async for message in socket:
        if message == "close, please": return await socket.close(4000, "as you wish")
        await socket.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, subprotocols=["echo"], max_size=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())
"""
AIOHTTP_SERVER = """
import asyncio
from aiohttp import web, WSMsgType
async def echo(request):
    socket = web.WebSocketResponse(protocols=["echo"], max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.data == "close, please": await socket.close(code=4000, message=b"as you wish")
        elif message.type == WSMsgType.TEXT: await socket.send_str(message.data)
        elif message.type == WSMsgType.BINARY: await socket.send_bytes(message.data)
    return socket
async def main():
    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Future()
asyncio.run(main())
"""


def missing(module):
    found = subprocess.run([DEBIANS_PYTHON, "-c", f"import {module}"], capture_output=True, check=False)
    return None if found.returncode == 0 else f"python3-{module} is not installed"


def python(script, *arguments):
    done = subprocess.run([DEBIANS_PYTHON, "-c", script, *arguments], capture_output=True, timeout=program.TIME_LIMIT, check=False)
    if done.returncode != 0 or done.stdout != b"done\n":
        raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}")


class Server(unittest.TestCase):
    def setUp(self):
        self.port = program.Served(self, "websocket_peer").port

    def test_websockets(self):
        if why := missing("websockets"):
            self.skipTest(why)
        python(WEBSOCKETS_CLIENT, f"ws://127.0.0.1:{self.port}/echo", "deflate")
        python(WEBSOCKETS_CLIENT, f"ws://127.0.0.1:{self.port}/echo")
        python(WEBSOCKETS_CLIENT, f"ws://127.0.0.1:{self.port}/plain", "deflate")

    def test_aiohttp(self):
        if why := missing("aiohttp"):
            self.skipTest(why)
        for bits in (0, 9, 15):
            python(AIOHTTP_CLIENT, f"ws://127.0.0.1:{self.port}/echo", str(bits))

    def test_behind_nginx(self):
        if not nginx.find_nginx():
            self.skipTest("nginx is not installed")
        if why := missing("websockets"):
            self.skipTest(why)

        def servers(port, _):
            return f"""server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://127.0.0.1:{self.port};
                    proxy_http_version 1.1;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection upgrade;
                }}
            }}"""

        front = nginx.Nginx(servers)
        self.addCleanup(front.stop)
        python(WEBSOCKETS_CLIENT, f"ws://127.0.0.1:{front.port}/echo", "deflate")


class Client(unittest.TestCase):
    def serve(self, script):
        process = subprocess.Popen([DEBIANS_PYTHON, "-c", script], stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return int(process.stdout.readline())

    def ask(self, port):
        for compress, how in (([], "plain"), (["compress"], "compressed")):
            status, output, errors = program.run("websocket_peer", f"ws://127.0.0.1:{port}/", *compress)
            self.assertEqual((status, errors), (0, ""))
            self.assertEqual(output, f"14 right, protocol echo, {how}, closed with 4000 as you wish\n")

    def test_websockets(self):
        if why := missing("websockets"):
            self.skipTest(why)
        self.ask(self.serve(WEBSOCKETS_SERVER))

    def test_aiohttp(self):
        if why := missing("aiohttp"):
            self.skipTest(why)
        self.ask(self.serve(AIOHTTP_SERVER))


if __name__ == "__main__":
    program.main()
