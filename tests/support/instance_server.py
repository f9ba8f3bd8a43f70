"""What test instances run: a server that executes the Python it is sent. Given to `python -c` as text, so it
needs nothing but the standard library.

    GET /    arguments and environment, as JSON
    POST /   the body is run; answers what it has put into `result`, as JSON
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    names: dict[str, Any] = {}  # noqa: RUF012 - kept from one request to the next on purpose

    def do_GET(self) -> None:
        self.answer({"argv": sys.argv[1:], "env": dict(os.environ)})

    def do_POST(self) -> None:
        source = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.names["result"] = None
        try:
            exec(source, self.names)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
            self.names["result"] = f"{type(error).__name__}: {error}"
        self.answer(self.names["result"])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
        """Its output is what it is told to write, and nothing else."""

    def answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler)
    server.daemon_threads = True
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    server.serve_forever()
