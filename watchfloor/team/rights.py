"""The one table of who may do what. Every door asks it; the page "Rights" shows it as it stands here.

A role is held in a mission, so the table is roles × rights; administrators hold every right in every mission, and alone
those of the installation.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from watchfloor.team.models import Membership


class Right(models.TextChoices):
    """What one may do in a mission; the last two concern the installation as a whole."""

    SEE = "see", _("See its pages, figures and posts")
    MARK = "mark", _("Tag and hide mentions, correct labels")
    EXPORT = "export", _("Take posts away as files")
    LISTEN = "listen", _("Change topics, rules and what is listened to")
    SHOW = "show", _("Arrange walls, share and steer them")
    LEAD = "lead", _("Change purpose, goals, level, settings and people")
    CONNECT = "connect", _("Manage connections and their secrets")
    ADMINISTER = "administer", _("Set up missions, manage access for everybody")


ROLES: dict[str, frozenset[Right]] = {
    Membership.Role.LEAD: frozenset({Right.SEE, Right.MARK, Right.EXPORT, Right.LISTEN, Right.SHOW, Right.LEAD}),
    Membership.Role.ANALYST: frozenset({Right.SEE, Right.MARK, Right.EXPORT, Right.LISTEN, Right.SHOW}),
    Membership.Role.AGENT: frozenset({Right.SEE, Right.MARK}),
    Membership.Role.VIEWER: frozenset({Right.SEE}),
}
ADMINISTRATOR = frozenset(Right)
OF_THE_INSTALLATION = frozenset({Right.CONNECT, Right.ADMINISTER})
