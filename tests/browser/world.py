"""What the browser tests look at. Run as a command, because the server has a database of its own.

python -m tests.browser.world           make tables, the owner, a mission with topics, posts, sources
… link                                  print the token of a new sign-in link
… arrive N                              store N posts now and announce them, as the stream does
… delete                                delete the newest post and announce it
… furnish                               let people leave their things in it, print what the pages' addresses hold
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
django.setup()

import msgspec  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.browser.furnish import furnish  # noqa: E402
from watchfloor.first_start import OWNER, make_rehearsal  # noqa: E402
from watchfloor.listening.models import Topic  # noqa: E402
from watchfloor.live.announce import publish  # noqa: E402
from watchfloor.mentions import reads  # noqa: E402
from watchfloor.mentions.store.store import Changes, Labelled, Wrote, mention_store  # noqa: E402
from watchfloor.sources import actions  # noqa: E402
from watchfloor.sources.models import Connection, ConnectionGap  # noqa: E402
from watchfloor.sources.post import Author, Metrics, Post  # noqa: E402
from watchfloor.team.models import Mission, Person  # noqa: E402
from watchfloor.team.sign_in import make_link  # noqa: E402

LONG = "Ministerialbeigeordnete a. D. Dr. Dr. h. c. Maximiliane-Theodora von und zu Hohenstein-Wallersdorf " * 4
TEXTS = (
    ("en", "Third time today: 20 minute queue for a flat white at the north hall. @pivot can we get a second cart?"),
    ("en", "Best conversation of #pivot26 so far happened in the flat white queue."),
    ("en", "Wifi is down in hall B, again. @pivot?"),
    ("ar", "أفضل جلسة اليوم كانت عن المجتمعات الصغيرة، شكرًا #pivot26"),
    ("ja", "ベジタリアンの昼食はどこですか？ #pivot26"),
    ("en", "<script>document.title='hacked'</script><img src=x onerror=alert(1)> #pivot26"),
    ("de", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4 + " #pivot26"),
    ("en", "turned \u202earound\u202c and zero\u200bwidth #pivot26"),
)
AUTHORS = (
    ("Tom Hale", "tom.hale.bsky.social"),
    (LONG, "hohenstein.example"),
    ("رانيا حداد", "rania.bsky.social"),
    ("<script>document.title='hacked'</script>", "evil.example"),
    ("Pay Pal", "раypal.bsky.social"),
    (None, None),
)
NETWORKS = ("bluesky",) * 8 + ("mastodon", "feed")
TONES = ("negative", "neutral", "positive", None, "neutral", "positive")


def make() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    Person.objects.create_superuser(OWNER, name="Ana Lee")
    mission = make_rehearsal()
    Mission.objects.create(name="Empty " + LONG[:390], slug="empty")
    now = timezone.now()
    Connection.objects.filter(mission=mission).update(state="live", heard_at=now, last_post_at=now, lag_seconds=0.2)
    broken = Connection.objects.create(
        name=LONG[:400],
        source="bluesky",
        state="failed",
        says="Signed in (https://bsky.social). Enter a new app password.",
        unknown_fields={"commit.record.embed.video": 3},
    )
    gap = {"since": now - timedelta(hours=5), "until": now - timedelta(hours=4)}
    ConnectionGap.objects.create(connection=broken, **gap, why="The cursor was too old.", found_at=now)
    heard = Connection.objects.get(mission=mission)
    ConnectionGap.objects.create(connection=heard, **gap, why="A restart.", found_at=now)
    actions.add_connection(source="webhook", name="Shop reviews", mission=None, settings={}, secrets={})
    _store([_labelled(n, now - timedelta(minutes=7 * n), now) for n in range(1, 160)])


def arrive(count: int) -> Wrote:
    now = timezone.now()
    return _store([_labelled(n, now - timedelta(milliseconds=n), now) for n in range(count)])


def delete() -> Wrote:
    mission = Mission.objects.get(is_rehearsal=True)
    newest = reads.newest(mission, None, limit=1)[0]
    with transaction.atomic():
        wrote = mention_store().write(Changes(deleted=[(newest.post.network, newest.post.id)]))
        _announce(mission, wrote)
    return wrote


def _store(posts: list[Labelled]) -> Wrote:
    with transaction.atomic():
        wrote = mention_store().write(Changes(posts=posts))
        _announce(Mission.objects.get(is_rehearsal=True), wrote)
    return wrote


def _announce(mission: Mission, wrote: Wrote) -> None:
    topics = {
        str(topic): {"new": wrote.new.get(topic, []), "gone": wrote.gone.get(topic, [])}
        for topic in {*wrote.new, *wrote.gone}
    }
    publish(f"mission:{mission.pk}", {"topics": topics})


def _labelled(n: int, at: datetime, now: datetime) -> Labelled:
    topics = list(Topic.objects.filter(mission__is_rehearsal=True).order_by("pk"))
    language, text = TEXTS[n % len(TEXTS)]
    name, handle = AUTHORS[n % len(AUTHORS)]
    tone = TONES[n % len(TONES)]
    network = NETWORKS[n % len(NETWORKS)]
    post = Post(
        network=network,
        id=f"{n}-{at.timestamp()}",
        text=text,
        title="What we learned on day two" if network == "feed" else None,
        created_at=at,
        url="javascript:alert(1)" if n % 2 else "https://example.com/post",
        author=Author(id=f"a{n % 9}", handle=handle, name=name, followers=1240 if n % 3 else None),
        metrics=Metrics(likes=31, reposts=9, replies=6) if n % 2 else Metrics(),
    )
    return Labelled(
        post=post,
        raw=b"{}",
        topics=[(topics[n % len(topics)].pk, 1)],
        seen_at=min(now, at + timedelta(seconds=4)),
        language=language,
        language_by="declared/1",
        sentiment=tone,
        sentiment_confidence=None if tone is None else 0.94 if n % 2 else 0.55,
        sentiment_by="" if tone is None else "english/1",
    )


def main(words: list[str]) -> None:
    match words:
        case []:
            make()
        case ["link"]:
            print(make_link(Person.objects.get(email=OWNER), timedelta(hours=1)))
        case ["arrive", count]:
            print(arrive(int(count)).stored)
        case ["delete"]:
            print(delete().deleted)
        case ["furnish"]:
            print(msgspec.json.encode(furnish(Mission.objects.get(is_rehearsal=True))).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
