"""Chat in the terminal: the same turns, inbox and ledger as anywhere else."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from getpass import getuser

from bot.assistant.assistant import Assistant
from bot.domain.calendar import utc_now
from bot.domain.messages import Button, Inbound, Outgoing

CHANNEL = "terminal"


class TerminalChat:
    """One person at a keyboard.

    Args:
        show: prints a line.
    """

    def __init__(self, assistant: Assistant, show: Callable[[str], None], user: str | None = None) -> None:
        self._assistant, self._show = assistant, show
        self._user = user or getuser()
        self._choices: list[Button] = []
        client = assistant.find_client(CHANNEL, self._user)
        earlier = assistant.list_replies(client, 0) if client else []
        self._seen = max((outgoing.id for outgoing in earlier), default=0)

    def say(self, line: str) -> None:
        """Send a line, or press the button with that number, and show the replies."""
        number = int(line) if line.strip().isdecimal() else 0
        pressed = self._choices[number - 1] if 0 < number <= len(self._choices) else None
        common = {
            "channel": CHANNEL,
            "update_id": str(uuid.uuid4()),
            "client_key": self._user,
            "sent_at": utc_now(),
        }
        inbound = Inbound(**common, choice=pressed.payload) if pressed else Inbound(**common, text=line)  # type: ignore[arg-type]
        receipt = self._assistant.receive(inbound)
        self._assistant.answer(receipt.client_id)
        for outgoing in self._assistant.list_replies(receipt.client_id, self._seen):
            self._print(outgoing)
            self._seen = outgoing.id
        self._assistant.acknowledge(receipt.client_id, self._seen)

    def _print(self, outgoing: Outgoing) -> None:
        self._show(outgoing.reply.text)
        if file := outgoing.reply.attachment:
            self._show(f"  [{file.kind}] {file.name}")
        self._choices = [b for row in outgoing.reply.buttons for b in row if b.payload]
        for number, button in enumerate(self._choices, 1):
            self._show(f"  [{number}] {button.title}")
        self._show("")
