"""Writing and changing a topic."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from watchfloor.listening.models import Topic
from watchfloor.listening.typed import Typed, read_typed
from watchfloor.team.models import Mission

MOST_CHARACTERS = 20_000
WHY_ATTRIBUTES = {"class": "form-control", "autocomplete": "off", "dir": "auto"}


class TopicForm(forms.Form):
    """`typed` holds the query as it was read, also when it is refused. A changed query needs a why."""

    name = forms.CharField(label=_("Name"), max_length=400)
    role = forms.ChoiceField(label=_("Role"), choices=Topic.Role.choices, initial=Topic.Role.OWN)
    query = forms.CharField(label=_("Query"), widget=forms.Textarea, strip=True, max_length=MOST_CHARACTERS + 100)
    why = forms.CharField(label=_("Why"), max_length=400, required=False)

    def __init__(self, *args: Any, mission: Mission, topic: Topic | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mission, self.topic = mission, topic
        self.typed: Typed = read_typed(str(self.data.get("query", self.initial.get("query", ""))))
        for name in ("name", "why"):
            self.fields[name].widget.attrs.update(WHY_ATTRIBUTES)
        self.fields["role"].widget.attrs["class"] = "form-select"
        why = _("What happened, what you hope to find") if topic is None else _("Why it changes: for the strategy log")
        self.fields["why"].widget.attrs["placeholder"] = why

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Topic.objects.filter(mission=self.mission, name=name)
        if self.topic:
            others = others.exclude(pk=self.topic.pk)
        if others.exists():
            raise forms.ValidationError(_("Another topic of this mission has this name. Choose a different one."))
        return name

    def clean_query(self) -> str:
        query: str = self.cleaned_data["query"]
        self.typed = read_typed(query)
        if self.typed.error:
            raise forms.ValidationError(str(self.typed.error.message))
        return query

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        query = told.get("query")
        if self.topic and query and query != self.topic.query and not told.get("why"):
            self.add_error("why", _("Say why the query changes: it stands in the strategy log and in the history."))
        return told


class WhyForm(forms.Form):
    """Why something is done; asked for, not demanded."""

    why = forms.CharField(label=_("Why"), max_length=400, required=False, widget=forms.TextInput(attrs=WHY_ATTRIBUTES))
