"""Forms about walls: what a wall is, how a scene is arranged, links."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from watchfloor.listening.models import Topic
from watchfloor.panels.registry import all_panels
from watchfloor.team.models import Mission
from watchfloor.wall.actions import MOST_PANELS
from watchfloor.wall.models import Scene, Wall

SELECT = {"class": "form-select"}
CONTROL = {"class": "form-control"}
LASTS = [(1, _("1 day")), (7, _("7 days")), (30, _("30 days")), (365, _("a year"))]


class WallForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    rotate_seconds = forms.IntegerField(
        label=_("Seconds that a scene stays"),
        min_value=5,
        max_value=3600,
        initial=20,
        widget=forms.NumberInput(attrs=CONTROL),
    )

    class Meta:
        model = Wall
        fields: ClassVar = ["name", "period", "rotate_seconds", "posts", "media", "shows_red", "blocked_words"]
        labels: ClassVar = {
            "name": _("Name"),
            "period": _("All panels show"),
            "posts": _("Posts are shown"),
            "media": _("Photos are shown"),
            "shows_red": _("A red topic takes the screen, whatever the scene"),
            "blocked_words": _("Words that keep a post off the wall"),
        }
        help_texts: ClassVar = {
            "shows_red": _(
                "When a topic is in trouble by the rules of the home page, or the mission's level is crisis."
            ),
            "blocked_words": _("One a line, in the query language: “damn*”, a phrase in quotes, from:someone."),
        }
        widgets: ClassVar = {
            "name": forms.TextInput(attrs={**CONTROL, "dir": "auto", "autocomplete": "off"}),
            "period": forms.Select(attrs=SELECT),
            "posts": forms.Select(attrs=SELECT),
            "media": forms.Select(attrs=SELECT),
            "shows_red": forms.CheckboxInput(attrs={"class": "form-check-input"}),
            "blocked_words": forms.Textarea(attrs={**CONTROL, "rows": 4, "dir": "auto"}),
        }

    def validate_unique(self) -> None:
        """The action says what to do about a name that is taken."""


class SceneForm(forms.Form):
    """One to four panels side by side; each over all topics or some."""

    title = forms.CharField(
        label=_("Title"), required=False, max_length=200, widget=forms.TextInput(attrs={**CONTROL, "dir": "auto"})
    )

    def __init__(self, *args: Any, mission: Mission, scene: Scene | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        suit = [(one.name, one.title) for one in all_panels().values() if "wall" in one.suits]
        panels = [("", _("none")), *sorted(suit, key=lambda pair: str(pair[1]))]
        topics = [(topic.pk, topic.name[:80]) for topic in Topic.objects.filter(mission=mission)]
        held = scene.panels if scene else []
        if scene:
            self.fields["title"].initial = scene.title
        for number in range(MOST_PANELS):
            told = held[number] if number < len(held) else {}
            self.fields[f"panel_{number}"] = forms.ChoiceField(
                label=_("Panel %(number)d") % {"number": number + 1},
                choices=panels,
                required=False,
                initial=told.get("panel", ""),
                widget=forms.Select(attrs=SELECT),
            )
            self.fields[f"topic_{number}"] = forms.ChoiceField(
                label=_("about"),
                choices=[("", _("the whole mission")), *topics],
                required=False,
                initial=(told.get("topics") or [""])[0],
                widget=forms.Select(attrs=SELECT),
            )
        self._held = held

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        return [(self[f"panel_{number}"], self[f"topic_{number}"]) for number in range(MOST_PANELS)]

    def arranged(self) -> list[dict[str, Any]]:
        """The panels as `actions.add_scene` takes them; settings stay with a panel that stays."""
        found = []
        for number in range(MOST_PANELS):
            name, topic = self.cleaned_data[f"panel_{number}"], self.cleaned_data[f"topic_{number}"]
            if not name:
                continue
            before: dict[str, Any] = self._held[number] if number < len(self._held) else {}
            kept = before.get("settings") if before.get("panel") == name else None
            found.append({"panel": name, "topics": [topic] if topic else [], "settings": kept or {}})
        return found


class ShareForm(forms.Form):
    name = forms.CharField(
        label=_("Which screen it is for"), required=False, max_length=200, widget=forms.TextInput(attrs=CONTROL)
    )
    days = forms.TypedChoiceField(
        label=_("The link works for"), choices=LASTS, coerce=int, initial=7, widget=forms.Select(attrs=SELECT)
    )
    framed_by = forms.CharField(
        label=_("May be framed by"),
        required=False,
        max_length=200,
        help_text=_("The address of a page that shows the wall inside itself. Empty: nobody may."),
        widget=forms.TextInput(attrs={**CONTROL, "placeholder": "https://intranet.example.org"}),
    )

    def lasts(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
