"""Residents register, move, ask the bot, and want to be forgotten."""

from __future__ import annotations

from bot.demo.plan import COMMON, Year, askers, turn
from bot.domain.decisions import Understanding
from bot.services.consultations import answer_entry, guide_emergency, refer_question
from bot.services.registration import forget_client, register_client
from bot.services.turn import Turn, Work


def plan_registrations(plan: Year) -> None:
    """Everybody who registers; the few who move, or want to be forgotten, are among them."""
    for community, count in zip(plan.library.street.communities, plan.sizes.registered, strict=False):
        for _ in range(count):
            number = len(plan.homes)
            plan.homes.append(community.id)
            # The first hundred are there from the beginning: they are those who ask.
            moment = plan.moment(3, 9) if number % 40 == 0 else plan.moment(3, 360)
            plan.at(moment, lambda work, n=number: _register(plan, work, n))  # type: ignore[misc]
    moved = [n for n in range(0, len(plan.homes), 40)][-1]
    plan.at(plan.moment(200, 300), lambda work: _move(plan, work, moved))
    for number in list(range(1, len(plan.homes), 40))[: plan.sizes.forgotten]:
        plan.at(plan.moment(361, 364), lambda work, n=number: _forget(plan, work, n))  # type: ignore[misc]


def _register(plan: Year, work: Work, number: int) -> None:
    channel = "telegram" if number % 5 < 2 and number % 40 else "webchat"
    client = work.uow.clients.find_or_add(channel, f"demo-{plan.year}-{number}", work.now)
    plan.clients[number] = client.id
    register_client(Turn(work.uow, work.library, work.now, client), plan.homes[number], "resident")


def _move(plan: Year, work: Work, number: int) -> None:
    """Somebody moves to another community: still one registered user."""
    if number in plan.clients:
        register_client(turn(plan, work, number), plan.library.street.communities[0].id, "resident")


def plan_questions(plan: Year) -> None:
    """What the bot is asked, and answers, passes on, or meets with an emergency number."""
    sizes, entries = plan.sizes, [e for e in plan.library.entries if e.split(".")[0] in COMMON]
    for place, number in enumerate(askers(plan, sizes.answered + sizes.referred + sizes.urgent, 0)):
        entry, slot = plan.chance.choice(entries), plan.moment(12, 362)
        act = _answer if place < sizes.answered else _refer if place < sizes.answered + sizes.referred else _warn
        plan.at(slot, lambda work, n=number, e=entry, do=act: do(plan, work, n, e))  # type: ignore[misc]


def _answer(plan: Year, work: Work, number: int, entry: str) -> None:
    answer_entry(turn(plan, work, number), entry)


def _refer(plan: Year, work: Work, number: int, entry: str) -> None:
    refer_question(turn(plan, work, number), Understanding("refer", "faq", entry.split(".")[0], 0.3))


def _warn(plan: Year, work: Work, number: int, entry: str) -> None:
    guide_emergency(turn(plan, work, number), Understanding("crisis", "crisis", entry.split(".")[0], crisis="fraud"))


def _forget(plan: Year, work: Work, number: int) -> None:
    if number in plan.clients:
        forget_client(turn(plan, work, number))
