"""Tables whose rows are only ever added: the database itself refuses a change, whoever asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

_REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: add a row instead', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_MAKE = {
    "postgresql": [
        _REFUSE,
        "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER {table}_append_only_whole BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ],
    "sqlite": [
        "CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table}"
        " BEGIN SELECT RAISE(ABORT, '{table} is append-only: add a row instead'); END",
        "CREATE TRIGGER {table}_append_only_whole BEFORE DELETE ON {table}"
        " BEGIN SELECT RAISE(ABORT, '{table} is append-only: add a row instead'); END",
    ],
}
_DROP = {
    "postgresql": [
        "DROP TRIGGER {table}_append_only ON {table}",
        "DROP TRIGGER {table}_append_only_whole ON {table}",
    ],
    "sqlite": ["DROP TRIGGER {table}_append_only", "DROP TRIGGER {table}_append_only_whole"],
}


class ForbidChanges(Operation):
    """In a migration: no UPDATE, DELETE or TRUNCATE of `table` from now on.

    Trap: on SQLite a later migration that alters the table rebuilds it without its triggers, and must end with this
    operation again.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        self._run(_MAKE, app_label, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        self._run(_DROP, app_label, schema_editor)

    def describe(self) -> str:
        return f"Rows of {self.table} are only ever added"

    def _run(self, statements: dict[str, list[str]], app_label: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
        connection = schema_editor.connection
        if router.allow_migrate(connection.alias, app_label):
            for statement in statements[connection.vendor]:
                schema_editor.execute(statement.format(table=self.table), params=None)


class AllowChanges(ForbidChanges):
    """In a migration that alters such a table: first this, at its end `ForbidChanges` again."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        self._run(_DROP, app_label, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        self._run(_MAKE, app_label, schema_editor)

    def describe(self) -> str:
        return f"Rows of {self.table} may be changed until the end of this migration"


def protected_tables(connection: BaseDatabaseWrapper) -> set[str]:
    """The tables that refuse UPDATE and DELETE, by what the database itself says."""
    query = {
        "postgresql": "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE %s AND tgenabled = 'O'",
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query, ["%\\_append\\_only" if connection.vendor == "postgresql" else "%_append_only"])
        return {table for (table,) in cursor.fetchall()}


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """For a test's flush only: the triggers are gone inside, and back afterwards."""
    tables = sorted(protected_tables(connection))
    _each(connection, _DROP, tables)
    try:
        yield
    finally:
        _each(connection, _MAKE, tables)


def _each(connection: BaseDatabaseWrapper, statements: dict[str, list[str]], tables: list[str]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            for statement in statements[connection.vendor]:
                cursor.execute(statement.format(table=table))
