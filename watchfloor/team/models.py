"""People, and the missions that they may enter.

A mission's row stands here because every desk's door asks "may this person enter this mission"; what a mission is
*for* (use cases, goals, set-up) stands in `missions/`. See docs/decisions/0003-where-a-mission-stands.md.
"""

from __future__ import annotations

import zoneinfo
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PeopleManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> Person:
        person = self.model(email=self.normalize_email(email), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> Person:
        return self.create_user(email, password, is_administrator=True, **fields)


def known_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone. Pick one such as Europe/Berlin."), params={"name": name})


class Person(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in. The first one is made at the first start, without a password: a link signs them in."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_administrator = models.BooleanField(_("administrator"), default=False)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[known_zone])
    theme = models.CharField(
        max_length=5, default="auto", choices=[("auto", "auto"), ("light", "light"), ("dark", "dark")]
    )
    joined_at = models.DateTimeField(auto_now_add=True)
    # Counts up whenever what this person may do changes: their sessions then get a new key (`sign_in.RenewedSessions`).
    rights_number = models.PositiveIntegerField(default=0)

    objects = PeopleManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        parts = (self.name or self.email.split("@")[0]).replace(".", " ").split()
        return "".join(part[0] for part in parts[:2]).upper() or "?"

    @property
    def is_staff(self) -> bool:
        return self.is_administrator


class SignInLink(models.Model):
    """A link that signs one person in once. Only the hash of its token is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class MissionQuerySet(models.QuerySet["Mission"]):
    def for_person(self, person: Person) -> MissionQuerySet:
        """Those that `person` may enter: an administrator all, others the ones they are a member of."""
        if not person.is_active:
            return self.none()
        if person.is_administrator:
            return self
        return self.filter(memberships__in=Membership.objects.current().filter(person=person))


class Mission(models.Model):
    """Why we listen: a brand, an event, a campaign or an issue."""

    class Kind(models.TextChoices):
        BRAND = "brand", _("brand")
        EVENT = "event", _("event")
        CAMPAIGN = "campaign", _("campaign")
        ISSUE = "issue", _("issue")

    class Level(models.TextChoices):
        STANDBY = "standby", _("standby")
        WATCH = "watch", _("watch")
        ACTIVE = "active", _("active")
        CRISIS = "crisis", _("crisis")

    name = models.CharField(_("name"), max_length=400)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.BRAND)
    level = models.CharField(max_length=7, choices=Level.choices, default=Level.ACTIVE)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_zone])
    is_rehearsal = models.BooleanField(default=False)
    keep_days = models.PositiveIntegerField(_("days that posts are kept"), null=True, blank=True)
    # When an event or campaign takes place; a brand has neither, an issue may only have begun.
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    last_edition = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="next_editions"
    )
    closed_at = models.DateTimeField(null=True, blank=True)  # listening is off; figures stay
    made_at = models.DateTimeField(auto_now_add=True)

    objects = MissionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(keep_days__isnull=True) | Q(keep_days__gte=1), name="mission_keeps_a_day_or_more"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="mission_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> MembershipQuerySet:
        """Those whose time has not run out."""
        return self.filter(Q(until=None) | Q(until__gt=timezone.now()))


class Membership(models.Model):
    """Who may enter a mission, as what, and for how long: a volunteer's access ends by itself."""

    class Role(models.TextChoices):
        LEAD = "lead", _("lead")
        ANALYST = "analyst", _("analyst")
        AGENT = "agent", _("agent")
        VIEWER = "viewer", _("viewer")

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=7, choices=Role.choices, default=Role.VIEWER)
    until = models.DateTimeField(null=True, blank=True)  # None: for good

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mission", "person"], name="one_membership_a_mission")]


class Invitation(models.Model):
    """A link by which people join a mission. Only the hash of its token is kept."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=7, choices=Membership.Role.choices, default=Membership.Role.VIEWER)
    token_hash = models.CharField(max_length=64, unique=True)
    for_people = models.PositiveIntegerField(default=1)
    joined = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    access_until = models.DateTimeField(null=True, blank=True)  # what Membership.until becomes
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(joined__lte=models.F("for_people")), name="no_more_join_than_invited")
        ]

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.joined < self.for_people and self.expires_at > timezone.now()


class ApiToken(models.Model):
    """A key to the API: acts for one person, with at most that person's rights and only within its scopes."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=200)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)  # values of rights.Right
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)  # to the minute
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name


class StrategyEntryQuerySet(models.QuerySet["StrategyEntry"]):
    """Append-only: what was decided is added to, never changed."""

    def update(self, **_kwargs: object) -> int:
        raise TypeError("The strategy log is append-only: write another entry instead of changing one.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("The strategy log is append-only: entries go only with their mission.")


class StrategyEntry(models.Model):
    """Somebody changed what a mission listens to, aims at or does, and why. Written by `strategy.note_strategy`."""

    mission = models.ForeignKey(Mission, on_delete=models.CASCADE, related_name="strategy")
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=40)  # "topic", "term", "goal", "level", …: the part before a dot groups them
    text = models.CharField(max_length=1_000)
    why = models.CharField(max_length=1_000, blank=True)
    link = models.CharField(max_length=500, blank=True)  # a page of ours, from "/" on

    objects = StrategyEntryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["mission", "-id"], name="strategy_newest_first")]  # the page
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(link="") | Q(link__startswith="/"), name="strategy_links_stay_here")
        ]

    def __str__(self) -> str:
        return self.text
