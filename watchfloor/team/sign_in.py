"""Signing in: by e-mail and password (allauth), or by a link that works once."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class NobodyRegistersAlone(DefaultAccountAdapter):  # type: ignore[misc]
    """People are invited; nobody makes an account on their own."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
