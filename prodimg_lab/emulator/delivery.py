"""How does an answer reach the client, or fail to on purpose?"""

from __future__ import annotations

import asyncio
import os
import socket
import struct

from aiohttp import web

from prodimg_lab.emulator.faults import Effect
from prodimg_lab.emulator.wire import JSON, MARK, Reply

POLL_S = 0.05
NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""C's struct linger: on, for no time at all."""
HALF_S = 0.1
"""How long half an answer is given to arrive before the connection is reset behind it."""


async def deliver(
    request: web.BaseRequest, reply: Reply, *, request_id: str, effect: Effect | None
) -> web.StreamResponse:
    """Send `reply`, unless `effect` says to cut, withhold or halve it."""
    headers = {"Content-Type": JSON, **reply.headers, "x-amzn-requestid": request_id, MARK: "1"}
    if effect is Effect.RESET_BEFORE:
        _reset(request)
        return web.Response()
    if effect is Effect.STALL:
        await _until_left(request)
        return web.Response()
    if effect in (Effect.RESET_MIDWAY, Effect.TRUNCATED):
        return await _half(request, reply, headers, reset=effect is Effect.RESET_MIDWAY)
    body = reply.body[: len(reply.body) // 2] if effect is Effect.HALF_JSON else reply.body
    return web.Response(status=reply.status, headers=headers, body=body)


async def _half(request: web.BaseRequest, reply: Reply, headers: dict[str, str], *, reset: bool) -> web.StreamResponse:
    """All headers, the true Content-Length, half of the body, and the end of the connection."""
    response = web.StreamResponse(status=reply.status, headers=headers)
    response.content_length = len(reply.body)
    response.force_close()
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2])
    if reset:
        await asyncio.sleep(HALF_S)
        _reset(request)
    elif request.transport is not None:
        request.transport.close()
    return response


def _reset(request: web.BaseRequest) -> None:
    """A true reset: no lingering, so that the peer gets RST instead of a polite end."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    transport.abort()


async def _until_left(request: web.BaseRequest) -> None:
    while request.transport is not None and not request.transport.is_closing():
        await asyncio.sleep(POLL_S)
