"""The text index, which Django has no model for, and tables without a second tree on SQLite.

A table that is looked up only by its composite key is kept in that key's order on SQLite (WITHOUT ROWID): half the bytes,
and one look instead of two. PostgreSQL has no such tables. A later migration that makes Django rebuild one of these tables
on SQLite must call `keep_in_key_order` for it again.
"""

from django.db import migrations

FTS5 = """
CREATE VIRTUAL TABLE mentions_textindex USING fts5(
    words, marks, content='', columnsize=0, tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
)
"""

TSVECTOR = """
CREATE TABLE mentions_textindex (post_id bigint PRIMARY KEY, terms tsvector NOT NULL);
CREATE INDEX mentions_textindex_terms ON mentions_textindex USING gin (terms)
"""

IN_KEY_ORDER = (
    "mentions_mention",
    "mentions_withheld",
    "mentions_missionpost",
    "mentions_counter",
    "mentions_missioncounter",
)


def keep_in_key_order(schema_editor, table):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL ORDER BY type = 'index'", [table]
        )
        make_table, *make_indexes = [row[0] for row in cursor.fetchall()]
        cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{table}_with_rowid"')
        for make_index in make_indexes:
            cursor.execute(f"DROP INDEX {make_index.split(' INDEX ', 1)[1].split(' ON ', 1)[0]}")
        cursor.execute(f"{make_table} WITHOUT ROWID")
        cursor.execute(f'INSERT INTO "{table}" SELECT * FROM "{table}_with_rowid"')  # noqa: S608 - our own names
        cursor.execute(f'DROP TABLE "{table}_with_rowid"')
        for make_index in make_indexes:
            cursor.execute(make_index)


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(FTS5, params=None)
        for table in IN_KEY_ORDER:
            keep_in_key_order(schema_editor, table)
    else:
        for statement in TSVECTOR.split(";"):
            schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE mentions_textindex")


class Migration(migrations.Migration):
    dependencies = [("mentions", "0001_posts_and_counts")]

    operations = [migrations.RunPython(make, drop)]
