"""What listening puts on charts: a change of a topic explains a step in what it finds."""

from __future__ import annotations

from django.utils.translation import gettext as _

from watchfloor.listening.models import TopicVersion
from watchfloor.metrics.question import Window
from watchfloor.panels.marks import Mark
from watchfloor.team.models import Mission

MOST = 20


def topic_changes(mission: Mission, window: Window) -> list[Mark]:
    """New versions of topics within the window; first versions begin a topic and change nothing."""
    found = TopicVersion.objects.filter(
        topic__mission=mission, number__gt=1, made_at__gte=window.since, made_at__lt=window.until
    )
    rows = found.order_by("-made_at").values_list("made_at", "topic__name", "number")[:MOST]
    return [Mark(at, _("%(topic)s, version %(n)d") % {"topic": name[:20], "n": number}) for at, name, number in rows]
