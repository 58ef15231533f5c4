"""A line to PostgreSQL that breaks or holds up a commit when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

from sqlalchemy.engine import make_url

SOCKET = ".s.PGSQL.5432"


class Break(StrEnum):
    BEFORE_COMMIT = "the server never hears of the commit"
    AFTER_COMMIT = "the server commits and its answer is lost"


class BrokenLine:
    """Stands between the bot and the server. A commit waits for `may_commit`; the next one breaks it as `at` says.

    With `about`, the next one of a transaction in which that was said.
    """

    def __init__(self, server: Path) -> None:
        self._server = server
        self.at: Break | None = None
        self.about = b""
        self.broken = asyncio.Event()
        self.stays_down = False
        """After the break nothing comes through any more."""
        self.commit_arrived = asyncio.Event()
        self.may_commit = asyncio.Event()
        self.may_commit.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(str(self._server))
        answers = asyncio.create_task(_pump(from_server, writer))
        said = b""
        try:
            while data := await reader.read(65_536):
                said += data
                if b"COMMIT;" in data:
                    self.commit_arrived.set()
                    await self.may_commit.wait()
                    if self.at is not None and self.about in said:
                        where, self.at = self.at, None
                        if where is Break.AFTER_COMMIT:
                            answers.cancel()
                            await asyncio.wait((answers,))
                            to_server.write(data)
                            await to_server.drain()
                            await from_server.read(1)
                        self.broken.set()
                        return
                    said = b""
                if self.stays_down and self.at is None:
                    return
                to_server.write(data)
                await to_server.drain()
        finally:
            answers.cancel()
            for stream in (writer, to_server):
                stream.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def broken_line(url: str, folder: Path) -> AsyncIterator[tuple[BrokenLine, str]]:
    """The line, and the URL of the database at `url` by way of it."""
    parsed = make_url(url)
    line = BrokenLine(Path(str(parsed.query["host"])) / SOCKET)
    server = await asyncio.start_unix_server(line.carry, path=str(folder / SOCKET))
    try:
        yield line, parsed.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
    finally:
        server.close()
