"""Understanding: pure text code, and the Rasa graph components that wrap it."""
