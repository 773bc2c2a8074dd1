"""A payload is given back as it came, byte for byte."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.mentions.store.payloads import compress, decompress


@given(st.text(), st.text(), st.booleans())
def test_whatever_it_holds_it_comes_back(text, other, escaped):
    payload = {"id": other, "text": text, "again": text}
    written = json.dumps(payload).encode() if escaped else msgspec.json.encode(payload)
    assert decompress(compress(written, text), text) == written


@given(st.binary(), st.text())
def test_so_does_what_is_no_json(payload, text):
    assert decompress(compress(payload, text), text) == payload


def test_the_text_is_kept_once():
    text = " ".join(f"word{n * 7919 % 1000}" for n in range(200))
    payload = msgspec.json.encode({"$type": "app.bsky.feed.post", "text": text})
    assert len(compress(payload, text)) < len(compress(payload, "another")) - 300


@pytest.mark.parametrize(
    "text", ["", "a", "\x00", "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace")]
)
def test_short_and_odd_texts_do_no_harm(text):
    payload = b'{"text":"a","raw":"\\u0000"}'
    assert decompress(compress(payload, text), text) == payload
