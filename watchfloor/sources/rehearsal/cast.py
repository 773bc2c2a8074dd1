"""The made-up people: who posts, on which network, in which language, how often, and how they type."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from watchfloor.sources.post import Author
from watchfloor.sources.rehearsal.grammar import Bank
from watchfloor.sources.rehearsal.programme import Programme

# Shares of people by language; posts follow them closely.
LANGUAGES = {
    "en": 0.725,
    "es": 0.062,
    "de": 0.050,
    "fr": 0.046,
    "pt": 0.038,
    "ja": 0.026,
    "ar": 0.011,
    "hi": 0.009,
    "th": 0.007,
    "uk": 0.008,
    "it": 0.008,
    "pl": 0.006,
    "ko": 0.004,
}
MASTODON_SERVERS = ("meadow.example", "tramline.example", "lantern.example", "salon.example")
# Of 10,000 people; the posts themselves are dealt 89 : 5 : 2 : 1 : 3.
PEOPLE_BY_NETWORK = {"bluesky": 0.86, "mastodon": 0.07, "wordpress": 0.015, "news": 0.004, "reddit": 0.051}
LATIN = {"en", "es", "de", "fr", "pt", "it", "pl"}

LONGEST_NAME = (
    "Ministerialbeigeordnete a. D. Prof. Dr. Dr. h. c. Maximiliane-Theodora von und zu "
    "Hohenstein-Wallersdorf-Oettingen, "
    "Beauftragte für die Neuordnung der Geschäftsordnung der Geschäftsstelle, stellvertretende Vorsitzende des "
    "Ausschusses für Ausschussfragen, Mitglied im Beirat der Beiräte, Schirmherrin der Schirmherrschaften, "
    "Trägerin des Ordens wider den Unernst am Bande, hier privat und ausdrücklich nur mit ihrer eigenen Meinung"
)
ODD_NAMES = (
    ("hohenstein", LONGEST_NAME.ljust(400, ".")[:400], "de"),
    ("layla.h", "\u202eليلى حداد\u202c", "ar"),
    ("sparklepony", "🦄✨🏳️‍🌈👩🏽‍💻🥐", "en"),
    ("bobby", "<script>alert('hi')</script>", "en"),
    ("robert.tables", "Robert'); DROP TABLE mentions;--", "en"),
    ("sumformula", '=HYPERLINK("https://bait.example","Anna")', "en"),
    ("zalgo", "Z̷̢̛͎a̴͉͝l̶̰̾g̵̱͘o̸̧͠", "en"),
)
# People the rest of the product's pages and stories know by name.
REGULARS = (
    ("tom.hale", "Tom Hale", "en", 1240),
    ("ines.garnier", "Inès Garnier", "fr", 2210),
    ("oksana", "Oksana K.", "uk", None),
    ("svenja.brandt", "Svenja Brandt", "de", 860),
    ("duda", "Duda Farias", "pt", 3120),
    ("junbaek", "Jun Baek", "en", 540),
    ("ida.lindqvist", "Ida Lindqvist", "en", 1980),
    ("kim.osei", "Kim Osei", "en", 415),
    ("orlabyrne", "Orla Byrne", "en", 6300),
    ("aoi", "小林 あおい", "ja", 18300),
)


@dataclass(frozen=True)
class Voice:
    """How somebody types."""

    lower: bool = False
    bare_end: bool = False  # no full stop at the end
    loud: bool = False
    clipped: bool = False  # u, bc, w/
    typos: float = 0.0  # a word
    emoji: float = 0.2
    tags: float = 0.7  # how often the event's hashtag
    lines: bool = False  # sentences on lines of their own


@dataclass(frozen=True)
class Person:
    """One account. `part`: attendee, remote, speaker, decider, press, exhibitor, volunteer, organiser, bot, rival."""

    author: Author
    network: str
    lang: str
    part: str
    bio: str
    voice: Voice
    server: str = ""  # Mastodon only
    there: bool = True


@dataclass
class Crowd:
    """People to draw from, the busy ones more often (Zipf)."""

    people: list[Person] = field(default_factory=list)
    _cumulative: list[float] = field(default_factory=list)

    def add_up(self, flatness: float) -> None:
        self._cumulative = list(accumulate(1 / (rank + flatness) ** 0.85 for rank in range(len(self.people))))

    def draw(self, random: Random) -> Person:
        return random.choices(self.people, cum_weights=self._cumulative)[0]


class Cast:
    """Everybody. `organiser` are the conference's own accounts, by network; the rest are crowds by (network, place)."""

    def __init__(self, programme: Programme, *, posts: int, tag: str, names: Bank, random: Random) -> None:
        self.tag, self.names, self.random = tag, names, random
        self._taken: set[str] = set()
        self.people: dict[str, Person] = {}
        self.organiser = {
            "bluesky": self._person("pivot", "Pivot Conference", "en", "organiser", followers=21_400),
            "mastodon": self._person("pivot", "Pivot Conference", "en", "organiser", "mastodon", followers=2_310),
        }
        self.speakers = {
            s.speaker.name: self._speaker(s.speaker.name, s.speaker.role, s.speaker.company) for s in programme.sessions
        }
        self.deciders = [self._decider() for _ in range(24)]
        self.kiosk = self._person("kioskdaily", "Kiosk Daily", "en", "press", followers=212_000)
        self.bots = [self._bot(n) for n in range(max(4, min(40, posts // 500)))]
        self.rivals = [
            self._person(handle, name, "en", "rival", followers=n)
            for handle, name, n in (
                ("northbound", "Northbound Summit", 14_800),
                ("signaldays", "Signal Days", 9_650),
                ("relay.conf", "Relay", 3_900),
            )
        ]
        self.crowds = self._crowds(max(60, round(posts * 0.175)))

    def draw(self, network: str, *, there: bool) -> Person:
        crowd = self.crowds.get((network, there)) or self.crowds[network, not there]
        return crowd.draw(self.random)

    def _crowds(self, size: int) -> dict[tuple[str, bool], Crowd]:
        crowds: dict[tuple[str, bool], Crowd] = {}
        everyone = [
            self._person(h, n, lang, "attendee", followers=f, voice=_voice(self.random, lang))
            for h, n, lang, f in REGULARS
        ]
        everyone += [self._person(h, n, lang, "attendee", voice=_voice(self.random, lang)) for h, n, lang in ODD_NAMES]
        everyone += list(self.speakers.values()) + self.deciders
        everyone += [self._somebody("bluesky") for _ in range(round(size * PEOPLE_BY_NETWORK["bluesky"]))]
        for network, share in PEOPLE_BY_NETWORK.items():
            if network != "bluesky":
                everyone += [self._somebody(network) for _ in range(max(6, round(size * share)))]
        # Busy and quiet are dealt at random, so that no group talks most because it was made first.
        self.random.shuffle(everyone)
        for person in everyone:
            crowds.setdefault((person.network, person.there), Crowd()).people.append(person)
        for (network, _there), crowd in crowds.items():
            crowd.add_up(12 if network == "bluesky" else 4)
        return crowds

    def _somebody(self, network: str) -> Person:
        random = self.random
        lang = random.choices(list(LANGUAGES), weights=list(LANGUAGES.values()))[0]
        if network in ("news", "wordpress", "reddit") and lang not in ("en", "es", "de", "fr"):
            lang = "en"
        there = random.random() < (0.62 if lang == "en" else 0.5)
        name = self._name(lang)
        handle = self._handle(name)
        if network == "news":
            paper = random.choice(("Herald", "Post", "Weekly", "Courier", "Wire"))
            name = f"{self.names.say('en.last', {}, random)} {paper}"
            handle, there = self._handle(name), False
        part = "press" if network == "news" else "attendee" if there else "remote"
        if part == "attendee" and random.random() < 0.06:
            part = random.choice(("volunteer", "exhibitor", "press"))
        return self._person(handle, name, lang, part, network, voice=_voice(random, lang), there=there)

    def _name(self, lang: str) -> str:
        random, names = self.random, self.names
        if f"{lang}.name" in names:
            return names.say(f"{lang}.name", {}, random)
        roll = random.random()
        if roll < (0.22 if lang == "en" else 0.06):
            return names.say("nick", {}, random)
        first = names.say(f"{lang}.first", {}, random)
        if lang == "en" and roll < 0.3:
            return f"{first} {random.choice(('was here', 'et al.', 'again', '(she/her)', '(they/them)', '(he/him)'))}"
        if roll < 0.42:
            return first
        if roll < 0.5:
            return f"{first} {names.say(f'{lang}.last', {}, random)[0]}."
        name = f"{first} {names.say(f'{lang}.last', {}, random)}"
        return f"{name} {random.choice('🌻🚲📚🧵🐌🦊☕🌧🎈')}" if roll > 0.95 else name

    def _handle(self, name: str) -> str:
        """A handle made from the name, that nobody else has."""
        random = self.random
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        words = re.findall(r"[a-z]+", plain) or [self.names.say("nick", {}, random).split(",")[0].split()[-1].lower()]
        words = [re.sub("[^a-z]", "", w) or "x" for w in words][:3]
        stem = random.choice(
            (
                ".".join(words),
                "".join(words),
                "-".join(words),
                words[0][:1] + "".join(words[1:]) if len(words) > 1 else words[0],
            )
        )
        handle = stem
        while handle in self._taken or len(handle) < 3:
            handle = f"{stem}{random.choice(('', '.', 's', 'x'))}{random.randrange(2, 2000)}"
        return handle

    def _speaker(self, name: str, role: str, company: str) -> Person:
        followers = int(self.random.lognormvariate(8.6, 0.8))
        return self._person(
            self._handle(name),
            name,
            "en",
            "speaker",
            bio=f"{role}, {company}. Speaking at #pivot26.",
            followers=followers,
            voice=Voice(bare_end=self.random.random() < 0.3, emoji=0.08, tags=0.8),
        )

    def _decider(self) -> Person:
        name = f"{self.names.say('en.first', {}, self.random)} {self.names.say('en.last', {}, self.random)}"
        bio = self.names.say("boss", {}, self.random)
        return self._person(
            self._handle(name),
            name,
            "en",
            "decider",
            bio=bio,
            followers=int(self.random.lognormvariate(9.8, 0.7)),
            voice=Voice(emoji=0.03, tags=0.6),
        )

    def _bot(self, number: int) -> Person:
        random = self.random
        kind = ("crypto", "giveaway", "jobs")[number % 3]
        stem = {"crypto": "alpha-signals", "giveaway": "free-tech-drops", "jobs": "hiring-now"}[kind]
        name = {"crypto": "ALPHA SIGNALS 🚀", "giveaway": "Free Tech Drops 🎁", "jobs": "Hiring Now Daily"}[kind]
        return self._person(
            f"{stem}{random.randrange(10, 9999)}",
            name,
            "en",
            "bot",
            bio=kind,
            followers=random.randrange(0, 60),
            there=False,
        )

    def _person(
        self,
        handle: str,
        name: str,
        lang: str,
        part: str,
        network: str = "bluesky",
        *,
        bio: str | None = None,
        followers: int | None = None,
        voice: Voice | None = None,
        there: bool = True,
    ) -> Person:
        random = self.random
        while handle in self._taken and network == "bluesky":
            handle = f"{handle}{random.randrange(2, 2000)}"
        self._taken.add(handle)
        server = ""
        # A few accounts never told how many follow them; blogs, papers and forums never do.
        if followers is None and network in ("bluesky", "mastodon") and handle != "oksana" and random.random() > 0.09:
            followers = int(random.lognormvariate(5.4 if network == "bluesky" else 4.9, 1.35))
        key = f"{len(self.people):x}"
        if network == "bluesky":
            id, full = f"did:rehearsal:{self.tag}.{key}", f"{handle}.bsky.example"
            if part in ("organiser", "press", "rival") and "." not in handle:
                full = f"{handle}.example"
        elif network == "mastodon":
            server = MASTODON_SERVERS[0] if part == "organiser" else random.choice(MASTODON_SERVERS)
            handle = handle.replace(".", "_").replace("-", "_")
            id, full = f"https://{server}/users/{handle}-{self.tag}", f"{handle}@{server}"
        elif network == "reddit":
            handle = f"u/{handle.replace('.', '_')}"
            id, full, name = f"t2_{self.tag}{key}", handle, ""
        else:
            full = f"{handle.replace('.', '-')}.example"
            id = f"https://{full}/#{self.tag}"
        author = Author(id=id, handle=full, name=name or None, followers=followers)
        person = Person(
            author,
            network,
            lang,
            part,
            bio if bio is not None else self.names.say("bio", {}, random),
            voice or Voice(),
            server,
            there,
        )
        self.people[id] = person
        return person


def _voice(random: Random, lang: str) -> Voice:
    latin = lang in LATIN
    return Voice(
        lower=latin and lang != "de" and random.random() < 0.24,
        bare_end=random.random() < 0.45,
        loud=random.random() < 0.09,
        clipped=lang == "en" and random.random() < 0.12,
        typos=random.choice((0.0, 0.0, 0.004, 0.008, 0.03)) if latin else 0.0,
        emoji=random.choice((0.0, 0.02, 0.12, 0.3, 0.55)),
        tags=random.choice((0.3, 0.6, 0.75, 0.9)),
        lines=random.random() < 0.12,
    )
