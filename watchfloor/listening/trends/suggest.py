"""A topic's query with an offered term in it, for the page that changes the topic."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from watchfloor.listening.library import with_term
from watchfloor.listening.models import EmergingTerm, Topic
from watchfloor.team.models import Mission


@dataclass(frozen=True)
class Suggestion:
    """`why` is the strategy log's first draft, `says` the page's line."""

    offer: EmergingTerm
    query: str
    name: str
    why: str
    says: str


def suggestion(mission: Mission, topic: Topic | None, offer_id: int | None) -> Suggestion | None:
    """What to write into the form for an offered term of this mission; None if there is no such offer. `topic` None: a
    topic of its own."""
    offer = EmergingTerm.objects.filter(mission=mission, pk=offer_id).first() if offer_id is not None else None
    if offer is None:
        return None
    query = with_term(topic.query, offer.term) if topic else as_query(offer)
    facts = {"term": offer.shown, "authors": offer.authors, "posts": offer.posts}
    why = _("“%(term)s” rose: %(posts)d posts by %(authors)d authors.") % facts
    at = date_format(localtime(offer.offered_at), "j M, H:i")
    says = _("suggested on %(at)s because “%(term)s” rose to %(authors)d authors") % {**facts, "at": at}
    return Suggestion(offer, query, offer.shown, why, says)


def as_query(offer: EmergingTerm) -> str:
    """What looks for the term alone."""
    return offer.term if offer.kind == EmergingTerm.Kind.HASHTAG else f'"{offer.term}"'
