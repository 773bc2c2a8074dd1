"""Names that mix scripts whose letters look alike ("раypal" with Cyrillic р and а), as impersonators do."""

from __future__ import annotations

import regex

SCRIPTS = ("Latin", "Cyrillic", "Greek", "Cherokee", "Armenian")
LOOK_ALIKE = [regex.compile(rf"\p{{Script={name}}}") for name in SCRIPTS]
UNSEEN = regex.compile(r"[\p{Cf}\p{Variation_Selector}\u115f\u1160\u3164\uffa0]")


def mixes_scripts(handle: str) -> bool:
    """True if one dot-separated part holds letters of two look-alike scripts, or a character that cannot be seen.

    A whole name in Cyrillic is fine, so is Latin with Han or Kana: nobody takes those for one another.
    """
    if UNSEEN.search(handle):
        return True
    parts = regex.split(r"[.@\-_\s]", handle)
    return any(sum(1 for script in LOOK_ALIKE if script.search(part)) > 1 for part in parts)
