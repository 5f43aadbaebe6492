"""Read-only queries over the ledger: the figures and their exports."""
