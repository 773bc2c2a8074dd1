"""Web addresses: which are safe to follow, and which are the same page."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# What networks and mailers add to follow a click. Names, and the beginnings of names.
TRACKING = frozenset({
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid", "igshid", "igsh",
    "li_fat_id", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "oly_anon_id", "oly_enc_id", "vero_id", "wickedid",
    "s_cid", "ref_src", "ref_url", "cmpid", "icid", "spm", "scm", "_ga", "_gl",
})  # fmt: skip
SENTENCE = ".,;:!?)]}'\"»”…"
TRACKING_BEGINNINGS = ("utm_", "pk_", "mtm_", "hsa_", "fb_", "at_")


def safe_link(url: str | None) -> str:
    """`url` if it is a http or https address that a browser reads as one, else ""."""
    if not url or re.search(r"[\x00-\x20\x7f-\x9f\\]", url):
        return ""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises on nonsense
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else ""


def without_sentence(written: str) -> str:
    """A link as it stands in a text, without the marks that end the sentence or the brackets around it. The query
    language takes a link up to the next white space; two that differ by a full stop are one page all the same."""
    return written.rstrip(SENTENCE)


def plain_link(url: str) -> str:
    """The address of the page, without what only follows the click: tracking parameters, the fragment, a default port,
    letter case of the host, a slash at the end. "" if it isn't safe."""
    if not safe_link(url):
        return ""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    default = {"http": 80, "https": 443}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    place = shown if parts.port in (None, default) else f"{shown}:{parts.port}"
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _follows(name)]
    return urlunsplit((parts.scheme, place, parts.path.rstrip("/"), urlencode(kept), ""))


def _follows(name: str) -> bool:
    low = name.lower()
    return low in TRACKING or low.startswith(TRACKING_BEGINNINGS)
