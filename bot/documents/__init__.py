"""Papers that falin prints."""
