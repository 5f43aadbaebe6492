"""Fixtures of these tests."""
from tests.agent_home import agent_home, assistant, falin, home

__all__ = ["agent_home", "assistant", "falin", "home"]
