"""What is working: a topic that is liked while it rises, a post that carries, a term that rises, a goal that is
ahead."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from watchfloor.lib.spans import short_span
from watchfloor.listening.models import Topic
from watchfloor.mentions.emerging import rising
from watchfloor.mentions.reads import Window
from watchfloor.missions.broken import posts_link
from watchfloor.missions.goals import State
from watchfloor.missions.rules import Line, Rule
from watchfloor.missions.usual import against_usual
from watchfloor.missions.value_words import number_words, short_words, value_words
from watchfloor.missions.watch import Watch

LEAST_POSTS = 12
LEAST_JUDGED = 8
LEAST_NET = 20.0
LEAST_Z = 4.0
LEAST_TIMES = 2.0
LEAST_ENGAGEMENTS = 50
TIMES_THE_USUAL = 3
LEAST_ENGAGED = 40  # posts whose engagements are told, to know what a strong one usually has
MOST_POSTS = 2
MOST_TERMS = 3
MOST_GOALS = 2
AHEAD = 10.0  # per cent of the way


def liked_and_rising(watch: Watch) -> Iterator[Line]:
    for pk, tallies in watch.talk.topics.items():
        topic, now = watch.topics.get(pk), tallies[0]
        judged = now.positive + now.negative
        if topic is None or topic.role == Topic.Role.COMPETITOR or now.posts < LEAST_POSTS or judged < LEAST_JUDGED:
            continue
        net = now.net
        past = [(part.posts, whole.posts) for part, whole in zip(tallies[1:], watch.talk.mission[1:], strict=True)]
        unusual = against_usual(now.posts, watch.talk.mission[0].posts, past)
        if net is None or net < LEAST_NET or unusual is None or unusual.z < LEAST_Z or unusual.times < LEAST_TIMES:
            continue
        span = short_span(watch.talk.width)
        yield Line(
            lead=short_words(now.posts),
            unit="",
            title=topic.name,
            says=_("posts in %(span)s, %(times).0f × the usual, net sentiment %(net)s")
            % {
                "span": span,
                "times": unusual.times,
                "net": number_words(round(net)).replace("−", "−") if net < 0 else f"+{net:.0f}",
            },
            why=_(
                "%(n)d posts where %(expected).1f are usual for as much talk (z %(z).1f, at least %(least).0f), and "
                "net sentiment is at least +%(net).0f."
            )
            % {"n": now.posts, "expected": unusual.expected, "z": unusual.z, "least": LEAST_Z, "net": LEAST_NET},
            link=posts_link(watch, watch.talk_window, topic=pk),
            link_words=_("See the posts"),
            weight=100 + unusual.z,
            topic_id=pk,
        )


def posts_that_carry(watch: Watch) -> Iterator[Line]:
    told = [(post.post.metrics.engagement, post) for post in watch.posts if post.post.repost_of is None]
    known = [(engagements, post) for engagements, post in told if engagements is not None]
    if len(known) < LEAST_ENGAGED:
        return
    known.sort(key=lambda pair: -pair[0])
    usual = known[len(known) // 20][0]  # one in twenty has as much
    for engagements, post in known[:MOST_POSTS]:
        if engagements < LEAST_ENGAGEMENTS or engagements < TIMES_THE_USUAL * max(usual, 1):
            break
        if post.sentiment == "negative":
            continue
        text = " ".join(post.post.text.split())
        yield Line(
            lead=short_words(engagements),
            unit="",
            title=f"“{text[:70]}{'…' if len(text) > 70 else ''}”",
            says=_("engagements, %(times).0f × what one post in twenty has") % {"times": engagements / max(usual, 1)},
            why=_(
                "Likes, reposts, replies and quotes together are at least %(least)d and at least %(times)d times what "
                "the strongest twentieth of the last %(span)s begins with (%(usual)d), and its sentiment is not "
                "negative."
            )
            % {
                "least": LEAST_ENGAGEMENTS,
                "times": TIMES_THE_USUAL,
                "usual": usual,
                "span": short_span(watch.lately.until - watch.lately.since),
            },
            link=f"{reverse('explore', args=[watch.mission.slug])}?since=24h&post={post.id}",
            link_words=_("See post"),
            weight=80 + min(50.0, engagements / max(usual, 1)),
            post_id=post.id,
        )


def terms_that_rise(watch: Watch) -> Iterator[Line]:
    """Hashtags and phrases that rise around the topics' posts and that no topic looks for yet."""
    for term in rising(watch.mission, Window(watch.lately.since, watch.now), limit=MOST_TERMS):
        if term.state != "offered":
            continue
        yield Line(
            lead=short_words(term.authors),
            unit="",
            title=_("%(term)s rises") % {"term": term.term},
            says=_("authors in %(posts)d posts since %(at)s, in no topic")
            % {"posts": term.posts, "at": f"{timezone.localtime(term.first_seen):%H:%M}"},
            why=_("It was offered as a rising term: hype score %(score).1f by formula %(formula)s.")
            % {"score": term.score, "formula": term.formula},
            link=f"{reverse('emerging', args=[watch.mission.slug])}",
            link_words=_("Add to topic"),
            weight=120 + min(100.0, term.score),
        )


def goals_ahead(watch: Watch) -> Iterator[Line]:
    known = [(one.missing, one) for one in watch.standings if one.missing is not None]
    known.sort(key=lambda pair: (pair[1].state != State.REACHED, pair[0]))
    for missing, one in known[:MOST_GOALS]:
        reached = one.state == State.REACHED
        if not reached and not (one.state == State.ON_TIME and missing <= -AHEAD):
            continue
        target = value_words(one.goal.metric, one.goal.target)
        yield Line(
            lead=short_words(one.value),
            unit="",
            title=_("“%(goal)s” is reached") % {"goal": one.goal.name}
            if reached
            else _("“%(goal)s” is ahead") % {"goal": one.goal.name},
            says=_("target %(target)s") % {"target": target},
            why=_("The goal is reached, or at least %(n)d %% of its way ahead of its line from start to date.")
            % {"n": AHEAD},
            link=f"{reverse('goals', args=[watch.mission.slug])}#goal-{one.goal.pk}",
            link_words=_("See goal"),
            weight=40 + (20 if reached else 0),
        )


_t = gettext_lazy
RULES = (
    Rule(
        "liked-and-rising",
        "working",
        _t("A topic is liked and rises"),
        _t(
            "Of a topic that is not a competitor’s, in the last 20 minutes: at least 12 posts, at least twice what is "
            "usual for as much talk with a robust z of at least 4, and a net sentiment ((positive − negative) ÷ "
            "(positive + negative) × 100) of at least +20 over at least 8 posts that are either."
        ),
        liked_and_rising,
    ),
    Rule(
        "post-carries",
        "working",
        _t("A post carries"),
        _t(
            "A post of the last 2 hours, not negative and no repost, with at least 50 engagements (likes + reposts + "
            "replies + quotes) and at least 3 times what the strongest twentieth of the posts that tell theirs begins "
            "with, where at least 40 do; the two strongest. Of the newest 1,500 posts."
        ),
        posts_that_carry,
    ),
    Rule(
        "term-rises",
        "working",
        _t("A term rises"),
        _t(
            "A hashtag or phrase that rose in the last 2 hours around the posts of the topics, by its hype score, that "
            "no topic looks for and that nobody ignored; the three strongest."
        ),
        terms_that_rise,
    ),
    Rule(
        "goal-ahead",
        "working",
        _t("A goal is ahead"),
        _t(
            "The goal is reached, or at least 10 % of its way ahead of the straight line from start to date; two at "
            "most."
        ),
        goals_ahead,
    ),
)
