"""Writes the made-up event, post by post in the order of time, so that replies answer what has been said."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any

import msgspec

from watchfloor.sources.post import Author, Media, Metrics, Post, Sentiment
from watchfloor.sources.rehearsal import languages
from watchfloor.sources.rehearsal.cast import Cast, Person
from watchfloor.sources.rehearsal.grammar import Bank
from watchfloor.sources.rehearsal.happenings import happenings
from watchfloor.sources.rehearsal.made import Item, Plan, Truth
from watchfloor.sources.rehearsal.programme import HALLS, Session
from watchfloor.sources.rehearsal.rhythm import THEMES, moments, part_of, surge, take_off
from watchfloor.sources.rehearsal.voices import type_out
from watchfloor.sources.source import AuthorChanged, AuthorRenamed, Deleted, Event, Written

MOODS: tuple[Sentiment, ...] = ("positive", "neutral", "negative")
# A hundred posts are dealt to networks as this, shuffled.
HUNDRED = ["bluesky"] * 89 + ["mastodon"] * 5 + ["wordpress"] * 2 + ["news"] + ["reddit"] * 3
# Network → what a post there is, by weight.
FORMS = {
    "bluesky": {"own": 56, "reply": 27, "repost": 12, "quote": 5},
    "mastodon": {"own": 60, "reply": 27, "repost": 13},
    "wordpress": {"article": 55, "reply": 45},
    "news": {"article": 1},
    "reddit": {"forum": 25, "reply": 75},
}
FOLLOWS_EDITS = {"mastodon", "wordpress", "reddit"}
EVENT_TAG = "#pivot26"
FORMAL = ("news.", "article.", "forum.", "announce.", "answer.")
# Themes after which somebody goes on about the talk.
ABOUT_TALKS = {"claim", "talk", "keynote"}
# Themes whose texts may begin with a word like "Honestly,".
OPENED = {"claim", "talk", "coffee", "food", "hallway", "room", "remote", "tired", "swag", "photo", "thanks", "expect"}


@dataclass
class Said:
    """A post that others may answer."""

    post: Post
    person: Person
    theme: str
    mood: Sentiment
    lang: str
    session: Session | None
    pull: float


@dataclass(frozen=True)
class Planted:
    """A slot in time that something planned takes."""

    happening: str
    network: str | None = None


class Writing:
    """Fills a Plan. Everything random comes from one generator, in one order."""

    def __init__(self, made: Plan, cast: Cast, names: Bank, random: Random) -> None:
        self.made, self.cast, self.names, self.random = made, cast, names, random
        self.programme = made.programme
        self.banks = {lang: bank.shuffled() for lang, bank in languages.banks().items()}
        self.talks = Bank("en-programme.txt")
        self.said: dict[str, deque[Said]] = defaultdict(lambda: deque(maxlen=260))
        self.due: dict[str, list[tuple[datetime, int, Callable[[datetime], None]]]] = defaultdict(list)
        self.later: list[tuple[datetime, int, Event]] = []
        self.texts: set[str] = set()
        self.planted: dict[str, list[str]] = defaultdict(list)
        self.number = 0
        self.order = 0
        self.gone: tuple[Person, datetime] | None = None
        self.clip: Said | None = None
        self._texts_of_spam: dict[str, str] = {}

    # --- The event ------------------------------------------------------------------------------------------------

    def write(self, count: int) -> None:
        slots = self._slots(count)
        hundred: list[str] = []
        for moment, planted in slots:
            if not hundred:
                hundred = self.random.sample(HUNDRED, len(HUNDRED))
            network = hundred.pop()
            if planted and network not in ("bluesky", "mastodon"):
                # What is planned happens on the two; the slot's network is kept for the next post.
                other = next((i for i, n in enumerate(hundred) if n == "bluesky"), None)
                if other is not None:
                    hundred[other], network = network, "bluesky"
                else:
                    network = "bluesky"
            self._write_one(moment, planted, network)
        self._lose_an_account(slots[-1][0])
        self._put_in_order()
        self.made.happenings = happenings(self.made, self.planted, self.gone)

    def _slots(self, count: int) -> list[tuple[datetime, Planted | None]]:
        """When posts are written, and which of them are planted. Exactly `count`."""
        random, day = self.random, self.programme.at
        second = min(2, self.programme.days)
        last = self.programme.days
        lunch, wifi, rumour = day(1, time(11, 40)), day(second, time(13, 34)), day(1, time(18, 20))
        slots: list[tuple[datetime, Planted | None]] = []

        def share(part: float) -> int:
            return max(3, round(count * part))

        def plant(name: str, times: list[datetime]) -> None:
            slots.extend((moment, Planted(name)) for moment in times)

        firsts = [lunch + timedelta(seconds=s) for s in (0, 95, 210, 330, 440, 540)][: share(0.0004)]
        plant("pivotfood", firsts)
        plant("pivotfood", surge(share(0.028), lunch, minutes=420, shape=take_off(24, 70, 60), random=random))
        if last > 1:
            again = day(2, time(11, 50))
            plant("pivotfood", surge(share(0.007), again, minutes=180, shape=take_off(25, 35, 50), random=random))
        plant("wifi", surge(share(0.013), wifi, minutes=130, shape=take_off(6, 12, 38), random=random))
        plant("rumour", surge(share(0.009), rumour, minutes=260, shape=take_off(14, 45, 50), random=random))
        plant(
            "correction",
            surge(share(0.006), rumour + timedelta(minutes=32), minutes=240, shape=take_off(10, 25, 60), random=random),
        )
        plant(
            "clip",
            surge(share(0.007), day(second, time(11, 52)), minutes=300, shape=take_off(15, 30, 90), random=random),
        )
        plant("spam", sorted(self._any_moment() for _ in range(share(0.026))))
        plant("copies", sorted(self._waking_moment() for _ in range(share(0.008))))
        # The organiser's own posts, at set times.
        for number in range(1, self.programme.days + 1):
            slots.append((day(number, time(7, 50)), Planted("announce.morning")))
        for session in self.programme.sessions:
            slots.append((session.starts - timedelta(minutes=9), Planted("announce.talk")))
        slots.append((wifi + timedelta(minutes=15), Planted("announce.wifi")))
        slots.append((wifi + timedelta(minutes=31), Planted("announce.wifi")))
        slots.append((wifi + timedelta(minutes=57), Planted("announce.fixed")))
        slots.append((rumour + timedelta(minutes=32), Planted("announce.rumour")))
        slots.append((rumour + timedelta(minutes=61), Planted("announce.rumour")))
        slots.append((day(second, time(11, 52)), Planted("announce.clip")))
        # A very small event has no room for everything: what is announced about talks goes first.
        if len(slots) > count * 0.6:
            slots = [s for s in slots if s[1] is None or s[1].happening != "announce.talk"]
        slots += [(moment, None) for moment in moments(count - len(slots), self.programme, random)]
        slots.sort(key=lambda slot: slot[0])
        return slots

    def _any_moment(self) -> datetime:
        return self.programme.begins + timedelta(
            seconds=self.random.random() * (self.programme.ends - self.programme.begins).total_seconds()
        )

    def _waking_moment(self) -> datetime:
        day = self.random.randint(1, self.programme.days)
        return self.programme.day(day) + timedelta(hours=self.random.triangular(8, 21, 10))

    def _write_one(self, moment: datetime, planted: Planted | None, network: str) -> None:
        if planted is None:
            due = self.due[network]
            if due and due[0][0] <= moment:
                heappop(due)[2](moment)
                return
            forms = FORMS[network]
            form = self.random.choices(list(forms), weights=list(forms.values()))[0]
            if form != "article" and form != "own" and form != "forum" and not self.said[network]:
                form = {"wordpress": "article", "reddit": "forum"}.get(network, "own")
            getattr(self, f"_write_{form}")(moment, network)
        elif planted.happening.startswith("announce."):
            self._announce(moment, planted.happening)
        else:
            getattr(self, f"_plant_{planted.happening}")(moment, network)

    # --- Usual posts ----------------------------------------------------------------------------------------------

    def _write_own(self, moment: datetime, network: str) -> None:
        person = self._somebody(network, moment)
        lang = self._tongue(person)
        theme = self._theme(moment, person, lang)
        if theme == "question":
            self._ask(moment, person, lang)
            return
        if theme == "thread":
            self._begin_thread(moment, person)
            return
        mood = self._mood(theme, lang)
        session = self._session(moment, theme)
        text = self._sentence(f"{theme}.{mood}", lang, mood, session)
        self._publish(moment, person, text, theme=theme, mood=mood, lang=lang, session=session)

    def _write_reply(self, moment: datetime, network: str) -> None:
        target = self._target(network, pulled=2)
        person = self._somebody(network, moment, lang=target.lang)
        if person.lang != target.lang and target.lang != "en":
            self._write_own(moment, network) if network in ("bluesky", "mastodon") else self._write_repost_or_new(
                moment, network
            )
            return
        lang = target.lang
        bank = self.banks[lang]
        if target.theme == "question" and "re.question.neutral" in bank:
            mood: Sentiment = "neutral"
            rule = "re.question.neutral"
        elif target.theme == "rumour" and "re.rumour.neutral" in bank:
            mood, rule = "neutral", "re.rumour.neutral"
        else:
            mood = self._reply_mood(target.mood)
            rule = f"re.{target.mood}.{mood}"
            if rule not in bank:
                mood = next(m for m in MOODS if f"re.{m}" in bank)
                rule = f"re.{mood}"
        text = self._sentence(rule, lang, mood, target.session, follow=0.0)
        self._publish(
            moment, person, text, theme=target.theme, mood=mood, lang=lang, session=target.session, reply_to=target
        )

    def _write_repost_or_new(self, moment: datetime, network: str) -> None:
        if network == "reddit":
            self._write_forum(moment, network)
        else:
            self._write_article(moment, network)

    def _write_repost(self, moment: datetime, network: str) -> None:
        target = self._target(network, pulled=9)
        person = self._somebody(network, moment)
        self._repost(moment, person, target, None)

    def _repost(self, moment: datetime, person: Person, target: Said, happening: str | None) -> None:
        post = self._post(moment, person, target.post.text, lang=target.post.lang, media=target.post.media)
        post = msgspec.structs.replace(post, repost_of=target.post.id, links=target.post.links, metrics=Metrics())
        self._keep(moment, post, Truth(target.theme, target.mood, target.lang, happening=happening))

    def _write_quote(self, moment: datetime, network: str) -> None:
        target = self._target(network, pulled=7)
        person = self._somebody(network, moment, lang=target.lang)
        lang = person.lang if f"quote.{target.mood}" in self.banks[person.lang] else "en"
        mood = target.mood if self.random.random() < 0.7 else "neutral"
        rule = f"quote.{mood}"
        if rule not in self.banks[lang]:
            mood, rule, lang = target.mood, f"quote.{target.mood}", "en"
        text = self._sentence(rule, lang, mood, target.session, follow=0.15)
        self._publish(
            moment, person, text, theme=target.theme, mood=mood, lang=lang, session=target.session, quote=target
        )

    def _write_article(self, moment: datetime, network: str) -> None:
        person = self.cast.draw(network, there=self.random.random() < 0.5)
        lang = person.lang if "article.title" in self.banks[person.lang] else "en"
        kind = "news" if network == "news" and lang == "en" else "article"
        session = self._session(moment, "claim")
        title = self._fresh(f"{kind}.title", lang, session)
        body = self._fresh(f"{kind}.body", lang, session)
        if kind == "article":
            body += "\n\n" + self._fresh(f"{kind}.body", lang, session)
        mood: Sentiment = "neutral"
        self._publish(
            moment, person, body, theme="article", mood=mood, lang=lang, session=session, title=title, plain=True
        )

    def _write_forum(self, moment: datetime, network: str) -> None:
        person = self.cast.draw(network, there=self.random.random() < 0.5)
        session = self._session(moment, "claim")
        title = self._fresh("forum.title", "en", session)
        body = self._fresh("forum.body", "en", session)
        self._publish(
            moment, person, body, theme="article", mood="neutral", lang="en", session=session, title=title, plain=True
        )

    # --- Questions, threads, announcements ------------------------------------------------------------------------

    def _ask(self, moment: datetime, person: Person, lang: str) -> None:
        topics = languages.questions(lang)
        topic = self.random.choice(topics)
        session = self._session(moment, "question")
        text = self._fresh(f"question.{topic}", lang, session)
        said = self._publish(
            moment, person, text, theme="question", mood="neutral", lang=lang, session=session, tags=[]
        )
        if person.network in self.cast.organiser and self.random.random() < 0.64:
            wait = timedelta(minutes=self.random.lognormvariate(2.0, 0.75))
            self._soon(moment + wait, person.network, lambda now: self._answer(now, said, topic))

    def _answer(self, moment: datetime, question: Said, topic: str) -> None:
        lang = question.lang if f"answer.{topic}" in self.banks[question.lang] else "en"
        said = self._fresh(f"answer.{topic}", lang, question.session)
        text, signed = said, self.banks["en"].say("signed", {}, self.random)
        if lang == "en":
            author = question.person.author
            names = {"who": (author.name or "").split(" ")[0], "handle": author.handle or "", "said": said}
            for _try in range(6):
                if f"{text} {signed}" not in self.texts and self.random.random() < 0.8:
                    break
                text = self.banks["en"].say("answer.hello", names, self.random)
            self.texts.add(f"{text} {signed}")
        organiser = self.cast.organiser[question.person.network]
        self._publish(
            moment, organiser, f"{text.strip()} {signed}".strip(), theme="answer", mood="neutral", lang=lang,
            session=question.session, reply_to=question, plain=True, tags=[], answers=question.post.id,
        )  # fmt: skip

    def _begin_thread(self, moment: datetime, person: Person) -> None:
        session = self._session(moment, "claim")
        text = self._fresh("thread.start", "en", session)
        said = self._publish(moment, person, text, theme="thread", mood="neutral", lang="en", session=session)
        self._continue(moment, said, self.random.randint(2, 6))

    def _continue(self, moment: datetime, before: Said, left: int) -> None:
        def go_on(now: datetime) -> None:
            text = self._fresh("thread.more", "en", before.session)
            said = self._publish(
                now, before.person, text, theme="thread", mood="neutral", lang="en", session=before.session,
                reply_to=before, tags=[],
            )  # fmt: skip
            if left > 1:
                self._continue(now, said, left - 1)

        self._soon(moment + timedelta(minutes=self.random.uniform(1, 5)), before.person.network, go_on)

    def _announce(self, moment: datetime, rule: str) -> None:
        soon = self.programme.soon(moment)
        session = self.random.choice(soon)
        if rule == "announce.clip":
            session = self.programme.sessions[0]
        text = self._fresh(rule, "en", session)
        happening = {
            "announce.wifi": "wifi",
            "announce.fixed": "wifi",
            "announce.rumour": "correction",
            "announce.clip": "clip",
        }.get(rule)
        mood: Sentiment = "positive" if rule in ("announce.clip", "announce.morning") else "neutral"
        media = (
            (Media("video", self._picture(".mp4"), "The keynote stage, seen from row F, with captions"),)
            if rule == "announce.clip"
            else ()
        )
        said = self._publish(
            moment, self.cast.organiser["bluesky"], text, theme=happening or "announcement", mood=mood, lang="en",
            session=session, plain=True, tags=[], happening=happening, media=media,
        )  # fmt: skip
        said.pull *= 40 if happening else 3
        if rule == "announce.clip":
            self.clip = said

    # --- What is planted ------------------------------------------------------------------------------------------

    def _plant_pivotfood(self, moment: datetime, network: str) -> None:
        self._plant_mood(moment, network, "pivotfood", (0.62, 0.25, 0.13), tags=["#pivotfood"])

    def _plant_wifi(self, moment: datetime, network: str) -> None:
        fixed = self.programme.at(min(2, self.programme.days), time(14, 31))
        self._plant_mood(moment, network, "wifi", (0.45, 0.2, 0.35) if moment > fixed else (0.0, 0.15, 0.85), tags=[])

    def _plant_rumour(self, moment: datetime, network: str) -> None:
        said = self.planted["rumour"]
        if said and self.random.random() < 0.22:
            target = next((s for s in reversed(self.said[network]) if s.theme == "rumour"), None)
            if target:
                self._repost(moment, self._somebody(network, moment), target, "rumour")
                return
        self._plant_mood(moment, network, "rumour", (0.0, 0.35, 0.65), tags=[])

    def _plant_correction(self, moment: datetime, network: str) -> None:
        self._plant_mood(moment, network, "correction", (0.2, 0.8, 0.0), tags=[])

    def _plant_clip(self, moment: datetime, network: str) -> None:
        clip = self.clip
        if network != "bluesky" or clip is None:
            self._write_own(moment, network)
        elif self.random.random() < 0.6:
            self._repost(moment, self._somebody(network, moment), clip, "clip")
        else:
            person = self._somebody(network, moment, lang="en")
            text = self._sentence("quote.positive", "en", "positive", clip.session, follow=0.3)
            self._publish(
                moment, person, text, theme="clip", mood="positive", lang="en", session=clip.session, quote=clip,
                tags=["#smallrooms"], happening="clip",
            )  # fmt: skip

    def _plant_mood(
        self, moment: datetime, network: str, name: str, odds: tuple[float, float, float], *, tags: list[str]
    ) -> None:
        person = self._somebody(network, moment, there=True)
        lang = self._tongue(person)
        moods = [m for m, odd in zip(MOODS, odds, strict=True) if odd and f"{name}.{m}" in self.banks[lang]]
        if not moods:
            lang = "en"
            moods = [m for m, odd in zip(MOODS, odds, strict=True) if odd]
        mood = self.random.choices(moods, weights=[odds[MOODS.index(m)] for m in moods])[0]
        text = self._sentence(f"{name}.{mood}", lang, mood, self._session(moment, name), follow=0.25)
        self._publish(moment, person, text, theme=name, mood=mood, lang=lang, session=None, tags=tags, happening=name)

    def _plant_spam(self, moment: datetime, network: str) -> None:
        bot = self.random.choice(self.cast.bots)
        earlier = self.planted[f"spam.{bot.bio}"]
        copied = self.random.choice(earlier) if earlier and self.random.random() < 0.45 else None
        if copied:
            text = self._texts_of_spam[copied]
            if self.random.random() < 0.6:  # a near-copy: another tail
                text += self.random.choice(
                    (" ✅", " 🔥🔥", " ⏰", " .", " #fyp", " #now", "  👀", f" {self.random.randrange(100, 999)}")
                )
        else:
            text = self.banks["en"].say(f"spam.{bot.bio}", {}, self.random)
            copied = next((id for id in earlier if self._texts_of_spam[id] == text), None)
        said = self._publish(
            moment, bot, text, theme="spam", mood="positive", lang="en", session=None, plain=True, tags=[],
            happening="spam", copy_of=copied,
        )  # fmt: skip
        said.pull = 0
        self.planted[f"spam.{bot.bio}"].append(said.post.id)
        self._texts_of_spam[said.post.id] = text

    def _plant_copies(self, moment: datetime, network: str) -> None:
        person = self._somebody(network, moment)
        shared = self.planted["share"]
        if self.random.random() < 0.5 or not self.said[network]:
            # The text that the event's own button puts into the box.
            said = self._publish(
                moment, person, self.banks["en"].say("share", {}, self.random), theme="share", mood="neutral",
                lang="en", session=None, plain=True, tags=[], happening="copies", copy_of=shared[0] if shared else None,
            )  # fmt: skip
            shared.append(said.post.id)
        else:
            copied = self._target(network, pulled=4)
            said = self._publish(
                moment, person, copied.post.text, theme=copied.theme, mood=copied.mood, lang=copied.lang,
                session=copied.session, plain=True, tags=[], happening="copies", copy_of=copied.post.id,
            )  # fmt: skip
        said.pull = 0

    # --- Parts of a post ------------------------------------------------------------------------------------------

    def _somebody(
        self, network: str, moment: datetime, *, there: bool | None = None, lang: str | None = None
    ) -> Person:
        """Who writes: at night more often somebody far away; with `lang`, if found soon, somebody who speaks it."""
        if there is None:
            chance = 0.2 if moment.hour < 6 else 0.72
            there = self.random.random() < chance
        for _try in range(14 if lang else 1):
            person = self.cast.draw(network, there=there)
            if self.gone and person is self.gone[0] and moment >= self.gone[1]:
                continue
            if not lang or person.lang == lang:
                break
        if self.gone is None and network == "bluesky" and person.part == "attendee" and person.lang == "en":
            self._choose_who_goes(person)
        if self.gone and person is self.gone[0] and moment >= self.gone[1]:
            return self._somebody(network, moment, there=there, lang=lang)
        return person

    def _choose_who_goes(self, person: Person) -> None:
        self.gone = (person, self.programme.at(min(2, self.programme.days), time(15, 5)))

    def _tongue(self, person: Person) -> str:
        """The language of one post: mostly one's own; people who speak another write English now and then."""
        return person.lang if person.lang == "en" or self.random.random() < 0.9 else "en"

    def _theme(self, moment: datetime, person: Person, lang: str) -> str:
        if person.part == "decider" and self.random.random() < 0.5:
            return "decider"
        if person.part == "exhibitor" and lang == "en" and self.random.random() < 0.3:
            return "stand"
        weights = THEMES[part_of(moment, self.programme)]
        known = languages.themes(lang)
        choice = {theme: weight for theme, weight in weights.items() if theme in known}
        if not choice:
            return next(iter(known))
        if not person.there:
            choice = {
                t: w for t, w in choice.items() if t not in ("coffee", "room", "arrival", "party", "swag")
            } or choice
        return self.random.choices(list(choice), weights=list(choice.values()))[0]

    def _mood(self, theme: str, lang: str) -> Sentiment:
        odds = languages.moods(lang, theme)
        return self.random.choices(list(odds), weights=list(odds.values()))[0]

    def _reply_mood(self, mood: Sentiment) -> Sentiment:
        odds = {"positive": (64, 30, 6), "neutral": (30, 60, 10), "negative": (12, 40, 48)}[mood]
        return self.random.choices(MOODS, weights=odds)[0]

    def _session(self, moment: datetime, theme: str) -> Session:
        lately = self.programme.lately(moment)
        if theme == "keynote" and any(s.keynote for s in lately):
            lately = [s for s in lately if s.keynote]
        if theme in ("expect", "arrival", "question") or not lately:
            past = [s for s in self.programme.sessions if s.starts < moment]
            if theme in ("claim", "talk", "slides", "thanks", "tired", "photo", "thread") and past:
                return self.random.choice(past[-24:])
            return self.random.choice(self.programme.soon(moment))
        # The bigger the hall, the more is said.
        weights = [4 if s.keynote else 2 if s.hall in ("hall A", "hall B") else 1 for s in lately]
        return self.random.choices(lately, weights=weights)[0]

    def _target(self, network: str, *, pulled: int) -> Said:
        """Something said lately: of `pulled` drawn, the one that pulls most."""
        said = self.said[network]
        return max((said[int(len(said) * self.random.random() ** 0.5)] for _ in range(pulled)), key=lambda s: s.pull)

    def _sentence(self, rule: str, lang: str, mood: Sentiment, session: Session | None, *, follow: float = 0.33) -> str:
        """A text nobody has written yet: when one comes again, more is said."""
        bank, random = self.banks[lang], self.random
        formal, theme = rule.startswith(FORMAL), rule.partition(".")[0]
        text = ""
        for attempt in range(7):
            text = bank.say(rule, self._words(session, lang, formal=formal), random).strip()
            if attempt >= 2 and rule.startswith(("re.", "quote.")):
                more = "re.detail" if "re.detail" in bank and random.random() < 0.7 else rule
                text = self._longer(text, bank.say(more, self._words(session, lang), random))
            elif (len(text) < 130 and random.random() < follow) or (attempt >= 3 and not formal):
                more = (
                    f"more.session.{mood}"
                    if theme in ABOUT_TALKS and f"more.session.{mood}" in bank
                    else f"more.{mood}"
                )
                if theme == "stranger":
                    more = "more.stranger"
                if more in bank:
                    text = self._longer(text, bank.say(more, self._words(session, lang), random))
            if random.random() < 0.08 and "opener" in bank and theme in OPENED and text[0].isalpha():
                opener = bank.say("opener", self._words(session, lang), random)
                text = (
                    f"{opener} {text[0].lower() + text[1:] if opener[-1] not in '.!' and text[1:2].islower() else text}"
                )
            if text.casefold() not in self.texts:
                break
        self.texts.add(text.casefold())
        return text

    def _longer(self, text: str, more: str) -> str:
        if more.strip().rstrip(".!?").casefold() in text.casefold():
            return text
        return f"{ended(text)} {more.strip()}" if can_go_on(text) else text

    def _fresh(self, rule: str, lang: str, session: Session | None) -> str:
        return self._sentence(rule, lang, "neutral", session, follow=0.0).strip()

    def _words(self, session: Session | None, lang: str, *, formal: bool = False) -> dict[str, str]:
        random = self.random
        session = session or self.programme.sessions[0]
        name = session.speaker.name
        other = random.choice(HALLS)
        person = self.cast.speakers[name]
        spoken = f"@{person.author.handle}" if not formal and random.random() < 0.13 else name
        words = {
            "spk": spoken, "spkf": name.split()[0], "spkl": name.split()[-1], "talk": session.title,
            "talk2": random.choice(self.programme.sessions).title, "role": session.speaker.role,
            "org": session.speaker.company, "hall": languages.hall(session.hall, lang),
            "hall2": languages.hall(other if other != session.hall else HALLS[0], lang),
"link": self._link(),
        }  # fmt: skip
        if lang == "en":
            words["claim"] = self.talks.say(f"{session.theme}.claim", words, random)
            words["it"] = self.talks.say(f"{session.theme}.name", words, random)
            words["place"] = self.names.say("place", {}, random)
        return words

    def _link(self) -> str:
        site = self.random.choice(("notes", "slides", "pad", "blog", "photos"))
        return (
            f"https://{site}.example/{self.random.choice(('p26', 'pivot', 'd1', 'x'))}/{self.random.randrange(36**4):x}"
        )

    def _picture(self, ending: str = ".jpg") -> str:
        return f"https://pictures.example/{self.made.tag}/{self.number:06x}{ending}"

    def _publish(
        self, moment: datetime, person: Person, text: str, *, theme: str, mood: Sentiment, lang: str,
        session: Session | None, reply_to: Said | None = None, quote: Said | None = None, title: str | None = None,
        tags: list[str] | None = None, plain: bool = False, happening: str | None = None, copy_of: str | None = None,
        answers: str | None = None, media: tuple[Media, ...] = (),
    ) -> Said:  # fmt: skip
        random = self.random
        if not plain:
            if tags is None:
                tags = self._tags(person, text, theme, session, reply=reply_to is not None)
            text = type_out(text, person.voice, mood=mood, lang=lang, tags=tags, random=random)
        if not media and not plain and reply_to is None:
            chance = {"photo": 0.95, "pivotfood": 0.35, "arrival": 0.15, "coffee": 0.1, "party": 0.2, "swag": 0.3}.get(
                theme, 0.04
            )
            if random.random() < chance:
                media = self._photos(theme, session)
        post = self._post(moment, person, text, lang=self._declared(person, lang), media=media)
        changes: dict[str, Any] = {}
        if title:
            changes["title"] = title
        if reply_to:
            changes["reply_to"] = reply_to.post.id
            changes["conversation"] = reply_to.post.conversation or reply_to.post.id
        if quote:
            changes["quote_of"] = quote.post.id
        if changes:
            post = msgspec.structs.replace(post, **changes)
        self._keep(moment, post, Truth(theme, mood, lang, happening, copy_of, answers))
        said = Said(
            post,
            person,
            theme,
            mood,
            lang,
            session,
            pull=(random.random() + (post.metrics.likes or 0) ** 0.5) * (0.15 if reply_to else 1),
        )
        self.said[person.network].append(said)
        if not plain:
            self._second_thoughts(moment, post, person, theme)
        return said

    def _post(self, moment: datetime, person: Person, text: str, *, lang: str | None, media: tuple[Media, ...]) -> Post:
        self.number += 1
        key = f"e0-{self.number * 2654435761 % 2**32:07x}"  # scattered, so that ids tell no order
        author, handle = person.author, person.author.handle or ""
        if person.network == "bluesky":
            id, url = (
                f"{self._at(author)}/app.bsky.feed.post/{key}",
                f"https://bsky.example/profile/{handle}/post/{key}",
            )
        elif person.network == "mastodon":
            id, url = f"{author.id}/statuses/{key}", f"https://{person.server}/@{handle.split('@')[0]}/{key}"
        elif person.network == "reddit":
            id = url = f"https://forum.example/r/pivot/{self.made.tag}/{key}"
        else:
            id = url = f"https://{handle}/2026/pivot/{self.made.tag}/{key}"
        links = tuple(word.rstrip(".,)!") for word in text.split() if word.startswith("https://"))
        return Post(
            network=person.network, id=id, text=text, created_at=moment.astimezone(UTC), url=url, lang=lang,
            author=author, links=links, media=media, metrics=self._metrics(person),
        )  # fmt: skip

    def _at(self, author: Author) -> str:
        return f"at://{author.id}"

    def _declared(self, person: Person, lang: str) -> str | None:
        """What the network says of the language: mostly right, now and then nothing, rarely the app's default."""
        roll = self.random.random()
        if person.network in ("news", "reddit") or roll < 0.05:
            return None
        return "en" if roll < 0.065 else lang

    def _metrics(self, person: Person) -> Metrics:
        """What had been answered by the time it was captured: little, more for those whom many follow."""
        random = self.random
        followers = person.author.followers or 150
        if person.network == "news":
            return Metrics()
        if person.network == "wordpress":
            return Metrics(replies=int(random.expovariate(0.6)))
        likes = int(random.lognormvariate(-0.6, 1.2) * (followers**0.5) / 5)
        if person.network == "reddit":
            return Metrics(likes=likes + 1, replies=int(random.expovariate(0.5)))
        return Metrics(
            likes=likes, reposts=int(likes * random.random() * 0.3),
            replies=int(random.expovariate(1.1) + likes * 0.03),
            quotes=int(likes * random.random() * 0.06) if person.network == "bluesky" else None,
        )  # fmt: skip

    def _photos(self, theme: str, session: Session | None) -> tuple[Media, ...]:
        count = self.random.choice((1, 1, 1, 2, 3, 4))
        return tuple(
            Media(
                "photo", self._picture(f"-{n}.jpg"), languages.alt_text(theme, self._words(session, "en"), self.random)
            )
            for n in range(count)
        )

    def _tags(self, person: Person, text: str, theme: str, session: Session | None, *, reply: bool) -> list[str]:
        random = self.random
        if theme == "stranger" or person.network in ("wordpress", "news", "reddit"):
            return []
        named = "@pivot" in text or "Pivot" in text or EVENT_TAG in text
        tags = []
        if random.random() < (0.12 if reply else person.voice.tags if not named else person.voice.tags * 0.4):
            tags.append(EVENT_TAG)
        elif not reply and not named and random.random() < 0.35:
            tags.append("@pivot" if random.random() < 0.4 else "#pivot")
        if not reply and random.random() < 0.16:
            tags.append(
                languages.side_tag(theme, session.theme if session else "", session.hall if session else "", random)
            )
        return [t for t in tags if t]

    def _soon(self, when: datetime, network: str, do: Callable[[datetime], None]) -> None:
        self.order += 1
        heappush(self.due[network], (when, self.order, do))

    # --- Edits, deletions, order ----------------------------------------------------------------------------------

    def _second_thoughts(self, moment: datetime, post: Post, person: Person, theme: str) -> None:
        random = self.random
        chance = 0.09 if theme == "rumour" else 0.012
        if random.random() < chance:
            self._afterwards(moment + timedelta(minutes=random.uniform(1, 90)), Deleted(post.network, post.id))
        elif post.network in FOLLOWS_EDITS and random.random() < 0.12:
            text = random.choice(
                (f"{post.text}\n\nEdit: typo.", f"{post.text}\n\n(Edited: wrong hall, sorry.)", f"{post.text} [edited]")
            )
            edited = msgspec.structs.replace(post, text=text)
            self._afterwards(moment + timedelta(minutes=random.uniform(1, 30)), Written(edited, edited=True))

    def _afterwards(self, when: datetime, event: Event) -> None:
        self.order += 1
        self.later.append((when, self.order, event))

    def _lose_an_account(self, last: datetime) -> None:
        if self.gone and self.gone[1] < last:
            person, when = self.gone
            self._afterwards(when, AuthorChanged(person.network, person.author.id or "", "gone"))
        renamed = self.cast.organiser["mastodon"].author
        self._afterwards(
            self.programme.at(1, time(8, 0)),
            AuthorRenamed(
                "mastodon", renamed.id or "", handle=renamed.handle, name="Pivot Conference (live)", followers=2360
            ),
        )

    def _keep(self, moment: datetime, post: Post, truth: Truth) -> None:
        self.made.items.append(Item(moment.astimezone(UTC), Written(post)))
        self.made.truth[post.id] = truth
        if truth.happening:
            self.planted[truth.happening].append(post.id)

    def _put_in_order(self) -> None:
        items = self.made.items
        last = items[-1].at
        items += [
            Item(min(when.astimezone(UTC), last), event) for when, _n, event in sorted(self.later, key=lambda e: e[:2])
        ]
        items.sort(key=lambda item: item.at)  # stable: an edit never comes before its post


def ended(text: str) -> str:
    """With a full stop, if it ends in a letter: something follows."""
    return f"{text}." if text[-1:].isalnum() else text


def can_go_on(text: str) -> bool:
    """Whether another sentence can follow: not after a hashtag, a handle, a link or a quotation's source."""
    last = text.rsplit(maxsplit=1)[-1]
    return last[0] not in "#@" and not last.startswith("http") and text[-1] not in "):"
