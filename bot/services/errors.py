"""How a use case fails for reasons that are nobody's fault, beside the domain's refusals."""

from storage.errors import CommitUnknown, NotStored, StorageError

__all__ = ["CommitUnknown", "NotStored", "StorageError"]
