"""What people may change about themselves, and a first mission."""

from __future__ import annotations

import zoneinfo
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import gettext_lazy as _

from watchfloor.team.models import Mission, Person


class ZoneField(forms.CharField):
    """A time zone by its name, with the machine's list as suggestions."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        super().__init__(**kwargs)
        self.widget.attrs.update({"list": "zones", "autocomplete": "off", "class": "form-control", "data-zone": ""})


class YouForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    time_zone = ZoneField(
        label=_("Time zone"), required=False, help_text=_("Such as Europe/Berlin. Empty: each mission's own.")
    )

    class Meta:
        model = Person
        fields: ClassVar = ["name", "time_zone", "theme"]
        labels: ClassVar = {"name": _("Name"), "theme": _("Theme")}
        widgets: ClassVar = {
            "name": forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
            "theme": forms.Select(attrs={"class": "form-select"}),
        }


class MissionForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = ZoneField(label=_("Time zone"), help_text=_("Days, charts and clocks of the mission run in it."))

    class Meta:
        model = Mission
        fields: ClassVar = ["name", "kind", "time_zone"]
        labels: ClassVar = {"name": _("Name"), "kind": _("What it is about")}
        widgets: ClassVar = {
            "name": forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "dir": "auto"}),
            "kind": forms.Select(attrs={"class": "form-select"}),
        }


class MissionSettingsForm(MissionForm):
    class Meta(MissionForm.Meta):
        fields: ClassVar = ["name", "kind", "time_zone", "keep_days"]
        labels: ClassVar = {**MissionForm.Meta.labels, "keep_days": _("Days that posts are kept")}
        help_texts: ClassVar = {
            "keep_days": _("Older posts are removed for good; their figures stay. Empty: posts are kept for ever.")
        }
        widgets: ClassVar = {
            **MissionForm.Meta.widgets,
            "keep_days": forms.NumberInput(attrs={"class": "form-control", "min": 1, "max": 36_500}),
        }


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A new password, twice. Asks for the old one unless there is none or the person came by a sign-in link."""

    def __init__(self, person: Person, *args: Any, ask_for_old: bool, **kwargs: Any) -> None:
        super().__init__(person, *args, **kwargs)
        if ask_for_old:
            self.fields = {
                "old_password": forms.CharField(
                    label=_("Password until now"),
                    strip=False,
                    widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                ),
                **self.fields,
            }
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        if not self.user.check_password(old):
            raise forms.ValidationError(_("This is not your password until now. Ask for a sign-in link if it is lost."))
        return old


def zones() -> list[str]:
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
