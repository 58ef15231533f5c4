"""What one would build first: an APScheduler job per incident, kept in SQLAlchemyJobStore, as its documentation has it.

Each job does what such a bot must do at least: load the incident, write the breach, the new tier and a line of the
timeline, commit. Nothing is promised, so a message that is not sent is lost; that part is free here.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any, Final

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine, ForeignKey, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from bot import clock
from tests.benchmarks.bench import NotMeasured

THE_OBVIOUS: Final = "one APScheduler job per incident"
PREPARING: Final = timedelta(seconds=2)
PREPARING_ONE: Final = timedelta(milliseconds=4)
PATIENCE: Final = 120.0


class Base(DeclarativeBase):
    pass


class IncidentRow(Base):
    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    severity: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    tier: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime]


class BreachRow(Base):
    __tablename__ = "breaches"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    tier: Mapped[int]
    breached_at: Mapped[datetime]


class TimelineRow(Base):
    __tablename__ = "timeline"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    at: Mapped[datetime]
    text: Mapped[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obvious:
    """Milliseconds after the due instant until each breach was durable."""

    durable: Sequence[float]
    cpu: float
    """Milliseconds of processor time for each."""

    @property
    def per_second(self) -> float:
        return 1_000 * len(self.durable) / max(self.durable)


class _Escalations:
    """What the jobs need. A job in a store is a name and arguments, so the instance at work is a class attribute."""

    at_work: "_Escalations"

    def __init__(self, sessions: sessionmaker[Session], count: int) -> None:
        self.sessions = sessions
        self.count = count
        self.durable_at: list[datetime] = []
        self.finished = threading.Event()

    def note(self, at: datetime) -> None:
        self.durable_at.append(at)
        if len(self.durable_at) == self.count:
            self.finished.set()


def escalate(incident_id: int) -> None:
    """The job."""
    escalations = _Escalations.at_work
    with escalations.sessions() as session:
        incident = session.get_one(IncidentRow, incident_id)
        now = clock.now()
        session.add(BreachRow(incident_id=incident.id, tier=incident.tier, breached_at=now))
        session.add(TimelineRow(incident_id=incident.id, at=now, text=f"not acknowledged at tier {incident.tier}"))
        incident.tier += 1
        session.commit()
    escalations.note(clock.now())


def obvious(folder: Path, count: int) -> Obvious:
    path = folder / "obvious.sqlite3"
    due_at = clock.now() + PREPARING + count * PREPARING_ONE
    _prepare(path, count, due_at)
    engine = _engine(path, synchronous="FULL")
    escalations = _Escalations.at_work = _Escalations(sessionmaker(engine), count)
    scheduler = _scheduler(engine)
    scheduler.start()
    if clock.now() >= due_at:
        raise NotMeasured("the jobs took too long to add on this machine")
    began = process_time()
    if not escalations.finished.wait(PATIENCE):
        raise NotMeasured(f"only {len(escalations.durable_at)} of {count} jobs ran")
    cpu = 1_000 * (process_time() - began) / count
    scheduler.shutdown()
    engine.dispose()
    late = [(at - due_at) / timedelta(milliseconds=1) for at in escalations.durable_at]
    return Obvious(durable=late, cpu=cpu)


def _prepare(path: Path, count: int, due_at: datetime) -> None:
    """The incidents and their jobs, stored without waiting for the disk: that is not what is measured."""
    engine = _engine(path, synchronous="OFF")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            IncidentRow(id=number, title=f"Customers cannot pay with card {number}", severity="sev1", due_at=due_at)
            for number in range(1, count + 1)
        )
        session.commit()
    scheduler = _scheduler(engine)
    scheduler.start(paused=True)
    for number in range(1, count + 1):
        scheduler.add_job(escalate, "date", run_date=due_at, args=[number], misfire_grace_time=None)
    scheduler.shutdown()
    engine.dispose()


def _scheduler(engine: Engine) -> BackgroundScheduler:
    return BackgroundScheduler(jobstores={"default": SQLAlchemyJobStore(engine=engine)}, timezone="UTC")


def _engine(path: Path, *, synchronous: str) -> Engine:
    """As patient with a lock as it takes."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")

    return engine
