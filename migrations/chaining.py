"""What step 0003 adds to the stories that are there already: each entry's digest over itself and the one before."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

CHUNK = 5_000


def seal(connection: Connection) -> None:
    heads: dict[int, str] = {}
    after = (0, 0)
    while rows := _chunk(connection, after):
        connection.execute(
            text("UPDATE timeline SET digest = :digest WHERE incident_id = :incident AND seq = :seq"),
            list(_sealed(rows, heads)),
        )
        after = (rows[-1].incident_id, rows[-1].seq)
    if heads:
        connection.execute(
            text("UPDATE incidents SET last_digest = :digest WHERE id = :incident"),
            [{"incident": incident, "digest": digest} for incident, digest in heads.items()],
        )
    connection.execute(text("UPDATE incidents SET last_digest = '' WHERE last_digest IS NULL"))


def _chunk(connection: Connection, after: tuple[int, int]) -> list[Any]:
    return list(
        connection.execute(
            text(
                "SELECT incident_id, seq, workspace_id, at, by, kind, fact FROM timeline"
                " WHERE incident_id > :incident OR (incident_id = :incident AND seq > :seq)"
                " ORDER BY incident_id, seq LIMIT :chunk"
            ),
            {"incident": after[0], "seq": after[1], "chunk": CHUNK},
        )
    )


def _sealed(rows: list[Any], heads: dict[int, str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        parts = (heads.get(row.incident_id, ""), row.workspace_id, row.incident_id, row.seq, _instant(row.at), row.by,
                 row.kind, row.fact)  # fmt: skip
        digest = hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()
        heads[row.incident_id] = digest
        yield {"incident": row.incident_id, "seq": row.seq, "digest": digest}


def _instant(at: str | datetime) -> str:
    """SQLite keeps it as this very text."""
    return at if isinstance(at, str) else at.astimezone(UTC).isoformat(" ", "microseconds")
