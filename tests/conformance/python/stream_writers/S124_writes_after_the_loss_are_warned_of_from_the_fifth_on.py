# SPDX-License-Identifier: MIT
from prelude import *


class Warnings(logging.Handler):
    count = 0

    def emit(self, record):
        self.count += record.levelno == logging.WARNING


async def main():
    async def serve(r, w):
        w.close()

    logging.disable(logging.NOTSET)
    warnings = Warnings()
    logging.getLogger("asyncio").addHandler(warnings)
    s = await start_server(serve, "127.0.0.1", 0)
    r, w = await connect_to(s)
    w.transport.abort()
    await w.wait_closed()
    for i in range(6):
        w.write(b"x")
        print(i + 1, warnings.count)
    s.close()


run(main())
