"""A TCP proxy between the gateway and whom it sends to: it can cut what is under way, refuse for a while, and be slow."""

from __future__ import annotations

import asyncio
import contextlib

from gateway.demo.carriers import free_port


class Proxy:
    """Passes bytes to a port of loopback. `slow`: seconds that each piece takes; `down`: nobody is let in."""

    def __init__(self, to: int) -> None:
        self.port, self._to = free_port(), to
        self.slow, self.down = 0.0, False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)

    async def cut(self) -> int:
        """Reset every connection, in the middle of whatever it was saying; how many there were."""
        count = 0
        for writer in list(self._open):
            writer.transport.abort()
            count += 1
        return count

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self.cut()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._open -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                if self.slow:
                    await asyncio.sleep(self.slow)
                writer.write(piece)
                await writer.drain()
        writer.close()
