# SPDX-License-Identifier: MIT
# S149: upgrading a plain connection
import ssl
import subprocess
import tempfile

from prelude import *


async def main(folder):
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(folder + "/c", folder + "/k")
    client_context = ssl.create_default_context(cafile=folder + "/c")

    async def serve(r, w):
        w.write(b"ready " + await r.readline())
        await w.drain()
        await w.start_tls(server_context)
        w.write(b"secure " + await r.readline())
        await w.drain()
        w.close()

    async with await start_server(serve, "127.0.0.1", 0) as s:
        r, w = await open_connection(*s.sockets[0].getsockname())
        w.write(b"STARTTLS\n")
        print(await r.readline())
        await w.start_tls(client_context, server_hostname="localhost")
        w.write(b"hello\n")
        print(await r.readline(), w.get_extra_info("cipher") is not None)
        w.close()


with tempfile.TemporaryDirectory() as folder:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*command.split(), "-keyout", folder + "/k", "-out", folder + "/c"], check=True, capture_output=True)
    run(main(folder))
