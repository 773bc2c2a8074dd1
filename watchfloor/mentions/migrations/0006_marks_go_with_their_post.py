"""The store deletes posts in plain SQL, a batch at a time. What people said of a post goes in the same statement, so that
nothing else has to know of it. A later migration that makes Django rebuild mentions_post on SQLite drops the trigger and
must make it again."""

from django.db import migrations

OF_A_POST = ("mentions_marking", "mentions_personlabel", "mentions_skipped")
DELETES = "; ".join(f"DELETE FROM {table} WHERE post_id = OLD.id" for table in OF_A_POST)  # noqa: S608 - our own names

SQLITE = f"CREATE TRIGGER mentions_post_is_gone AFTER DELETE ON mentions_post BEGIN {DELETES}; END"
POSTGRESQL = (
    "CREATE FUNCTION mentions_post_is_gone() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {DELETES}; RETURN NULL; END $$",
    "CREATE TRIGGER mentions_post_is_gone AFTER DELETE ON mentions_post "
    "FOR EACH ROW EXECUTE FUNCTION mentions_post_is_gone()",
)


def make(apps, schema_editor):
    for statement in (SQLITE,) if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER mentions_post_is_gone")
    else:
        schema_editor.execute("DROP TRIGGER mentions_post_is_gone ON mentions_post")
        schema_editor.execute("DROP FUNCTION mentions_post_is_gone")


class Migration(migrations.Migration):
    dependencies = [("mentions", "0005_marks_and_peoples_words")]

    operations = [migrations.RunPython(make, drop)]
