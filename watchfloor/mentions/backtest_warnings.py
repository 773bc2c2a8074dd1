"""What stored posts say against a query: it finds nothing, nearly everything, or a word of another language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from watchfloor.listening.language.tree import Field, Query, walk
from watchfloor.listening.query_warnings import QueryWarning, standing_alone
from watchfloor.mentions.backtest import BackTest

NEARLY_EVERYTHING = 0.8  # of the mission's posts
FEWEST_POSTS = 50  # of the mission, before a share says anything
FEWEST_OF_A_WORD = 20  # posts that hold it and whose language is known
MOST_IN_ONE_LANGUAGE = 0.6  # of a word's posts
USUAL = 0.25  # a language with this share of the mission's posts is no surprise
MOST_TERMS = 12


def words_to_count(query: Query) -> list[str]:
    """The words that are enough alone: of these the languages are worth counting."""
    plain = (term for term in standing_alone(query) if len(term.pieces) == 1 and not term.pieces[0].prefix)
    forms = dict.fromkeys(
        term.pieces[0].form for term in plain if not term.exact and term.pieces[0].form[0] not in "#@"
    )
    return list(forms)[:MOST_TERMS]


def warnings_from(tested: BackTest, query: Query) -> list[QueryWarning]:
    return [*_how_many(tested), *_one_term(tested, query), *_languages(tested, query)]


def _how_many(tested: BackTest) -> list[QueryWarning]:
    week = tested.week
    if week.stored == 0:
        return []
    if week.new == 0 and tested.read_back_to is None:
        return [
            QueryWarning(
                "finds-nothing",
                _("Nothing found in 7 days."),
                _("None of the %(n)s stored posts matches. Only posts that some topic found are stored, so this may be "
                  "right for something new.") % {"n": f"{week.stored:,}"},
                _("Check the spelling, take a condition out, or save it and look again in an hour."),
            )
        ]  # fmt: skip
    if tested.read_back_to is None and week.stored >= FEWEST_POSTS and week.new >= NEARLY_EVERYTHING * week.stored:
        return [
            QueryWarning(
                "finds-everything",
                _("Finds nearly everything: %(part)d %% of this mission’s posts.")
                % {"part": round(100 * week.new / week.stored)},
                _("A topic that holds almost all posts tells nothing apart from the others."),
                _("Add what must stand with it, or keep it as the one topic for everything."),
            )
        ]
    return []


def _one_term(tested: BackTest, query: Query) -> list[QueryWarning]:
    """One word of several that alone brings nearly all of it."""
    week, words = tested.week, words_to_count(query)
    if tested.read_back_to is not None or week.stored < FEWEST_POSTS or len(query.terms) < 2:
        return []
    return [
        QueryWarning(
            "one-word-carries-all",
            _("“%(word)s” alone is in %(part)d %% of this mission’s posts.")
            % {"word": word, "part": round(100 * tested.terms[word].posts / week.stored)},
            _("It is enough by itself, so the other words hardly change what is found."),
            _("Let it stand together with another word, or leave it out."),
            _place(query, word),
        )
        for word in words
        if word in tested.terms and tested.terms[word].posts >= NEARLY_EVERYTHING * week.stored
    ]


def _languages(tested: BackTest, query: Query) -> list[QueryWarning]:
    """The rule: of at least 20 posts that hold the word and whose language is known, 60 % or more are in one language,
    which makes up less than a quarter of the mission's posts."""
    if any(isinstance(node, Field) and node.name == "lang" for node in walk(query.root)):
        return []
    found = []
    for word in words_to_count(query):
        use = tested.terms.get(word)
        known = use.languages.total() if use else 0
        if use is None or known < FEWEST_OF_A_WORD:
            continue
        language, posts = use.languages.most_common(1)[0]
        if posts < MOST_IN_ONE_LANGUAGE * known or tested.mission_languages.get(language, 0.0) >= USUAL:
            continue
        found.append(
            QueryWarning(
                "word-of-another-language",
                _("“%(word)s” is mostly said in another language: %(language)s.")
                % {"word": word, "language": language},
                _("Of %(known)d stored posts that hold it and whose language is known, %(posts)d are in that language; "
                  "of all of this mission’s posts, %(part)d %%.")
                % {"posts": posts, "known": known, "part": round(100 * tested.mission_languages.get(language, 0.0))},
                _("Add lang: with the languages you want, or let it stand together with another word."),
                _place(query, word),
            )
        )  # fmt: skip
    return found


def _place(query: Query, word: str) -> int | None:
    return next((term.start for term in query.terms if len(term.pieces) == 1 and term.pieces[0].form == word), None)
