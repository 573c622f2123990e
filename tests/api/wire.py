"""In charge of requests to the byte, and of what comes back."""

import asyncio
import json

BODY = json.dumps({"query": "{ hello }"}).encode()
LAST = b"connection: close\r\n"


def request_of(body: bytes = BODY, *more: bytes, version: bytes = b"1.1") -> bytes:
    """A POST of the body, with more header lines."""
    head = b"POST /graphql HTTP/%b\r\nhost: x\r\ncontent-type: application/json\r\n" % version
    return head + b"".join(more) + b"content-length: %d\r\n\r\n" % len(body) + body


async def send(port: int, *chunks: bytes, pause_s: float = 0.05) -> bytes:
    """All that comes back over a connection of its own until the server closes it; the chunks are sent one by one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(pause_s)
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
