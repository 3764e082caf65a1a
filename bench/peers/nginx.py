# SPDX-License-Identifier: MIT
"""Becomes an nginx that answers requests for /file with a file of 1 MiB, or with "hello, world", or those for /headers with
their last field: nginx.py FOLDER [hello|headers] PORT. One process, no log, nothing that a request does not need; it
writes its process id into FOLDER."""
import os
import sys

CONF = """
daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events {{ worker_connections 16384; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 300;
  client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
  server {{ listen 127.0.0.1:{port} backlog=4096; location = {path} {{ {answer} }} }}
}}
"""


def in_memory(name, content):
    """The path of a file for the process that this one becomes."""
    fd = os.memfd_create(name, 0)
    os.write(fd, content)
    return f"/proc/self/fd/{fd}"


folder, *what, port = sys.argv[1:]
path = "/headers" if what == ["headers"] else "/file"
if what:
    text = {"hello": '"hello, world\\n"', "headers": "$http_x_header_099"}[what[0]]
    answer = f"default_type text/plain; return 200 {text};"
else:
    answer = f'alias {in_memory("one_mebibyte", bytes(1024 * 1024))};'
conf = in_memory("conf", CONF.format(port=port, path=path, answer=answer).encode())
os.execvp("nginx", ["nginx", "-e", "stderr", "-p", folder, "-c", conf])
