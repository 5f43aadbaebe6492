"""What falin knows: entries, statutes and wording, loaded from files that people write."""
