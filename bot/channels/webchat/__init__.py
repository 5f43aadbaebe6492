"""The web chat: a page, a signed cookie for who somebody is, a WebSocket for what is said."""

from bot.channels.webchat.pages import webchat_routes

__all__ = ["webchat_routes"]
