# SPDX-License-Identifier: MIT
# S148: TLS transports look like plain ones
import ssl
import subprocess
import tempfile

from prelude import *


async def main(folder):
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(folder + "/c", folder + "/k")
    client_context = ssl.create_default_context(cafile=folder + "/c")

    async def serve(r, w):
        w.write(await r.readline())
        w.close()

    async with await start_server(serve, "127.0.0.1", 0, ssl=server_context) as s:
        address = s.sockets[0].getsockname()
        r, w = await open_connection(*address, ssl=client_context, server_hostname="localhost")
        w.write(b"hi\n")
        print(await r.read(), w.can_write_eof(), w.get_extra_info("peercert")["subject"][0][0][1])
        print(w.get_extra_info("ssl_object") is not None, w.get_extra_info("cipher") is not None)
        limits = w.transport.get_write_buffer_limits()
        w.close()
        await w.wait_closed()
        try:
            await open_connection(*address, ssl=client_context, server_hostname="wrong")
        except ssl.SSLCertVerificationError as e:
            print(type(e).__name__, e.verify_code, e.verify_message)
    try:
        await open_connection("127.0.0.1", 1, server_hostname="x")
    except ValueError as e:
        print("ValueError", e)
    print(limits)


with tempfile.TemporaryDirectory() as folder:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*command.split(), "-keyout", folder + "/k", "-out", folder + "/c"], check=True, capture_output=True)
    run(main(folder))
