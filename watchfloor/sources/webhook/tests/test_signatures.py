"""Signatures of Standard Webhooks: the published example, others' signing, and what is not believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from watchfloor.sources.webhook.signing import NoKey, NotSigned, key_of, new_secret, sign, verify

# The standard's own test vector.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SENT = 1614265330
PUBLISHED = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(SENT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def refused(headers, body=BODY, secrets=(SECRET,), now=SENT):
    with pytest.raises(NotSigned) as error:
        verify(headers, body, secrets=secrets, now=now)
    return str(error.value)


def test_the_published_example_is_believed():
    assert verify(PUBLISHED, BODY, secrets=[SECRET], now=SENT) == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert verify(PUBLISHED, BODY, secrets=[SECRET.removeprefix("whsec_")], now=SENT)


@given(body=st.text(), secret=st.binary(min_size=24, max_size=64), n=st.integers(1, 10**9))
def test_what_the_standards_own_library_signs_is_believed(body, secret, n):
    import base64

    key = "whsec_" + base64.b64encode(secret).decode()
    signature = Webhook(key).sign(f"msg_{n}", datetime.fromtimestamp(n, UTC), body)
    headers = {"webhook-id": f"msg_{n}", "webhook-timestamp": str(n), "webhook-signature": signature}
    assert verify(headers, body.encode(), secrets=[key], now=n) == f"msg_{n}"


def test_the_standards_own_library_believes_what_we_sign():
    secret = new_secret()
    now = int(datetime.now(UTC).timestamp())
    headers = {"webhook-id": "m", "webhook-timestamp": str(now)}
    headers["webhook-signature"] = "v1," + sign(secret, "m", str(now), BODY).decode()
    assert Webhook(secret).verify(BODY, headers) == {"test": 2432232314}


def test_one_right_signature_of_several_is_enough():
    several = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== v1,AAAA "
    headers = {**PUBLISHED, "webhook-signature": several + PUBLISHED["webhook-signature"]}
    assert verify(headers, BODY, secrets=[SECRET], now=SENT)


def test_while_a_secret_is_changed_both_are_good():
    assert verify(PUBLISHED, BODY, secrets=[new_secret(), SECRET], now=SENT)
    assert verify(PUBLISHED, BODY, secrets=[SECRET, new_secret()], now=SENT)


@pytest.mark.parametrize("apart", [-300, 300])
def test_five_minutes_between_clocks_are_allowed(apart):
    assert verify(PUBLISHED, BODY, secrets=[SECRET], now=SENT + apart)
    assert "five minutes" in refused(PUBLISHED, now=SENT + apart + (1 if apart > 0 else -1))


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY[:-1], b'{"test":2432232314}'])
def test_another_body_is_not_believed(body):
    assert "as it came" in refused(PUBLISHED, body)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-id": "x" * 201},
        {"webhook-id": "a b"},
        {"webhook-id": "ü"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "1614265331"},
        {"webhook-timestamp": "+1614265330"},
        {"webhook-timestamp": "1614265330.0"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": PUBLISHED["webhook-signature"].replace("v1,", "v2,")},
        {"webhook-signature": PUBLISHED["webhook-signature"][:-4]},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v1,AAAA " * 20 + PUBLISHED["webhook-signature"]},
    ],
)
def test_nothing_else_is_believed(change):
    refused({**PUBLISHED, **change})


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_header_is_needed(name):
    assert "are needed" in refused({k: v for k, v in PUBLISHED.items() if k != name})


def test_another_secret_does_not_open_it():
    refused(PUBLISHED, secrets=[new_secret()])
    refused(PUBLISHED, secrets=[])


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_abc", "whsec_ä", "whsec_" + "A" * 1000, "whsec_!!!!" + "A" * 24]
)
def test_a_secret_that_is_no_key_says_so(secret):
    with pytest.raises(NoKey):
        key_of(secret)


def test_new_secrets_are_long_and_differ():
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(key_of(new_secret())) == 32
