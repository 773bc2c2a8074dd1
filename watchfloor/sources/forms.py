"""The form of a connection: what every connection has, and the fields of its source's settings."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from watchfloor.sources.source import Source, made_settings
from watchfloor.team.models import Mission

PREFIX = "setting_"
SECRET = "secret_"  # noqa: S105 - the beginning of a field's name


class ConnectionForm(forms.Form):
    """Name and mission, then a field for each setting of `source`, typed as its settings are.

    A field left empty takes the setting's own default. `settings` holds the checked settings after is_valid(). A
    setting's msgspec.Meta gives its `title` and `description`; one with extra={"hidden": True} is not asked for and
    stays as it is in `kept`.
    """

    name = forms.CharField(label=_("Name"), max_length=400)
    mission = forms.ModelChoiceField(
        label=_("For"),
        queryset=Mission.objects.none(),
        required=False,
        empty_label=_("all missions"),
        help_text=_("With a mission, posts are matched against that mission’s topics alone."),
    )

    def __init__(self, source: Source, *args: Any, kept: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        self.kept: dict[str, Any] = {}
        self.settings: dict[str, Any] = {}
        self.fields["mission"].queryset = Mission.objects.all()  # type: ignore[attr-defined]
        made = made_settings(source.settings_type)
        for setting in msgspec.structs.fields(source.settings_type):
            if setting.name not in made:
                self.fields[PREFIX + setting.name] = _field(setting)
            elif kept is not None and setting.name in kept:
                self.kept[setting.name] = kept[setting.name]
        for secret in source.facts.secrets:
            self.fields[SECRET + secret.name] = forms.CharField(
                label=secret.label,
                required=False,
                strip=True,
                max_length=2_000,
                # Never shown again: what is kept does not leave the server.
                widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
                help_text=f"{secret.help} {_kept_words(is_new=kept is None)}".strip(),
                validators=[_all_of(secret.pattern)] if secret.pattern else [],
            )
        for field in self.fields.values():
            _dress(field)

    @property
    def new_secrets(self) -> dict[str, str]:
        """Those that were typed in."""
        return {
            name.removeprefix(SECRET): value
            for name, value in self.cleaned_data.items()
            if name.startswith(SECRET) and value
        }

    @staticmethod
    def initial_of(settings: Mapping[str, Any]) -> dict[str, Any]:
        return {PREFIX + name: value for name, value in settings.items()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = {name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX)}
        told = {name: value for name, value in given.items() if value not in (None, "", [])} | self.kept
        if self.errors:
            return cleaned
        try:
            settings = msgspec.convert(told, self.source.settings_type, strict=False)
        except msgspec.ValidationError as error:
            self.add_error(_field_named_in(str(error), self.fields), _readable(error))
            return cleaned
        self.settings = msgspec.to_builtins(settings)
        return cleaned


def _field(setting: msgspec.structs.FieldInfo) -> forms.Field:
    kind, meta = _without_none(setting.type), _meta(setting.type)
    default = None if setting.default is msgspec.NODEFAULT else setting.default
    label = (meta.title if meta else None) or setting.name.replace("_", " ").capitalize()
    help_text = (meta.description if meta else None) or ""
    common: dict[str, Any] = {"label": label, "required": setting.required, "help_text": help_text}
    if kind is bool:
        return forms.BooleanField(label=label, required=False, initial=bool(default), help_text=help_text)
    if get_origin(kind) is Literal:
        return forms.ChoiceField(**common, choices=[(word, word) for word in get_args(kind)], initial=default)
    if kind in (int, float):
        bounds: dict[str, Any] = {"min_value": meta.ge, "max_value": meta.le} if meta else {}
        number = forms.IntegerField if kind is int else forms.FloatField
        return number(**common, initial=default, **bounds)
    if get_origin(kind) in (tuple, list) and get_origin(get_args(kind)[0]) is Literal:
        choices = [(word, word) for word in get_args(get_args(kind)[0])]
        return forms.MultipleChoiceField(**common, choices=choices, initial=list(default or ()), widget=Boxes)
    if get_origin(kind) in (tuple, list):
        # A page that was not told otherwise takes one line each.
        common["help_text"] = help_text or _t("One a line.")
        return LinesField(**common, initial=list(default or ()))
    return forms.CharField(**common, initial=default)


class Boxes(forms.CheckboxSelectMultiple):
    """Boxes to tick, each in the look of one."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["attrs"]["class"] = "form-check-input"
        return option


class LinesField(forms.CharField):
    """Several words, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        return None


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        kinds = [one for one in get_args(kind) if one is not type(None)]
        return kinds[0] if len(kinds) == 1 else str
    if hasattr(kind, "__metadata__"):
        return _without_none(get_args(kind)[0])
    return kind


def _meta(kind: Any) -> msgspec.Meta | None:
    """What a setting's type says of itself, wherever it stands in it."""
    for said in getattr(kind, "__metadata__", ()):
        if isinstance(said, msgspec.Meta):
            return said
    found = (_meta(one) for one in get_args(kind) if get_origin(kind) in (Union, types.UnionType))
    return next((one for one in found if one is not None), None)


def _kept_words(*, is_new: bool) -> str:
    return _t("Kept encrypted.") if is_new else _t("Kept encrypted. Empty: stays as it is.")


def _all_of(pattern: str) -> RegexValidator:
    return RegexValidator(rf"\A(?:{pattern})\Z", _t("It does not look like one. Copy all of it again."))


def _field_named_in(message: str, fields: Mapping[str, Any]) -> str | None:
    """msgspec ends a message in "- at `$.hosts[0]`"; the field it speaks of, if it is one of ours."""
    named = message.partition("`$.")[2].split("`")[0].split("[")[0]
    return PREFIX + named if PREFIX + named in fields else None


def _readable(error: msgspec.ValidationError) -> str:
    return str(error).partition(" - at ")[0]


def _dress(field: forms.Field) -> None:
    if isinstance(field, forms.MultipleChoiceField):
        field.widget.attrs["class"] = "s-boxes"
    elif isinstance(field, forms.BooleanField):
        field.widget.attrs["class"] = "form-check-input"
    elif isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        field.widget.attrs["class"] = "form-select"
    else:
        field.widget.attrs = {"autocomplete": "off", **field.widget.attrs, "class": "form-control"}
