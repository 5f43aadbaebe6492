"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike.

As text: SQLAlchemy 1.4 compiles its own ON CONFLICT constructs anew on every call.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection


def insert_once(connection: Connection, table: sa.Table, values: dict[str, Any], conflict: str) -> bool:
    """Insert a row unless one with the same `conflict` columns stands there; whether it was inserted.

    Args:
        conflict: column names of the unique constraint, separated by commas; "" for any.
    """
    return bool(connection.execute(_statement(table, tuple(values), conflict, "NOTHING"), values).rowcount == 1)


def upsert(connection: Connection, table: sa.Table, values: dict[str, Any], key: str) -> None:
    """Insert a row, or replace the values of the one with the same key.

    Args:
        key: column names of the primary key, separated by ", ".
    """
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in values if name not in key.split(", "))
    connection.execute(_statement(table, tuple(values), key, f"UPDATE SET {changed}"), values)


@cache
def _statement(table: sa.Table, columns: tuple[str, ...], conflict: str, action: str) -> Any:
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join(f":{name}" for name in columns)
    target = f"({conflict})" if conflict else ""
    sql = f'INSERT INTO "{table.name}" ({names}) VALUES ({places}) ON CONFLICT {target} DO {action}'
    return sa.text(sql).bindparams(*(sa.bindparam(name, type_=table.c[name].type) for name in columns))
