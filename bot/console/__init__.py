"""The console: pages for those who serve, under /console. docs/console.md explains it to them."""

from bot.console.app import console_routes
from bot.console.site import Site

__all__ = ["Site", "console_routes"]
