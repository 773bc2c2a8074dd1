"""Forms about who may enter: inviting, joining, keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from watchfloor.team.models import Membership
from watchfloor.team.people import MOST_PEOPLE_A_LINK
from watchfloor.team.rights import Right

SELECT = {"class": "form-select"}
CONTROL = {"class": "form-control"}
LASTS = [(1, _("1 day")), (7, _("7 days")), (30, _("30 days"))]


class MomentField(forms.DateTimeField):
    """A moment to come, in the zone that pages show."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateTimeInput(attrs={**CONTROL, "type": "datetime-local"}))
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def clean(self, value: Any) -> Any:
        moment = super().clean(value)
        if moment is not None and not timezone.now() < moment < timezone.now() + timedelta(days=3660):
            raise forms.ValidationError(_("Pick a time to come, at most ten years from now."))
        return moment


class InviteForm(forms.Form):
    role = forms.ChoiceField(
        label=_("Role"), choices=Membership.Role.choices, initial="viewer", widget=forms.Select(attrs=SELECT)
    )
    for_people = forms.IntegerField(
        label=_("For how many people"),
        initial=1,
        min_value=1,
        max_value=MOST_PEOPLE_A_LINK,
        widget=forms.NumberInput(attrs=CONTROL),
    )
    days = forms.TypedChoiceField(
        label=_("The link works for"), choices=LASTS, coerce=int, initial=7, widget=forms.Select(attrs=SELECT)
    )
    access_until = MomentField(
        label=_("Their access ends"),
        required=False,
        help_text=_("For volunteers of an event, say, the evening after it. Empty: it does not end."),
    )
    note = forms.CharField(
        label=_("Note for yourself"), required=False, max_length=200, widget=forms.TextInput(attrs=CONTROL)
    )


class JoinForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("You sign in with it. Nothing is sent to it without you."),
        widget=forms.EmailInput(attrs={**CONTROL, "autocomplete": "email"}),
    )


class MemberForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices, widget=forms.Select(attrs=SELECT))
    until = MomentField(label=_("Access ends"), required=False)


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"), max_length=200, widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"})
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Right.choices,
        initial=[Right.SEE],
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Never more than you may yourself."),
    )
    expires_at = MomentField(label=_("It ends"), required=False, help_text=_("Empty: when you revoke it."))
