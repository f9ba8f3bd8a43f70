"""An app with static files, which its visitor can make say anything. Run as a program: address, port, token.

GET, HEAD /<name>   a file of FILES, or whatever it was made to be; ranges of it, too
POST /<name>        the body is that file from now on
GET /asked          how often a visitor asked for each file, as JSON
"""

import json
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

FOREVER = "public, max-age=31536000, immutable"

APP, BIG, DAILY, OWN, COOKIE, PLAIN = (
    "app.0a1b2c3d.js",
    "big.1a2b3c4d.wasm",
    "daily.2a2b3c4d.css",
    "own.3a2b3c4d.js",
    "cookie.4a2b3c4d.js",
    "plain.js",
)

CODE = b"'the code of the image'"

FILES = {
    f"/{APP}": CODE,
    f"/{BIG}": bytes(range(256)) * 20_000,
    f"/{DAILY}": b"body{}",
    f"/{OWN}": b"token = '%b'" % sys.argv[-1].encode(),
    f"/{COOKIE}": b"'hello'",
    f"/{PLAIN}": b"'it may change'",
}

FIELDS = {f"/{DAILY}": {"Cache-Control": "no-cache"}, f"/{COOKIE}": {"Set-Cookie": "who=me"}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: ClassVar[Counter[str]] = Counter()

    def do_GET(self) -> None:
        if self.path == "/asked":
            self.answer(200, json.dumps(self.asked).encode())
            return
        self.asked[self.path] += "X-Forwarded-For" in self.headers
        body = FILES.get(self.path)
        if body is None:
            self.answer(200 if self.path == "/" else 404, b"")
        elif (wanted := self.headers.get("Range")) is not None:
            first, last = wanted.removeprefix("bytes=").split("-")
            self.answer(206, body[int(first) : int(last) + 1])
        else:
            told = {"Cache-Control": FOREVER, "ETag": '"1"', "X-Own-Field": "kept"}
            self.answer(200, body, told | FIELDS.get(self.path, {}))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        FILES[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
        """Say nothing."""

    def answer(self, status: int, body: bytes, fields: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (fields or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler)
    server.daemon_threads = True
    server.serve_forever()
