"""The text index, which Django has no model for.

On PostgreSQL it is made from the posts' rows by a function of their text and of two columns that say where our tokens
differ from what the function cuts out of the text (`store/lexemes.py`). A post whose `more` is NULL is not in it. The
function must never change: another one, and another index, would have to take its place.
"""

from django.db import migrations

FTS5 = """
CREATE VIRTUAL TABLE mentions_textindex USING fts5(
    words, marks, content='', columnsize=0, tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'"
)
"""

# Its true cost is some 20 µs a post: the planner must know that looking into the index is cheaper.
FUNCTION = r"""
CREATE FUNCTION mentions_terms(text text, more text, less text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $function$
BEGIN
    IF less = '*' THEN
        RETURN array_to_tsvector(string_to_array(more, ' '));
    END IF;
    RETURN ts_delete(
        array_to_tsvector(array_remove(regexp_split_to_array(
            translate(lower(text COLLATE "C"), E'\'\u2019', ''),
            '(?:https?://[^\u0001-\u0020]*|[^a-z0-9_\u0080-\U0010ffff]'
            || '|[\u00a0\u00ab\u00bb\u2013\u2014\u2018\u201c-\u201e\u2026])+'
        ), '')),
        string_to_array(btrim(less), ' ')
    ) || array_to_tsvector(string_to_array(more, ' '));
END
$function$
"""

COLUMNS = "ALTER TABLE mentions_post ADD COLUMN more text, ADD COLUMN less text NOT NULL DEFAULT ''"
INDEX = "CREATE INDEX mentions_textindex ON mentions_post USING gin (mentions_terms(text, more, less))"


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(FTS5, params=None)
    else:
        for statement in (FUNCTION, COLUMNS, INDEX):
            schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE mentions_textindex")
    else:
        schema_editor.execute("DROP INDEX mentions_textindex")
        schema_editor.execute("ALTER TABLE mentions_post DROP COLUMN more, DROP COLUMN less")
        schema_editor.execute("DROP FUNCTION mentions_terms")


class Migration(migrations.Migration):
    dependencies = [("mentions", "0001_posts_and_counts")]

    operations = [migrations.RunPython(make, drop)]
