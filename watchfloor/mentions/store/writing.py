"""One batch of changes, written. The order inside a batch:

1. deletions, and what happened to accounts: tombstones, posts that go, are hidden or come back
2. posts: new ones, edits, further topics of known ones
3. edits that match nothing any more
4. new names of accounts
"""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db.backends.utils import CursorWrapper

from watchfloor.mentions import arrivals
from watchfloor.mentions.models import Tombstone
from watchfloor.mentions.store.derived import Derived, Standing
from watchfloor.mentions.store.engine import Engine, rows_in, run_in
from watchfloor.mentions.store.ids import EPOCH, SLOTS, DateDoubt, chart_time, first_id, minute_at, minute_of
from watchfloor.mentions.store.keys import author_key, post_key
from watchfloor.mentions.store.payloads import compress
from watchfloor.mentions.store.rows import SENTIMENT_CODE, pack, repack
from watchfloor.mentions.store.store import Changes, Key, Labelled, Wrote, by_topic
from watchfloor.mentions.store.stored import Held, ids_by_key, insert_arrivals, load, missions_of, remove
from watchfloor.mentions.store.tidy import tidy_number, tidy_post, tidy_text, tidy_time, tidy_word, why_refused
from watchfloor.mentions.store.words import ensure_words, people_among, read_words
from watchfloor.sources.source import AuthorChanged, AuthorRenamed

_Reason = Tombstone.Reason


class Incoming(msgspec.Struct):
    """A post of the batch on its way into the store. `at` is its chart time."""

    item: Labelled
    key: int
    author: int | None
    topics: dict[int, int]
    at: datetime
    doubt: DateDoubt | None


class Writing:
    def __init__(self, engine: Engine, cursor: CursorWrapper, changes: Changes) -> None:
        self.engine, self.cursor, self.changes = engine, cursor, changes
        self.wrote = Wrote()
        self._peoples_words: set[int] | None = None
        self._new: list[tuple[int, Sequence[int]]] = []
        self._gone: list[tuple[int, Sequence[int]]] = []
        self._changed: list[tuple[int, Sequence[int]]] = []

    def run(self, now: datetime) -> Wrote:
        changes = self.changes
        if changes.deleted:
            self._delete(changes.deleted, now)
        for change in changes.authors:
            self._change_author(change, now)
        if changes.posts:
            self._write_posts()
        if changes.unmatched_edits:
            self._drop_unmatched(changes.unmatched_edits)
        for renamed in changes.renamed:
            self._rename(renamed, now)
        desks = arrivals.desks()
        if desks:
            insert_arrivals(self.engine, self.cursor, desks, self._arrivals())
        self.wrote.new, self.wrote.gone, self.wrote.changed = (
            by_topic(self._new),
            by_topic(self._gone),
            by_topic(self._changed),
        )
        return self.wrote

    def _arrivals(self) -> Iterator[tuple[str, int, Sequence[int]]]:
        for kind, pairs in (("deleted", self._gone), ("new", self._new), ("edited", self._changed)):
            yield from ((kind, post_id, topics) for post_id, topics in pairs if topics)

    # --- 1. Deletions and accounts ---------------------------------------------------------------------------------

    def _delete(self, keys: Iterable[Key], now: datetime) -> None:
        hashes = {post_key(tidy_text(network), tidy_text(native_id)) for network, native_id in keys}
        bury(self.engine, self.cursor, hashes, _Reason.DELETED, now)
        self.wrote.deleted += self._remove(ids_by_key(self.cursor, hashes).values())

    def _remove(self, ids: Iterable[int]) -> int:
        held = list(load(self.cursor, ids).values())
        missions = remove(self.engine, self.cursor, held)
        for one in held:
            self._tell(one.standing, None, missions)
        return len(held)

    def _tell(
        self, before: Standing, after: Standing | None, missions: Mapping[int, int], *, is_edit: bool = False
    ) -> None:
        """Note for which topics the post is new, gone or changed."""
        seen_before, seen_after = before.seen(missions), [] if after is None else after.seen(missions)
        self._gone.append((before.id, [topic for topic in seen_before if topic not in seen_after]))
        self._new.append((before.id, [topic for topic in seen_after if topic not in seen_before]))
        if is_edit:
            self._changed.append((before.id, [topic for topic in seen_after if topic in seen_before]))

    def _change_author(self, change: AuthorChanged, now: datetime) -> None:
        key = author_key(tidy_text(change.network), tidy_text(change.author_id))
        assert key is not None
        author = _author_id(self.cursor, key)
        if change.state == "gone":
            bury(self.engine, self.cursor, [key], _Reason.GONE, now)
            if author is not None:
                self.cursor.execute("UPDATE mentions_author SET state = 0 WHERE id = %s", [author])
                self.wrote.deleted += self._remove(posts_of(self.cursor, author))
                self.cursor.execute("DELETE FROM mentions_author WHERE id = %s", [author])
            return
        if change.state == "hidden":
            if author is None:
                bury(self.engine, self.cursor, [key], _Reason.HIDDEN, now)
        else:
            self.cursor.execute(
                "DELETE FROM mentions_tombstone WHERE id = %s AND reason <> %s",
                [key, int(_Reason.ERASED)],
            )
        if author is not None:
            self._show(author, shown=change.state == "back")

    def _show(self, author: int, *, shown: bool) -> None:
        self.cursor.execute("UPDATE mentions_author SET state = %s WHERE id = %s", [0 if shown else 1, author])
        held = [one for one in load(self.cursor, posts_of(self.cursor, author)).values() if one.standing.shown != shown]
        if held:
            derived = Derived(
                self.engine, self.cursor, missions_of(self.cursor, (t for one in held for t in one.standing.topics))
            )
            for one in held:
                after = msgspec.structs.replace(one.standing, shown=shown)
                derived.move(one.standing, after)
                self._tell(one.standing, after, derived.missions)
            derived.save()
            state = 0 if shown else 1
            run_in(
                self.cursor,
                f"UPDATE mentions_post SET state = {state} WHERE id IN ({{}})",
                [one.standing.id for one in held],
            )
        if shown:
            self.cursor.execute(
                "DELETE FROM mentions_author WHERE id = %s AND NOT EXISTS "
                "(SELECT 1 FROM mentions_post WHERE author_id = mentions_author.id)",
                [author],
            )

    # --- 2. Posts --------------------------------------------------------------------------------------------------

    def _write_posts(self) -> None:
        missions = missions_of(self.cursor, (topic for item in self.changes.posts for topic, _ in item.topics))
        incoming = self._living(list(self._fit(missions)))
        stored = ids_by_key(self.cursor, {one.key for one in incoming})
        incoming = self._one_each(self._young(incoming, stored, missions))
        if not incoming:
            return
        words = ensure_words(self.engine, self.cursor, _words_of(incoming))
        held = load(self.cursor, stored.values())
        authors = self._authors([one for one in incoming if one.key not in stored or one.item.edited], words)
        derived = Derived(
            self.engine,
            self.cursor,
            missions | missions_of(self.cursor, (t for one in held.values() for t in one.standing.topics)),
        )
        ids = allocate(self.cursor, [(one.key, one.at) for one in incoming if one.key not in stored])
        posts: list[tuple[object, ...]] = []
        raws: list[tuple[int, bytes]] = []
        for one in incoming:
            author, is_hidden = authors.get(one.author, (None, False)) if one.author is not None else (None, False)
            if one.key in stored:
                self._meet_again(one, held[stored[one.key]], words, author, derived, raws)
                continue
            item, post_id = one.item, ids[one.key]
            post = item.post
            packed = pack(post_id, item, words, one.doubt, edited_at=item.seen_at if item.edited else None)
            standing = Standing(
                post_id,
                words[post.network],
                words[item.language or ""],
                SENTIMENT_CODE[item.sentiment],
                not is_hidden,
                post.title,
                post.text,
                one.topics,
            )
            posts.append(
                (
                    post_id, one.key, author, standing.network, standing.language, standing.sentiment,
                    1 if is_hidden else 0, packed, *derived.row_of(standing),
                )
            )  # fmt: skip
            if item.raw:
                raws.append((post_id, compress(item.raw, post.text)))
            derived.move(None, standing)
            self.wrote.stored += 1
            self.wrote.mentions += len(one.topics)
            if not is_hidden:
                self._new.append((post_id, list(one.topics)))
        columns = (
            "id, key, author_id, network_id, language_id, sentiment, state, rest",
            *derived.columns,
        )
        self.engine.insert(self.cursor, "mentions_post", ", ".join(columns), sorted(posts, key=_first))
        derived.save()
        then = "ON CONFLICT (post_id) DO UPDATE SET payload = excluded.payload" if stored else ""
        self.engine.insert(self.cursor, "mentions_raw", "post_id, payload", sorted(raws, key=_first), then=then)

    def _fit(self, missions: dict[int, int]) -> Iterator[Incoming]:
        """The posts that can be stored, tidied, with those of their topics that still exist."""
        for item in self.changes.posts:
            if why := why_refused(item.post):
                self.wrote.refused.append((tidy_word(item.post.network), tidy_word(item.post.id), why))
                continue
            post, seen_at = tidy_post(item.post), tidy_time(item.seen_at)
            item = msgspec.structs.replace(
                item,
                post=post,
                seen_at=seen_at,
                language=tidy_word(item.language or ""),
                language_by=tidy_word(item.language_by),
                sentiment_by=tidy_word(item.sentiment_by),
            )
            at, doubt = chart_time(post.created_at, seen_at)
            topics = {topic: version for topic, version in item.topics if topic in missions}
            if topics:
                key, author = (
                    post_key(post.network, post.id),
                    author_key(post.network, post.author.id, post.author.handle),
                )
                yield Incoming(item, key, author, topics, at, doubt)

    def _one_each(self, incoming: Iterable[Incoming]) -> list[Incoming]:
        """Of a post that stands in the batch several times: the last edit, else the first, in the first one's place."""
        found: dict[int, Incoming] = {}
        for one in incoming:
            earlier = found.get(one.key)
            if earlier is None:
                found[one.key] = one
                continue
            self.wrote.duplicates += 1
            if one.item.edited:
                one.at, one.doubt = earlier.at, earlier.doubt
                found[one.key] = one
            elif one.item.post == earlier.item.post:
                earlier.topics = {**one.topics, **earlier.topics}
        return list(found.values())

    def _living(self, incoming: list[Incoming]) -> list[Incoming]:
        """Those that no tombstone keeps out."""
        keys = {key for one in incoming for key in (one.key, one.author) if key is not None}
        reasons = dict(rows_in(self.cursor, "SELECT id, reason FROM mentions_tombstone WHERE id IN ({})", keys))
        if not reasons:
            return incoming
        living = [
            one
            for one in incoming
            if one.key not in reasons
            and (one.author is None or reasons.get(one.author, _Reason.HIDDEN) == _Reason.HIDDEN)
        ]
        self.wrote.dead += len(incoming) - len(living)
        return living

    def _young(self, incoming: list[Incoming], stored: dict[int, int], missions: dict[int, int]) -> list[Incoming]:
        """Those that a mission they match still keeps, without the topics of missions that do not."""
        sql = "SELECT mission_id, minute FROM mentions_keptsince WHERE mission_id IN ({})"
        kept_since = dict(rows_in(self.cursor, sql, set(missions.values())))
        if not kept_since:
            return incoming
        young = []
        minutes = {key: minute_of(post_id) for key, post_id in stored.items()}
        for one in incoming:
            minute = minutes.get(one.key, minute_at(one.at))
            one.topics = {t: v for t, v in one.topics.items() if minute >= kept_since.get(missions[t], minute)}
            if one.topics:
                young.append(one)
                minutes[one.key] = minute
            else:
                self.wrote.too_old += 1
        return young

    def _meet_again(
        self,
        one: Incoming,
        held: Held,
        words: dict[str, int],
        author: int | None,
        derived: Derived,
        raws: list[tuple[int, bytes]],
    ) -> None:
        """A post that is stored already: an edit replaces it; the same again may bring another connection's topics."""
        item, before = one.item, held.standing
        post = item.post
        same_text = (post.title, post.text) == (before.title, before.text)
        packed, is_same, kept = repack(before.id, held.rest, item, words, self._people(), same_text=same_text)
        if not item.edited:
            more = {topic: version for topic, version in one.topics.items() if topic not in before.topics}
            self.wrote.duplicates += 1
            if not is_same or not more:
                return  # an older version of it, or nothing to add
            after = msgspec.structs.replace(before, topics={**before.topics, **more})
            derived.move(before, after)
            self.wrote.mentions += len(more)
            self._tell(before, after, derived.missions)
            return
        others = {topic: v for topic, v in before.topics.items() if not self._asked(derived.missions.get(topic))}
        after = msgspec.structs.replace(
            before,
            language=before.language if "language" in kept else words[item.language or ""],
            sentiment=before.sentiment if "sentiment" in kept else SENTIMENT_CODE[item.sentiment],
            title=post.title,
            text=post.text,
            topics={**others, **one.topics},
        )
        if after == before and packed == held.rest and author == held.author:
            self.wrote.duplicates += 1
            return
        self.cursor.execute(
            "UPDATE mentions_post SET author_id = %s, language_id = %s, sentiment = %s, rest = %s WHERE id = %s",
            [
                author if author is not None else held.author,
                after.language,
                after.sentiment,
                packed,
                after.id,
            ],
        )
        derived.move(before, after)
        if item.raw:
            raws.append((before.id, compress(item.raw, after.text)))
        else:  # the payload that is kept was of another text
            self.cursor.execute("DELETE FROM mentions_raw WHERE post_id = %s", [before.id])
        self.wrote.edited += 1
        self.wrote.mentions += len(after.topics.keys() - before.topics.keys())
        self._tell(before, after, derived.missions, is_edit=True)

    def _people(self) -> set[int]:
        """The labellers who are people: their word stands against an edit's."""
        if self._peoples_words is None:
            self._peoples_words = people_among(read_words(self.cursor))
        return self._peoples_words

    def _asked(self, mission: int | None) -> bool:
        """Whether the batch was matched against the topics of `mission`; None is one that is gone."""
        return self.changes.mission_id is None or self.changes.mission_id == mission

    def _authors(self, incoming: Sequence[Incoming], words: dict[str, int]) -> dict[int, tuple[int, bool]]:
        """The accounts of these posts: key → (row, is it hidden). Makes the new ones, updates what is told anew."""
        told: dict[int, Incoming] = {}
        for one in incoming:
            if one.author is not None and (one.author not in told or told[one.author].at <= one.at):
                told[one.author] = one
        found = self._known_authors(told)
        missing = [(key, one) for key, one in told.items() if key not in found]
        if missing:
            sql = f"SELECT id FROM mentions_tombstone WHERE reason = {int(_Reason.HIDDEN)} AND id IN ({{}})"
            hidden = {row[0] for row in rows_in(self.cursor, sql, (key for key, _ in missing))}
            rows = []
            for key, one in missing:
                author = one.item.post.author
                state = 1 if key in hidden else 0
                network, told_at = words[one.item.post.network], first_id(one.at) // SLOTS
                rows.append((key, network, author.id, author.handle, author.name, author.followers, state, told_at))
            columns = "key, network_id, native_id, handle, name, followers, state, told_at"
            self.engine.insert(self.cursor, "mentions_author", columns, rows)
        updates = []
        for key, (number, _, handle, name, followers, told_at) in found.items():
            author, now_told = told[key].item.post.author, first_id(told[key].at) // SLOTS
            if now_told < told_at:
                continue
            after = (
                handle if author.handle is None else author.handle,
                name if author.name is None else author.name,
                followers if author.followers is None else author.followers,
            )
            if after != (handle, name, followers):
                updates.append((*after, now_told, number))
        if updates:
            sql = "UPDATE mentions_author SET handle = %s, name = %s, followers = %s, told_at = %s WHERE id = %s"
            self.cursor.executemany(sql, updates)
        if missing:
            found |= self._known_authors(key for key, _ in missing)
        return {key: (row[0], row[1] == 1) for key, row in found.items()}

    def _known_authors(
        self, keys: Iterable[int]
    ) -> dict[int, tuple[int, int, str | None, str | None, int | None, int]]:
        sql = "SELECT key, id, state, handle, name, followers, told_at FROM mentions_author WHERE key IN ({})"
        return {row[0]: row[1:] for row in rows_in(self.cursor, sql, keys)}

    # --- 3. Edits that match nothing any more ----------------------------------------------------------------------

    def _drop_unmatched(self, keys: Iterable[Key]) -> None:
        hashes = {post_key(tidy_text(network), tidy_text(native_id)) for network, native_id in keys}
        held = list(load(self.cursor, ids_by_key(self.cursor, hashes).values()).values())
        missions = missions_of(self.cursor, (topic for one in held for topic in one.standing.topics))
        derived = Derived(self.engine, self.cursor, missions)
        going = []
        for one in held:
            before = one.standing
            kept = {topic: v for topic, v in before.topics.items() if not self._asked(missions.get(topic))}
            if kept == before.topics:
                continue
            if not kept:
                going.append(one)
                continue
            after = msgspec.structs.replace(before, topics=kept)
            derived.move(before, after)
            self._tell(before, after, missions)
        derived.save()
        remove(self.engine, self.cursor, going)
        for one in going:
            self._tell(one.standing, None, missions)
        self.wrote.edited += len(going)

    # --- 4. New names ----------------------------------------------------------------------------------------------

    def _rename(self, renamed: AuthorRenamed, now: datetime) -> None:
        key = author_key(tidy_text(renamed.network), tidy_text(renamed.author_id))
        self.cursor.execute(
            "UPDATE mentions_author SET handle = coalesce(%s, handle), name = coalesce(%s, name), "
            "followers = coalesce(%s, followers), told_at = %s WHERE key = %s",
            [
                None if renamed.handle is None else tidy_text(renamed.handle),
                None if renamed.name is None else tidy_text(renamed.name),
                tidy_number(renamed.followers),
                first_id(now) // SLOTS,
                key,
            ],
        )


# --- Parts that other changes of the store use too -----------------------------------------------------------------


def bury(engine: Engine, cursor: CursorWrapper, keys: Iterable[int], reason: Tombstone.Reason, now: datetime) -> None:
    """Leave tombstones. The graver reason stays; the time is that of the first."""
    hour = (now - EPOCH) // timedelta(hours=1)
    engine.insert(
        cursor,
        "mentions_tombstone",
        "id, reason, hour",
        sorted((key, int(reason), hour) for key in keys),
        then="ON CONFLICT (id) DO UPDATE SET reason = excluded.reason "
        "WHERE mentions_tombstone.reason < excluded.reason",
    )


def posts_of(cursor: CursorWrapper, author: int) -> list[int]:
    cursor.execute("SELECT id FROM mentions_post WHERE author_id = %s ORDER BY id", [author])
    return [row[0] for row in cursor.fetchall()]


def _author_id(cursor: CursorWrapper, key: int) -> int | None:
    cursor.execute("SELECT id FROM mentions_author WHERE key = %s", [key])
    row = cursor.fetchone()
    return None if row is None else row[0]


def allocate(cursor: CursorWrapper, wanted: Iterable[tuple[int, datetime]]) -> dict[int, int]:
    """An id for each key: the first free slots of its time's millisecond, else of those that follow."""
    groups: dict[int, list[int]] = {}
    for key, at in wanted:
        groups.setdefault(first_id(at), []).append(key)
    occupied = {row[0] for row in rows_in(cursor, "SELECT id FROM mentions_post WHERE id IN ({})", sorted(groups))}
    given: dict[int, int] = {}
    taken: set[int] = set()
    for base in sorted(groups):
        keys = groups[base]
        if len(keys) == 1 and base not in occupied and base not in taken:
            given[keys[0]] = base
            taken.add(base)
            continue
        # Look at ever larger stretches, so that a hundred thousand posts of one instant take few looks.
        start, width, found = base, max(SLOTS, 2 * len(keys)), 0
        while found < len(keys):
            cursor.execute("SELECT id FROM mentions_post WHERE id >= %s AND id < %s", [start, start + width])
            full = {row[0] for row in cursor.fetchall()}
            for slot in range(start, start + width):
                if found < len(keys) and slot not in full and slot not in taken:
                    given[keys[found]] = slot
                    taken.add(slot)
                    found += 1
            start, width = start + width, width * 2
    return given


def _words_of(incoming: Iterable[Incoming]) -> set[str]:
    words = {""}
    for one in incoming:
        item = one.item
        words.update((item.post.network, item.language or "", item.language_by, item.sentiment_by))
    return words


def _first(row: Sequence[object]) -> int:
    number = row[0]
    assert isinstance(number, int)
    return number
