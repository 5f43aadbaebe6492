"""Mediations in the states that the desk's pages are tested with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.domain.mediation import Mediation, Terms
from tests.builders import NOW, make_mediation
from tests.console.conftest import Console

CONSENTED: dict[str, Any] = {"respondent_consented_at": NOW}
SCHEDULED: dict[str, Any] = {**CONSENTED, "accepted_at": NOW, "session_at": NOW + timedelta(hours=5)}
AGREED: dict[str, Any] = {
    **SCHEDULED, "concluded_at": NOW, "agreed": True, "form": "written", "amount": 300_000, "parties": 2,
    "effective_on": date(2026, 11, 23), "followup_at": NOW + timedelta(days=30),
    "agreement": Terms("李强修好漏水，赔3000元", "11月30日前付清"),
}  # fmt: skip


def store(console: Console, **changes: Any) -> Mediation:
    """A mediation of a registered resident, with laozhou unless told otherwise."""
    values = {"client_id": console.scene.resident().client_id, **changes}
    return console.scene.work(lambda work: work.uow.mediations.add(make_mediation(**values)))


def state_of(console: Console, mediation: Mediation) -> Mediation:
    """As it is stored now."""
    with console.scene.open_unit(read_only=True) as uow:
        return replace(uow.mediations.get(mediation.id))


def events_of(console: Console, mediation: Mediation) -> list[tuple[str, str, str]]:
    """Kind, actor and detail of what happened, readings left out."""
    with console.scene.open_unit(read_only=True) as uow:
        return [(e.kind, e.actor, e.detail) for e in uow.mediations.list_events(mediation.id) if e.kind != "read"]


def path_of(mediation: Mediation, act: str = "") -> str:
    return f"/console/mediations/{mediation.reference}{f'/{act}' if act else ''}"
