"""The rules of falin, in plain Python: no Rasa, no Telegram, no SQL."""
