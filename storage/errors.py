"""How storage fails, in words that callers can act on."""


class StorageError(Exception):
    """The base: something about the database, never about what was asked."""


class NotStored(StorageError):
    """The transaction did not happen: locked, read-only, full or unreachable. It is safe to try again."""


class CommitUnknown(StorageError):
    """The connection was lost while committing: the change may or may not be stored."""


class Conflict(StorageError):
    """Somebody else changed the incident first; load it again and decide again."""


class AlreadyRunning(StorageError):
    """Another process holds this SQLite database."""


class SchemaMismatch(StorageError):
    """The database was migrated by another version of Tierline, or not at all."""
