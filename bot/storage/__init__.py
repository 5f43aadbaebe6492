"""SQLite by default, PostgreSQL by URL: tables, repositories and the unit of work."""
