"""The eight reasons to run a command center, in plain words, and what each brings along as a start.

After "Setting Up a Social Media Command Center" (Capgemini, 2017). A start is only that: goals, topics and scenes are
offered in the set-up, and each can be changed or left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from watchfloor.listening.models import Topic
from watchfloor.missions.models import Goal
from watchfloor.missions.shapes import TopicShape
from watchfloor.team.models import Mission

Role, Over = Topic.Role, Goal.Over


@dataclass(frozen=True)
class GoalStart:
    """A goal to begin with. The target is `times` the baseline where one is known, else `target`."""

    key: str
    name: Any
    metric: str
    over: str
    target: float | None
    times: float | None = None


@dataclass(frozen=True)
class UseCase:
    """`says`: when to choose it. `brings`: what its start consists of. `to`: what stands after "We listen to …"."""

    name: str
    title: Any
    says: Any
    brings: Any
    to: Any
    icon: str
    goals: tuple[GoalStart, ...]
    topics: tuple[TopicShape, ...]
    panels: tuple[str, ...]
    scenes: tuple[tuple[str, ...], ...]


OWN = TopicShape("own", "{name}", Role.OWN, "{own}")
QUESTIONS = TopicShape("questions", _("Questions to us"), Role.ISSUE, "{asked} has:question -is:repost")
RIVALS = TopicShape("rival", "{competitor}", Role.COMPETITOR, "{competitor}")
TROUBLE = TopicShape(
    "trouble",
    _("Trouble"),
    Role.ISSUE,
    "{own} (down OR broken OR slow OR fail* OR error* OR problem* OR complain* OR refund* OR cancel* OR disappoint* OR "
    "awful OR terrible OR worst OR scam)",
)
SAFETY = TopicShape(
    "safety",
    _("Safety"),
    Role.ISSUE,
    "{own} (injur* OR accident* OR danger* OR unsafe OR fire OR evacuat* OR police OR ambulance OR threat* OR "
    "recall* OR poison* OR lawsuit*)",
)
TAGGED = TopicShape("tagged", _("Campaign hashtags"), Role.CAMPAIGN, "{hashtags}")
LOUD = TopicShape("loud", _("Voices with an audience"), Role.PERSON, "{own} followers:>=5000 -is:repost")
PICTURES = TopicShape("pictures", _("Photos and clips"), Role.OWN, "{own} (has:photo OR has:video) -is:repost")

MORE_TALK = GoalStart("talk", _("Be talked about more"), "volume", Over.PERIOD, 1_000, 1.5)
MORE_PEOPLE = GoalStart("people", _("Bring more people into the talk"), "unique-authors", Over.PERIOD, 400, 1.3)
GOOD_MOOD = GoalStart("mood", _("Keep the mood good"), "net-sentiment-a", Over.DAY, 10)
OUR_SHARE = GoalStart("share", _("Hold our share of voice"), "share-of-voice", Over.WEEK, 40, 1.1)
FEW_BAD = GoalStart("bad", _("Keep complaints rare"), "negative-share", Over.DAY, 30)
HEAR_ALL = GoalStart("heard", _("Miss nothing"), "coverage", Over.DAY, 99)
ANSWERS = GoalStart("asked", _("Know what people ask"), "questions-asked", Over.PERIOD, 100)
CARRIED = GoalStart("carried", _("Make what we publish carry"), "engagement-rate", Over.WEEK, 1, 1.2)
PHOTOS = GoalStart("photos", _("Collect photos from visitors"), "photos", Over.PERIOD, 100, 1.3)
SEEN_BY = GoalStart("seen", _("Be heard by more people"), "potential-reach", Over.PERIOD, 100_000, 1.3)
RIGHT_LABELS = GoalStart("labels", _("Trust the labels"), "label-accuracy", Over.PERIOD, 80)
QUIET = GoalStart("quiet", _("See trouble while it is small"), "negative-share", Over.HOUR, 40)

USE_CASES: dict[str, UseCase] = {
    case.name: case
    for case in (
        UseCase(
            "campaign",
            _("Track a campaign"),
            _("You launched something and want to see whether it is talked about, by whom and in what mood."),
            _("Lift against the time before, mood, share of voice; a hashtag race on the wall."),
            _("track a campaign"),
            "speakerphone",
            (MORE_TALK, GOOD_MOOD, OUR_SHARE),
            (OWN, TAGGED, QUESTIONS, RIVALS),
            ("volume", "sentiment", "share-of-voice", "top-posts", "top-hashtags"),
            (("pulse", "hashtag-race", "top-posts"), ("goals", "share-of-voice")),
        ),
        UseCase(
            "decisions",
            _("Answer listening requests"),
            _("Colleagues ask what people say about something, because they have a decision to make."),
            _("Broad topics, complete coverage and labels that can be trusted; top links, authors, languages."),
            _("answer listening requests for decisions"),
            "help-hexagon",
            (HEAR_ALL, RIGHT_LABELS),
            (OWN, RIVALS, TROUBLE),
            ("volume", "language-share", "top-links", "top-authors", "coverage"),
            (("volume", "network-share", "top-links"), ("top-authors", "language-share")),
        ),
        UseCase(
            "health",
            _("See our social health"),
            _("You want to know at any time how the brand stands: how much talk, how good, against whom."),
            _("Mood, share of voice and how many people talk, with competitors beside you."),
            _("see our social health at any time"),
            "heartbeat",
            (GOOD_MOOD, OUR_SHARE, MORE_PEOPLE),
            (OWN, RIVALS, QUESTIONS, TROUBLE),
            ("volume", "sentiment", "share-of-voice", "network-share", "top-posts"),
            (("pulse", "sentiment", "network-share"), ("share-of-voice", "top-posts", "stream")),
        ),
        UseCase(
            "content",
            _("Feed content producers"),
            _("Those who write, film and post need to hear within the hour what works and what is asked."),
            _("Posts that carry, questions nobody answered, photos and rising hashtags."),
            _("tell content producers what works while it is warm"),
            "bulb",
            (CARRIED, ANSWERS, PHOTOS),
            (OWN, PICTURES, QUESTIONS, TAGGED),
            ("top-posts", "questions", "photos", "emerging", "top-hashtags"),
            (("top-posts", "photos"), ("questions", "emerging", "hashtag-race")),
        ),
        UseCase(
            "people",
            _("Meet the people who matter"),
            _("Decision makers, thought leaders, fans: you want to find them and hear them first."),
            _("Voices with an audience as a topic of their own, reach, and who is new."),
            _("find and meet the people who matter"),
            "users",
            (MORE_PEOPLE, SEEN_BY),
            (OWN, LOUD, RIVALS),
            ("top-authors", "stream", "volume", "top-posts"),
            (("top-authors", "stream"), ("pulse", "top-posts")),
        ),
        UseCase(
            "crisis",
            _("Handle a crisis"),
            _("Something may go wrong, or has. You want to see it while it is small, and to know that you see it all."),
            _("Topics for trouble and safety words, the hour’s mood, complete coverage; what is broken on the wall."),
            _("see trouble early and handle it"),
            "alert-octagon",
            (QUIET, HEAR_ALL),
            (OWN, TROUBLE, SAFETY, QUESTIONS),
            ("works-and-broken", "volume", "sentiment", "stream", "coverage"),
            (("pulse", "works-and-broken", "stream"), ("sentiment", "coverage")),
        ),
        UseCase(
            "care",
            _("Take care of customers"),
            _("People ask and complain on many channels, and each should get an answer."),
            _("Questions and complaints as topics, so that none is overlooked, and what is asked most."),
            _("take care of customers on every channel"),
            "lifebuoy",
            (ANSWERS, FEW_BAD, HEAR_ALL),
            (OWN, QUESTIONS, TROUBLE),
            ("questions", "stream", "sentiment", "volume"),
            (("questions", "stream"), ("pulse", "sentiment", "goals")),
        ),
        UseCase(
            "reports",
            _("Report regularly"),
            _("Business units want the same figures every week or month, and to see how they moved."),
            _("Steady figures with a baseline: volume, share of voice, mood, people."),
            _("report regularly to the business"),
            "report-analytics",
            (MORE_TALK, OUR_SHARE, GOOD_MOOD, MORE_PEOPLE),
            (OWN, RIVALS),
            ("volume", "share-of-voice", "sentiment", "network-share", "language-share"),
            (("volume", "share-of-voice"), ("goals", "sentiment", "network-share")),
        ),
    )
}

# What a kind of mission adds, whatever its use case.
ON_SITE = TopicShape(
    "site",
    _("On site"),
    Role.ISSUE,
    "{own} (wifi OR wlan OR queue* OR badge* OR ticket* OR entrance OR seat* OR toilet* OR coffee OR lunch OR food OR "
    "parking OR train)",
)
KIND_TOPICS: dict[str, tuple[TopicShape, ...]] = {Mission.Kind.EVENT: (QUESTIONS, ON_SITE)}
KIND_GOALS: dict[str, tuple[GoalStart, ...]] = {Mission.Kind.EVENT: (MORE_PEOPLE,)}
KIND_SCENES: dict[str, tuple[tuple[str, ...], ...]] = {
    Mission.Kind.EVENT: (("pulse", "stream", "countdown"), ("hashtag-race", "photos", "goals")),
    Mission.Kind.ISSUE: (("pulse", "works-and-broken", "stream"),),
}


def chosen(names: Sequence[str]) -> list[UseCase]:
    """The use cases of these names, in their order; names that are none are left out."""
    return [USE_CASES[name] for name in names if name in USE_CASES]


def suggested_goals(names: Sequence[str], kind: str) -> list[GoalStart]:
    found = [goal for case in chosen(names) for goal in case.goals]
    return list(dict.fromkeys([*found, *KIND_GOALS.get(kind, ())]))


def suggested_topics(names: Sequence[str], kind: str) -> list[TopicShape]:
    found = [shape for case in chosen(names) for shape in case.topics]
    return list(dict.fromkeys([*found, *KIND_TOPICS.get(kind, ())])) or [OWN]


def suggested_scenes(use_case: str | Sequence[str], kind: str = "") -> list[list[str]]:
    """Scenes for a wall, as lists of names of panels, each scene once."""
    names = [use_case] if isinstance(use_case, str) else use_case
    found = [scene for case in chosen(names) for scene in case.scenes]
    return [list(scene) for scene in dict.fromkeys([*found, *KIND_SCENES.get(kind, ())])]
