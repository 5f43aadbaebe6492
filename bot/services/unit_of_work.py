"""One unit of work: all of it happens, or none of it."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from bot.services.ports import (
    AidApplications,
    Answers,
    CaseFiles,
    Cases,
    Clients,
    ConsoleAccounts,
    ConsoleViews,
    Conversations,
    Drafts,
    Enterprises,
    Files,
    Inbox,
    Laws,
    Ledger,
    Mediations,
    Members,
    Outbox,
    Timers,
)


class UnitOfWork(Protocol):
    """Used as a context manager; leaving without commit() rolls back."""

    @property
    def clients(self) -> Clients: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def conversations(self) -> Conversations: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def enterprises(self) -> Enterprises: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def case_files(self) -> CaseFiles: ...
    @property
    def mediations(self) -> Mediations: ...
    @property
    def members(self) -> Members: ...
    @property
    def timers(self) -> Timers: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def laws(self) -> Laws: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def console_accounts(self) -> ConsoleAccounts: ...
    @property
    def console(self) -> ConsoleViews: ...
    @property
    def aid_applications(self) -> AidApplications: ...
    @property
    def files(self) -> Files: ...

    def __enter__(self) -> UnitOfWork: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...


class UnitOfWorkFactory(Protocol):
    """Opens units of work. Args: read_only: it will change nothing, and so need not wait for a writer."""

    def __call__(self, *, read_only: bool = False) -> UnitOfWork: ...
