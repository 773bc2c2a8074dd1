"""What is broken: trouble in a topic, questions that wait, copies, sources and gaps, goals that are late."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from watchfloor.lib.spans import short_span
from watchfloor.listening.models import Topic
from watchfloor.mentions.reads import Window
from watchfloor.mentions.store.store import Scope, StoredPost, mention_store
from watchfloor.missions.goals import State
from watchfloor.missions.rules import Line, Rule
from watchfloor.missions.talk import Tally, negative_pairs
from watchfloor.missions.usual import Unusual, against_usual
from watchfloor.missions.value_words import short_words, value_words
from watchfloor.missions.watch import Watch
from watchfloor.sources.reads import health

LEAST_NEGATIVE = 8
LEAST_SHARE = 0.4  # of the topic's posts, negative
LEAST_Z = 8.0
LEAST_TIMES = 4.0
SAME_POSTS = 0.5  # of the smaller topic's negative posts; then it is one trouble
LEAST_COPIES, LEAST_COPIERS = 12, 6
LEAST_CHARACTERS = 40  # of a text, to be called a copy: "Thank you!" is none
LEAST_WAITING = 15
PATIENCE = timedelta(minutes=20)
LEAST_GAP = timedelta(minutes=2)


def trouble_in_a_topic(watch: Watch) -> Iterator[Line]:
    """Topics whose negative posts are far above what is usual for them; a broad topic that only repeats the trouble of
    a narrower one is left out."""
    found = []
    for pk, tallies in watch.talk.topics.items():
        topic = watch.topics.get(pk)
        if topic is None or topic.role == Topic.Role.COMPETITOR:
            continue
        now = tallies[0]
        if now.negative < LEAST_NEGATIVE or now.negative < LEAST_SHARE * now.posts:
            continue
        past = list(negative_pairs(tallies[1:], watch.talk.mission[1:]))
        unusual = against_usual(now.negative, watch.talk.mission[0].posts, past)
        if unusual and unusual.z >= LEAST_Z and unusual.times >= LEAST_TIMES:
            found.append((topic, now, unusual))
    talk = watch.talk.topics
    found.sort(key=lambda one: sum(tally.posts for tally in talk[one[0].pk]))  # the narrowest first
    told: list[set[int]] = []
    for topic, now, unusual in found:
        posts = _negative_posts(topic, watch.talk_window)
        if any(len(posts & others) >= SAME_POSTS * min(len(posts), len(others)) for others in told):
            continue
        told.append(posts)
        yield _trouble(watch, topic, now, unusual)


def _trouble(watch: Watch, topic: Topic, now: Tally, unusual: Unusual) -> Line:
    span = short_span(watch.talk.width)
    share = round(now.negative / now.posts * 100)
    says = ngettext(
        "negative post in %(span)s, %(share)d %% of what is said",
        "negative posts in %(span)s, %(share)d %% of what is said",
        now.negative,
    )
    why = _(
        "%(n)d negative posts in %(span)s where %(expected)s are usual for as much talk (robust z %(z).1f, at least "
        "%(least).0f); %(share)d %% of the topic’s posts are negative, at least %(least_share)d %%."
    ) % {
        "n": now.negative,
        "span": span,
        "expected": f"{unusual.expected:.1f}",
        "z": unusual.z,
        "least": LEAST_Z,
        "share": share,
        "least_share": LEAST_SHARE * 100,
    }
    return Line(
        lead=f"{now.negative:,}",
        unit="",
        title=topic.name,
        says=says % {"span": span, "share": share},
        why=why,
        link=posts_link(watch, watch.talk_window, topic=topic.pk, sentiment="negative"),
        link_words=_("See the posts"),
        weight=1_000 + unusual.z,
        needs_you=True,
        topic_id=topic.pk,
    )


def _negative_posts(topic: Topic, window: Window) -> set[int]:
    scope = Scope(topic.mission_id, (topic.pk,))
    labels = mention_store().labels(scope, since=window.since, until=window.until)
    return {post.id for post in labels if post.sentiment == "negative"}


def questions_waiting(watch: Watch) -> Iterator[Line]:
    """Questions to us without an answer, in topics that look for questions."""
    asking = {pk for pk, topic in watch.topics.items() if "has:question" in topic.query.lower()}
    if not asking:
        return
    answered = {post.post.reply_to for post in watch.posts if post.post.reply_to}
    patience = watch.scaled(PATIENCE)
    asked = [post for post in watch.posts if asking.intersection(post.topics) and _asks(post)]
    open_ones = [post for post in asked if post.post.id not in answered and watch.now - post.at >= patience]
    half = watch.lately.since + (watch.lately.until - watch.lately.since) / 2
    late, early = [p for p in open_ones if p.at >= half], [p for p in open_ones if p.at < half]
    if len(late) < LEAST_WAITING or len(late) < 2 * max(1, len(early)):
        return
    oldest = min(post.at for post in open_ones)
    yield Line(
        lead=f"{len(open_ones):,}",
        unit="",
        title=_("Questions wait for an answer"),
        says=_("the oldest for %(span)s; %(late)d came lately, %(early)d before")
        % {"span": short_span(watch.now - oldest), "late": len(late), "early": len(early)},
        why=_(
            "At least %(least)d questions of the newer half of the last %(span)s have no reply that we heard after "
            "%(patience)s, and they are at least twice as many as in the older half."
        )
        % {
            "least": LEAST_WAITING,
            "span": short_span(watch.lately.until - watch.lately.since),
            "patience": short_span(patience),
        },
        link=posts_link(watch, watch.lately, topic=min(asking)),
        link_words=_("See the questions"),
        weight=200 + len(late),
        shape="due",
    )


def _asks(post: StoredPost) -> bool:
    return post.post.repost_of is None and post.post.reply_to is None


def copies(watch: Watch) -> Iterator[Line]:
    """One text that many accounts post as their own."""
    seen: dict[str, list[StoredPost]] = defaultdict(list)
    for post in watch.posts:
        text = _bare(post.post.text)
        if post.post.repost_of is None and len(text) >= LEAST_CHARACTERS:
            seen[text].append(post)
    for posts in seen.values():
        authors = {(post.post.network, post.post.author.id or post.post.author.handle) for post in posts}
        if len(posts) >= LEAST_COPIES and len(authors) >= LEAST_COPIERS:
            words = " ".join(f'"{part}"' for part in re.findall(r"\w{4,}", posts[0].post.text)[:4])
            yield Line(
                lead=f"{len(posts):,}",
                unit="",
                title=_("The same text again and again"),
                says=f"“{posts[0].post.text[:90]}{'…' if len(posts[0].post.text) > 90 else ''}”",
                why=_(
                    "At least %(least)d posts of one text (links and handles aside) by at least %(copiers)d accounts "
                    "in %(span)s, reposts not counted: here %(n)d by %(authors)d."
                )
                % {
                    "least": LEAST_COPIES,
                    "copiers": LEAST_COPIERS,
                    "span": short_span(watch.lately.until - watch.lately.since),
                    "n": len(posts),
                    "authors": len(authors),
                },
                link=posts_link(watch, watch.lately, q=words) if words else posts_link(watch, watch.lately),
                link_words=_("See the posts"),
                weight=100 + len(posts),
                shape="due",
            )


def _bare(text: str) -> str:
    """What copies have in common: links, handles, numbers, case and white space aside."""
    return " ".join(re.sub(r"https?://\S+|@\S+|\d+", " ", text).casefold().split())


def sources_down(watch: Watch) -> Iterator[Line]:
    """Sources that need hands, wait to try again, are silent or behind."""
    for connection in watch.connections:
        state = health(connection, watch.now)
        if state.rank > 1:
            continue
        silent_since = connection.last_post_at or connection.heard_at
        yield Line(
            lead=short_span(watch.now - silent_since) if silent_since else "–",
            unit="",
            title=connection.name,
            says=connection.says or state.word,
            why=_(
                "The source’s state is “%(state)s”: it failed, waits to try again, or nothing came for longer than its "
                "rhythm makes likely (%(rhythm)s)."
            )
            % {"state": state.word, "rhythm": short_span(connection.rhythm)},
            link=reverse("source-connection", args=[connection.pk]),
            link_words=_("See connection"),
            weight=500 - state.rank,
            needs_you=state.rank == 0,
            shape=state.shape,
        )


def gaps_lately(watch: Watch) -> Iterator[Line]:
    """Stretches of the last hour that were not received."""
    lost: dict[int, timedelta] = defaultdict(timedelta)
    names = {}
    for gap in watch.gaps:
        since = max(gap.since, watch.now - timedelta(hours=1))
        lost[gap.connection_id] += min(gap.until, watch.now) - since
        names[gap.connection_id] = gap.connection.name, gap.why
    for pk, span in lost.items():
        if span < LEAST_GAP:
            continue
        name, why = names[pk]
        yield Line(
            lead=short_span(span),
            unit="",
            title=_("%(source)s missed posts") % {"source": name},
            says=why,
            why=_("Of the last hour at least %(least)s were not received and not filled since.")
            % {"least": short_span(LEAST_GAP)},
            link=reverse("source-connection", args=[pk]),
            link_words=_("See the gap"),
            weight=300 + span.total_seconds() / 60,
            shape="due",
        )


def goals_late(watch: Watch) -> Iterator[Line]:
    """Goals whose state is late."""
    for one in watch.standings:
        if one.state != State.LATE:
            continue
        wanted = _("wanted by now: %(expected)s") % {"expected": value_words(one.goal.metric, one.expected)}
        yield Line(
            lead=short_words(one.value),
            unit="",
            title=_("“%(goal)s” is late") % {"goal": one.goal.name},
            says=f"{value_words(one.goal.metric, one.value)}, {wanted}",
            why=_("The goal’s state is late: %(why)s") % {"why": one.why},
            link=f"{reverse('goals', args=[watch.mission.slug])}#goal-{one.goal.pk}",
            link_words=_("See goal"),
            weight=250 + min(200.0, one.missing or 0.0) / 10,
            shape="late",
        )


def not_listening(watch: Watch) -> Iterator[Line]:
    """A mission that can't hear anything."""
    if watch.mission.closed_at is not None:
        return
    slug = watch.mission.slug
    if not watch.topics:
        yield _deaf(
            _("Nothing is listened for"), _("no topic is switched on"), reverse("set-up", args=[slug, "topics"])
        )
    elif not watch.connections:
        yield _deaf(_("Nothing is heard"), _("no source is switched on"), reverse("set-up", args=[slug, "sources"]))


def _deaf(title: str, says: str, link: str) -> Line:
    why = _("Without a topic and a source that are switched on no post can come in.")
    return Line("–", "", title, says, why, link, _("Set it up"), 2_000, needs_you=True, called=_("The set-up"))


def posts_link(watch: Watch, window: Window, **asked: Any) -> str:
    """Explore, at the posts of a stretch."""
    told = {"from": window.since.isoformat(), "to": window.until.isoformat(), **asked}
    return f"{reverse('explore', args=[watch.mission.slug])}?{urlencode(told)}"


_t = gettext_lazy
RULES = (
    Rule(
        "trouble-in-a-topic",
        "broken",
        _t("Trouble in a topic"),
        _t(
            "Of a topic that is not a competitor’s, in the last 20 minutes: at least 8 negative posts, at least 40 % "
            "of its posts negative, and at least 4 times what is expected with a robust z of at least 8. Expected is "
            "the topic’s usual share of the mission’s posts that are negative posts of the topic (over the 20-minute "
            "windows of the last 24 hours with 20 posts or more, at least 8 of them: the median of their rates, or the "
            "mean if that is more) times the mission’s posts now. Of two topics that share half of these posts, only "
            "the smaller shows."
        ),
        trouble_in_a_topic,
    ),
    Rule(
        "not-listening",
        "broken",
        _t("Nothing can be heard"),
        _t("No topic of the mission, or no source that it hears, is switched on, and the mission is not closed."),
        not_listening,
    ),
    Rule(
        "source-down",
        "broken",
        _t("A source is down"),
        _t(
            "A source that the mission hears needs hands, waits to try again, or brought nothing for longer than its "
            "network’s rhythm makes likely."
        ),
        sources_down,
    ),
    Rule(
        "gap-lately",
        "broken",
        _t("Posts were missed"),
        _t("At least 2 minutes of the last hour were not received by a source and have not been filled since."),
        gaps_lately,
    ),
    Rule(
        "goal-late",
        "broken",
        _t("A goal is late"),
        _t(
            "The goal is more than 25 % of its way behind the straight line from start to date, or its date has passed "
            "and the target is not reached."
        ),
        goals_late,
    ),
    Rule(
        "questions-waiting",
        "broken",
        _t("Questions wait"),
        _t(
            "In topics that look for questions: at least 15 posts of the last hour that are no reply have had no reply "
            "that we heard for 20 minutes, and they are at least twice as many as those of the hour before. Of the "
            "newest 1,500 posts of the last 2 hours."
        ),
        questions_waiting,
    ),
    Rule(
        "copies",
        "broken",
        _t("The same text again and again"),
        _t(
            "At least 12 posts of one text of 40 characters or more, by at least 6 accounts, reposts not counted; "
            "links, handles, numbers and case aside. Of the newest 1,500 posts of the last 2 hours."
        ),
        copies,
    ),
)  # fmt: skip
