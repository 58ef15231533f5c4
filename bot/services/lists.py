"""What people look for among incidents: a page of a list, and whether theirs is open already."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.ids import WorkspaceId
from bot.domain.incident import Incident, Report
from bot.domain.similarity import similar
from bot.domain.wanted import COUNTED, ROWS, Listed, Wanted, pages
from bot.services.policies import PolicyBook
from bot.services.sight import Sight, private_seen
from storage import incidents, lists, requests
from storage.database import Transaction

LOOKED_AT = 200
"""The newest of a service: whoever opens one a second time means what began lately."""


async def page_of(
    tx: Transaction, workspace_id: WorkspaceId, wanted: Wanted, page: int, book: PolicyBook, sight: Sight
) -> Listed:
    """The page as it is by now; the last one when there are not so many any more."""
    private = await private_seen(tx, workspace_id, wanted, book, sight)
    total = await lists.how_many(tx, workspace_id, wanted, at_most=COUNTED, private=private)
    page = min(page, pages(total))
    rows = await lists.some(tx, workspace_id, wanted, after=ROWS * (page - 1), limit=ROWS, private=private)
    return Listed(wanted=wanted, page=page, incidents=rows, total=total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """What is open already and sounds the same, the likest first; beside what the request opened itself, if it did."""

    incidents: Sequence[Incident] = ()
    opened_before: bool = False


async def similar_to(
    tx: Transaction, workspace_id: WorkspaceId, report: Report, cause: str | None, book: PolicyBook, sight: Sight
) -> Similar:
    own = await requests.incident_of(tx, workspace_id, cause) if cause is not None else None
    private = await private_seen(tx, workspace_id, Wanted(services=(report.service,)), book, sight)
    titles = await lists.open_titles(tx, workspace_id, report.service, limit=LOOKED_AT, private=private)
    alike = similar(report.title, [(each, title) for each, title in titles if each != own])
    found = await incidents.by_ids(tx, alike) if alike else {}
    return Similar(incidents=[found[each] for each in alike], opened_before=own is not None)
