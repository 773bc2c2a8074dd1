"""What people fill in about a mission: why it listens, its goals, its level, its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from watchfloor.listening.forms import MOST_CHARACTERS
from watchfloor.listening.models import Topic
from watchfloor.listening.typed import read_typed
from watchfloor.metrics.registry import all_metrics
from watchfloor.missions.models import Goal
from watchfloor.missions.shapes import words_of
from watchfloor.missions.use_cases import USE_CASES
from watchfloor.team.forms import ZoneField
from watchfloor.team.models import Mission, Person, known_zone

LONGEST_LIST = 4_000
LARGEST = 1e15


class Moment(forms.DateTimeField):
    """Day and time in the zone that is in force where the form is read."""

    def __init__(self, **kwargs: Any) -> None:
        # Django's own form of a local time: other forms are understood too.
        widget = forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "max": "2199-12-31T23:59"}
        )
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        try:
            moment = super().to_python(value)
        except (OverflowError, ValueError) as wrong:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from wrong
        if moment is not None and not 1995 <= moment.year <= 2200:
            raise forms.ValidationError(_("Pick a time between 1995 and 2200."))
        return moment


class Words(forms.CharField):
    """Several words or names in one box, by comma or line; a list when it is read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=LONGEST_LIST, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        return words_of(super().clean(value) or "")


class Number(forms.FloatField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
        super().__init__(required=False, min_value=-LARGEST, max_value=LARGEST, widget=widget, **kwargs)


class WhyForm(forms.Form):
    """The set-up's first step. `mission` None: a new one."""

    use_cases = forms.MultipleChoiceField(
        label=_("What is it for?"),
        choices=[(case.name, case.title) for case in USE_CASES.values()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    kind = forms.ChoiceField(
        label=_("What is listened to?"),
        choices=Mission.Kind.choices,
        initial=Mission.Kind.EVENT,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=_("Its name"), max_length=400)
    hashtags = Words(label=_("Hashtags"), help_text=_("By comma, such as: #pivot26, #askpivot"))
    handles = Words(label=_("Your handles"), help_text=_("As people write to you, such as: @pivot"))
    called = Words(label=_("Also called"), help_text=_("Other names and spellings"))
    competitors = Words(label=_("Competitors"), help_text=_("Each becomes a topic of its own"))
    time_zone = ZoneField(label=_("Time zone"), validators=[known_zone])
    starts_at = Moment(label=_("Begins"))
    ends_at = Moment(label=_("Ends"))
    last_edition = forms.ModelChoiceField(
        label=_("Last edition"),
        queryset=Mission.objects.none(),
        required=False,
        empty_label=_("none"),
        help_text=_("Its figures become the baselines."),
    )
    baseline_since = Moment(label=_("Compare with the time from"))
    baseline_until = Moment(label=_("to"))

    def __init__(self, *args: Any, person: Person, mission: Mission | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Mission.objects.for_person(person).distinct()
        self.fields["last_edition"].queryset = others.exclude(pk=mission.pk) if mission else others  # type: ignore[attr-defined]
        _dress(self)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if "\x00" in name or not name.strip():
            raise forms.ValidationError(_("Give it a name that can be read."))
        return name

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("starts_at") and told.get("ends_at") and told["ends_at"] <= told["starts_at"]:
            self.add_error("ends_at", _("It ends before it begins. Pick a later time."))
        since, until = told.get("baseline_since"), told.get("baseline_until")
        if bool(since) != bool(until):
            self.add_error("baseline_until" if since else "baseline_since", _("A baseline period needs both ends."))
        elif since and until and until <= since:
            self.add_error("baseline_until", _("The baseline period ends before it begins."))
        return told


class GoalForm(forms.Form):
    """One goal. `baseline_how` decides where the baseline comes from."""

    name = forms.CharField(label=_("Goal"), max_length=400)
    metric = forms.ChoiceField(label=_("Metric"))
    topic = forms.ModelChoiceField(
        label=_("Of"), queryset=Topic.objects.none(), required=False, empty_label=_("the whole mission")
    )
    over = forms.ChoiceField(label=_("Measured over"), choices=Goal.Over.choices, initial=Goal.Over.PERIOD)
    baseline = Number(label=_("Baseline"))
    baseline_says = forms.CharField(label=_("Where it comes from"), max_length=500, required=False)
    target = Number(label=_("Target"))
    starts_at = Moment(label=_("Counted from"))
    due_at = Moment(label=_("By"))
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=Person.objects.none(), required=False, empty_label=_("nobody yet")
    )

    def __init__(self, *args: Any, mission: Mission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mission = mission
        self.fields["metric"].choices = metric_choices()  # type: ignore[attr-defined]
        self.fields["topic"].queryset = mission.topics.kept()  # type: ignore[attr-defined]
        self.fields["owner"].queryset = people_of(mission)  # type: ignore[attr-defined]
        _dress(self)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        starts = told.get("starts_at") or self.initial.get("starts_at") or timezone.now()
        if told.get("due_at") and told["due_at"] <= starts:
            self.add_error("due_at", _("The date lies before the goal is counted from. Pick a later one."))
        return told

    @property
    def fields_of_goal(self) -> dict[str, Any]:
        """What the actions take."""
        told = dict(self.cleaned_data)
        told.pop("take", None)
        if told["starts_at"] is None:
            told["starts_at"] = self.initial.get("starts_at") or timezone.now()
        if told["baseline"] is None:
            told["baseline_from"], told["baseline_says"] = Goal.BaselineFrom.NOTHING, ""
        elif told["baseline"] == self.initial.get("baseline") and self.initial.get("baseline_from"):
            told["baseline_from"] = self.initial["baseline_from"]
        else:
            told["baseline_from"] = Goal.BaselineFrom.TYPED
        return told


class TakenOrLeft(forms.Form):
    """A row that the set-up offers: taken only where it is ticked, and not judged where it is not, so that half a goal
    that nobody wants does not hold up the others."""

    take = forms.BooleanField(label=_("Take this"), required=False)

    def full_clean(self) -> None:
        if self.is_bound and not self.data.get(self.add_prefix("take")):
            self._errors = forms.utils.ErrorDict()
            self.cleaned_data = {"take": False}
            return
        super().full_clean()


class StartingGoalForm(TakenOrLeft, GoalForm):
    """A goal that the set-up offers."""


class StartingTopicForm(TakenOrLeft):
    """A topic that the set-up offers."""

    name = forms.CharField(label=_("Name"), max_length=400)
    role = forms.ChoiceField(label=_("Role"), choices=Topic.Role.choices, initial=Topic.Role.OWN)
    query = forms.CharField(label=_("Query"), widget=forms.Textarea, max_length=MOST_CHARACTERS + 100)

    def __init__(self, *args: Any, mission: Mission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mission = mission
        _dress(self)

    @property
    def query_text(self) -> str:
        return str(self["query"].value() or "")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.mission.topics.filter(name=name).exists():
            raise forms.ValidationError(_("Another topic of this mission has this name. Choose a different one."))
        return name

    def clean_query(self) -> str:
        query: str = self.cleaned_data["query"]
        typed = read_typed(query)
        if typed.error:
            raise forms.ValidationError(str(typed.error.message))
        return query


class LevelForm(forms.Form):
    level = forms.ChoiceField(label=_("Level"), choices=Mission.Level.choices, widget=forms.RadioSelect)
    why = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("Everybody reads it, now and in the strategy log.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)


class WhyClosedForm(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)


class CloneForm(forms.Form):
    name = forms.CharField(label=_("Name of the next edition"), max_length=400)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)


def metric_choices() -> list[tuple[str, str]]:
    """Metrics that a goal can have: those with one number."""
    named = ((one.name, f"{one.title} ({one.unit.words()})") for one in all_metrics().values() if one.figure)
    return sorted(named, key=lambda pair: pair[1].casefold())


def people_of(mission: Mission) -> Any:
    """Who may own something of the mission: its people and administrators."""
    members = mission.memberships.current().values("person")
    return Person.objects.filter(pk__in=members, is_active=True) | Person.objects.filter(
        is_administrator=True, is_active=True
    )


def in_a_while(mission: Mission) -> datetime:
    """The date that goals begin with: the mission's end, else in 30 days (a quarter for a brand)."""
    if mission.ends_at and mission.ends_at > timezone.now():
        return mission.ends_at
    days = 90 if mission.kind == Mission.Kind.BRAND else 30
    return (timezone.now() + timedelta(days=days)).replace(second=0, microsecond=0)


def _dress(form: forms.Form) -> None:
    for field in form.fields.values():
        widget = field.widget
        if isinstance(widget, forms.CheckboxInput):
            widget.attrs["class"] = "form-check-input"
        elif isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
            continue
        elif isinstance(widget, forms.Select):
            widget.attrs["class"] = "form-select"
        else:
            widget.attrs.update({"class": "form-control", "autocomplete": "off", "dir": "auto"})
