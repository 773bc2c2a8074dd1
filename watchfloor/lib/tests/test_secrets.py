"""Secrets of connections: locked for the database, opened with any key that is still known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.lib.secrets import CannotOpen, Secrets

OLD, NEW = b"old-key-" * 4, b"new-key-" * 4
SECRET = {"app_password": "s3cret-äöü-🔑"}


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=4))
def test_what_is_locked_opens_again(secrets):
    vault = Secrets([NEW])
    assert vault.open(vault.seal(secrets)) == secrets


def test_what_is_stored_shows_nothing():
    stored = Secrets([NEW]).seal(SECRET)
    assert b"s3cret" not in stored
    assert b"app_password" not in stored
    assert stored != Secrets([NEW]).seal(SECRET)


def test_keys_rotate_while_running():
    stored = Secrets([OLD]).seal(SECRET)
    both = Secrets([NEW, OLD])
    assert both.open(stored) == SECRET
    sealed = both.rotate(stored)
    assert Secrets([NEW]).open(sealed) == SECRET
    with pytest.raises(CannotOpen):
        Secrets([OLD]).open(sealed)


@pytest.mark.parametrize("damage", [lambda s: s[:-1] + b"A", lambda s: s[:20], lambda s: b"", lambda s: b"\xff" * 99])
def test_what_is_damaged_does_not_open(damage):
    stored = Secrets([NEW]).seal(SECRET)
    with pytest.raises(CannotOpen, match="WATCHFLOOR_OLD_SECRET_KEYS"):
        Secrets([NEW]).open(damage(stored))


def test_errors_and_repr_show_no_secret():
    vault = Secrets([NEW])
    with pytest.raises(CannotOpen) as caught:
        Secrets([OLD]).open(vault.seal(SECRET))
    for shown in (repr(vault), str(caught.value)):
        assert "key-" not in shown
        assert "s3cret" not in shown
