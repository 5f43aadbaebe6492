"""Rasa as a library: from an update in the inbox to the replies in the outbox."""
