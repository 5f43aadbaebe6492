"""What an update asks for, before any understanding: words to understand, a choice, or nothing falin can read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from bot.domain.buttons import Buttons
from bot.domain.messages import Inbound

MAX_CHARACTERS = 2_000
# Commands that every channel knows; the value is the intent they stand for.
COMMANDS = {
    "/start": "start",
    "/help": "menu",
    "/menu": "menu",
    "/human": "request_adviser",
    "/status": "ask_status",
    "/forget": "forget_me",
    "/stop": "stop",
}


@dataclass(frozen=True)
class Reading:
    """One of: words to understand; an intent chosen by command or button, with slots; an act; or a fixed reply.

    Args:
        act: what a button does to a case, "<verb>:<case id>" with more behind it; the gate's, not Rasa's.
    """

    words: str = ""
    intent: str = ""
    slots: dict[str, str] = field(default_factory=dict)
    reply: str = ""
    act: str = ""


def read_inbound(inbound: Inbound, buttons: Buttons) -> Reading:
    """Read one update. Never raises: whatever cannot be read gets one clear sentence."""
    if inbound.edited:
        return Reading(reply="utter_edited")
    if inbound.too_large:
        return Reading(reply="utter_file_too_large")
    if inbound.file is not None:
        return Reading(reply=f"utter_cannot_read_{'voice' if inbound.file == 'voice' else 'file'}")
    if inbound.choice is not None:
        payload = buttons.check(inbound.channel, inbound.client_key, inbound.choice)
        return read_payload(payload) if payload else Reading(reply="utter_stale_button")
    return read_text((inbound.text or "").strip())


def read_text(text: str) -> Reading:
    """Read typed text, already stripped."""
    if len(text) > MAX_CHARACTERS:
        return Reading(reply="utter_too_long")
    if not any(unicodedata.category(char)[0] in "LN" for char in text):
        return Reading(reply="utter_empty")
    if not text.startswith("/"):
        return Reading(words=text)
    # A typed "/intent{...}" would be obeyed by Rasa: only falin's own commands get through.
    name, argument = split_command(text)
    command = f"/{name}"
    if command not in COMMANDS:
        return Reading(reply="utter_unknown_command")
    argument = re.sub(r"[^\w-]", "", argument)[:64]
    return Reading(intent=COMMANDS[command], slots={"start_parameter": argument} if argument else {})


def split_command(text: str) -> tuple[str, str]:
    """“/log@bot　电话咨询” is log and 电话咨询: a Chinese keyboard types full-width spaces."""
    command, *rest = re.split(r"\s+", text, maxsplit=1)
    return command[1:].partition("@")[0].lower(), rest[0].strip() if rest else ""


def read_payload(payload: str) -> Reading:
    """A button's payload: "<verb>:<argument>".

    "entry:<id>", "law:<entry id>", "article:<code>", "triage:<step>", "intent:<name>", "slot:<name>=<value>", "case:<act>",
    "mediate:<act>=<value>", "aid:<act>=<reference>".
    """
    verb, _, argument = payload.partition(":")
    if verb == "entry":
        return Reading(intent="choose_entry", slots={"chosen_entry": argument})
    if verb in ("law", "article"):
        return Reading(intent="show_articles", slots={f"chosen_{verb}": argument})
    if verb == "triage":
        return Reading(intent="triage_step", slots={"chosen_step": argument})
    if verb == "mediate":
        return Reading(intent="choose_mediation", slots={"chosen_mediation": argument})
    if verb == "intent":
        return Reading(intent=argument)
    if verb == "case":
        return Reading(act=argument)
    if verb == "aid":
        return Reading(intent="aid_act", slots={"aid_act": argument})
    if verb == "slot":
        name, _, value = argument.partition("=")
        return Reading(intent="inform", slots={name: value})
    return Reading(reply="utter_stale_button")
