"""A stand-in for Bedrock that costs next to nothing itself, so that what is measured is the client.

Answers any POST of `/model/<id>/invoke` after `latency` with a PNG of about 1.5 MB, another one every time, in the
Stability response; quotas are the emulator's (`prodimg_lab.emulator.quotas`). `GET /log` gives the counts,
`POST /reset` forgets them and the quotas. Signatures are not looked at: the emulator is there for that.

    python benchmarks/standin.py --latency 0.5 --quota bucket:300/min:25
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import itertools
import json
import struct
import time
import zlib
from dataclasses import dataclass, field

import numpy as np

from prodimg_lab.emulator.quotas import Gate, parsed_quota


def chunk(name: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_head(side: int = 1024, size: int = 1_500_000) -> bytes:
    """A PNG of `side`² without its end: a smooth picture with so much noise that it comes to about `size` bytes."""
    chance = np.random.default_rng(7)
    y, x = np.mgrid[0:side, 0:side] / side
    smooth = np.stack([200 - 60 * y, 190 - 50 * x, 180 - 40 * x * y], axis=-1)
    noise = chance.normal(0.0, 1.0, smooth.shape)
    for amplitude in np.arange(1.0, 12.0, 0.5):
        pixels = np.clip(smooth + amplitude * noise, 0, 255).astype(np.uint8)
        rows = np.concatenate([np.full((side, 1), 1, np.uint8), _left_differences(pixels)], axis=1)
        packed = zlib.compress(rows.tobytes(), 3)
        if len(packed) >= size:
            break
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed)
    missing = -len(head) % 3
    return head + (chunk(b"tEXt", b"pad\0" + b" " * ((missing - 16) % 3)) if missing else b"")


def _left_differences(pixels: np.ndarray) -> np.ndarray:
    """PNG's filter 1."""
    shifted = np.zeros_like(pixels)
    shifted[:, 1:] = pixels[:, :-1]
    return (pixels - shifted).reshape(pixels.shape[0], -1)


@dataclass
class StandIn:
    """The server. `calls`, `refused` and `answered` count."""

    latency_s: float
    gate: Gate
    head: bytes = field(default_factory=lambda: base64.b64encode(png_head()))
    calls: int = 0
    refused: int = 0
    answered: int = 0
    connections: int = 0
    first: float = 0.0
    last: float = 0.0
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept open."""
        self.connections += 1
        try:
            while line := await reader.readline():
                method, path, _ = line.decode().split(" ", 2)
                size = 0
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        size = int(value)
                await reader.readexactly(size)
                await self._answer(method, path, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, writer: asyncio.StreamWriter) -> None:
        if path == "/log":
            names = ("calls", "refused", "answered", "connections", "first", "last")
            await _reply(writer, 200, [json.dumps({name: getattr(self, name) for name in names}).encode()])
        elif path == "/reset":
            self.calls = self.refused = self.answered = self.connections = 0
            self.first = self.last = 0.0
            self.gate.reset()
            await _reply(writer, 200, [b"{}"])
        else:
            await self._invoke(path, writer)

    async def _invoke(self, path: str, writer: asyncio.StreamWriter) -> None:
        self.first = self.first or time.monotonic()
        self.calls += 1
        if not self.gate.lets_through(path):
            self.refused += 1
            body = b'{"message":"Too many requests, please wait before trying again."}'
            await _reply(writer, 429, [body], b"x-amzn-ErrorType: ThrottlingException\r\n")
            return
        await asyncio.sleep(self.latency_s)
        number = b"n\0%09d" % next(self._numbers)
        tail = base64.b64encode(chunk(b"tEXt", number) + chunk(b"IEND", b""))
        await _reply(writer, 200, [b'{"seeds":[7],"finish_reasons":[null],"images":["', self.head, tail, b'"]}'])
        self.answered += 1
        self.last = time.monotonic()


async def _reply(writer: asyncio.StreamWriter, status: int, body: list[bytes], more: bytes = b"") -> None:
    size = sum(map(len, body))
    head = (
        b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nx-amzn-RequestId: standin\r\n%sContent-Length: %d\r\n\r\n"
    )
    writer.writelines([head % (status, more, size), *body])
    await writer.drain()


async def main() -> None:
    """Serve until killed; the first line says where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--quota", action="append", default=[])
    options = parser.parse_args()
    standin = StandIn(options.latency, Gate(tuple(parsed_quota(text) for text in options.quota)))
    server = await asyncio.start_server(standin.serve, "127.0.0.1", 0, limit=1 << 20)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
