# SPDX-License-Identifier: MIT
"""The real Redis server, for tests."""

import shutil
import subprocess
import tempfile

import program


class RealServer:
    """Debian's redis-server: a folder and a port of its own, nothing kept, ended by its process id."""

    def __init__(self, test):
        if not shutil.which("redis-server"):
            raise AssertionError("redis-server is not installed (./dev setup)")
        folder = tempfile.TemporaryDirectory(prefix="aio-redis-")
        test.addCleanup(folder.cleanup)
        for _ in range(10):  # somebody else may take the port before it does
            self.port = program.free_port()
            options = f"--port {self.port} --bind 127.0.0.1 --dir {folder.name} --appendonly no --save"
            self.process = subprocess.Popen(
                ["redis-server", *options.split(), ""], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
            )
            test.addCleanup(self.stop, self.process)
            lines = []
            while line := self.process.stdout.readline().decode():
                lines.append(line)
                if "eady to accept connections" in line:
                    return
        raise AssertionError("redis-server does not start:\n" + "".join(lines))

    @staticmethod
    def stop(process):
        process.terminate()
        try:
            process.communicate(timeout=program.TIME_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
