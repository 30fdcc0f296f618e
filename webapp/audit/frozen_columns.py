"""Columns that may be written only until something has happened: afterwards the database itself refuses."""

from typing import Any

from django.db import router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

_REFUSE = """
CREATE OR REPLACE FUNCTION refuse_frozen_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % cannot change any more', TG_TABLE_NAME, TG_ARGV[0]
    USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_MAKE = {
    "postgresql": [
        _REFUSE,
        "CREATE TRIGGER {table}_frozen_columns BEFORE UPDATE ON {table} FOR EACH ROW"
        " WHEN (OLD.{once} IS NOT NULL AND ({changed})) EXECUTE FUNCTION refuse_frozen_column('{names}')",
    ],
    "sqlite": [
        "CREATE TRIGGER {table}_frozen_columns BEFORE UPDATE ON {table}"
        " WHEN OLD.{once} IS NOT NULL AND ({changed})"
        " BEGIN SELECT RAISE(ABORT, '{table}: {names} cannot change any more'); END",
    ],
}
_DROP = {
    "postgresql": ["DROP TRIGGER {table}_frozen_columns ON {table}"],
    "sqlite": ["DROP TRIGGER {table}_frozen_columns"],
}
_DIFFERS = {"postgresql": "NEW.{0} IS DISTINCT FROM OLD.{0}", "sqlite": "NEW.{0} IS NOT OLD.{0}"}


class FreezeColumns(Operation):
    """In a migration: `columns` of a row cannot change once its column `once` holds a value.

    Trap: on SQLite a later migration that alters the table rebuilds it without its triggers, and must end with this
    operation again.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, columns: tuple[str, ...], *, once: str) -> None:
        self.table, self.columns, self.once = table, columns, once

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
        return f"{', '.join(self.columns)} of {self.table} cannot change once {self.once} is set"

    def _run(self, statements: dict[str, list[str]], app_label: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
        connection = schema_editor.connection
        if not router.allow_migrate(connection.alias, app_label):
            return
        changed = " OR ".join(_DIFFERS[connection.vendor].format(column) for column in self.columns)
        for statement in statements[connection.vendor]:
            filled = statement.format(table=self.table, once=self.once, changed=changed, names=", ".join(self.columns))
            schema_editor.execute(filled, params=None)
