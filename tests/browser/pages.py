"""Every page that people open, by a name of its own: the tests of looks and of access go through this list.

A path's places are filled from what `furnish` tells. An address that is no page stands in NO_PAGE with its reason; one
that stands nowhere fails the first test of `test_pages_in_pictures.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

M = "/m/{slug}"


@dataclass(frozen=True)
class Shown:
    """`signed`: opened by the owner. `answer`: the status that is right for it."""

    path: str
    signed: bool = True
    answer: int = 200


PAGES: dict[str, Shown] = {
    "home": Shown(f"{M}/"),
    "home-of-nothing": Shown("/m/{long}/"),
    "stand-up": Shown(f"{M}/stand-up/"),
    "explore": Shown(f"{M}/explore/?since=7d"),
    "explore-search": Shown(f"{M}/explore/?q=%22flat+white%22+NEAR/5+queue*&since=7d"),
    "explore-error": Shown(f"{M}/explore/?q=(wifi+AND", answer=422),
    "explore-of-nothing": Shown("/m/{long}/explore/"),
    "explore-mention": Shown(f"{M}/explore/?post={{post}}"),
    "explore-compare": Shown(f"{M}/explore/compare/?by=periods"),
    "explore-hidden": Shown(f"{M}/explore/hidden/"),
    "conversation": Shown(f"{M}/explore/post/{{post}}/conversation/"),
    "author": Shown(f"{M}/authors/{{author}}/"),
    "marks": Shown(f"{M}/marks/"),
    "labels": Shown(f"{M}/labels/"),
    "labels-of-nothing": Shown("/m/{long}/labels/"),
    "saved-views": Shown(f"{M}/views/"),
    "saved-views-of-nothing": Shown("/m/{long}/views/"),
    "figures": Shown(f"{M}/panels/"),
    "figures-of-nothing": Shown("/m/{long}/panels/"),
    "figure": Shown(f"{M}/panels/volume/page/"),
    "figure-of-nothing": Shown("/m/{long}/panels/share-of-voice/page/"),
    "metric": Shown(f"{M}/metrics/net-sentiment-a/"),
    "topics": Shown(f"{M}/topics/"),
    "topics-of-nothing": Shown("/m/{long}/topics/"),
    "topic": Shown(f"{M}/topics/{{topic}}/"),
    "topic-draft": Shown(f"{M}/topics/{{topic}}/?q=pivot+OR+the+OR+coffee+hall"),
    "topic-new": Shown(f"{M}/topics/new/"),
    "topic-templates": Shown(f"{M}/topics/templates/"),
    "topic-history": Shown(f"{M}/topics/{{topic}}/versions/"),
    "topic-remove": Shown(f"{M}/topics/{{topic}}/remove/"),
    "emerging": Shown(f"{M}/emerging/"),
    "emerging-of-nothing": Shown("/m/{long}/emerging/"),
    "emerging-accept": Shown(f"{M}/topics/{{topic}}/?offer={{term}}"),
    "look-back": Shown(f"{M}/look-back/"),
    "strategy-log": Shown(f"{M}/strategy/"),
    "goals": Shown(f"{M}/goals/"),
    "goals-of-nothing": Shown("/m/{long}/goals/"),
    "goal": Shown(f"{M}/goals/{{goal}}/"),
    "goal-new": Shown(f"{M}/goals/new/"),
    "level": Shown(f"{M}/level/"),
    "rules": Shown("/rules/"),
    "missions": Shown("/missions/"),
    "set-up": Shown("/missions/new/"),
    "set-up-why": Shown(f"{M}/set-up/why/"),
    "set-up-goals": Shown(f"{M}/set-up/goals/"),
    "set-up-topics": Shown(f"{M}/set-up/topics/"),
    "set-up-sources": Shown(f"{M}/set-up/sources/"),
    "set-up-wall": Shown(f"{M}/set-up/wall/"),
    "set-up-people": Shown(f"{M}/set-up/people/"),
    "set-up-ready": Shown(f"{M}/set-up/ready/"),
    "mission-settings": Shown(f"{M}/settings/"),
    "mission-clone": Shown(f"{M}/clone/"),
    "mission-close": Shown(f"{M}/close/"),
    "mission-compare": Shown(f"{M}/compare/{{long}}/"),
    "mission-compare-with": Shown(f"{M}/compare/"),
    "mission-people": Shown(f"{M}/people/"),
    "walls": Shown(f"{M}/walls/"),
    "walls-of-nothing": Shown("/m/{long}/walls/"),
    "wall": Shown(f"{M}/walls/{{wall}}/"),
    "wall-scene": Shown(f"{M}/walls/{{wall}}/scenes/{{scene}}/"),
    "wall-scene-new": Shown(f"{M}/walls/{{wall}}/scenes/new/"),
    "wall-remote": Shown(f"{M}/walls/{{wall}}/remote/"),
    "wall-posts": Shown(f"{M}/walls/{{wall}}/posts/"),
    "sources": Shown("/sources/"),
    "source": Shown("/sources/{connection}/"),
    "source-webhook": Shown("/sources/{hook}/"),
    "source-delete": Shown("/sources/{connection}/delete/"),
    "source-add-bluesky": Shown("/sources/add/bluesky/"),
    "source-add-mastodon": Shown("/sources/add/mastodon/"),
    "source-add-feed": Shown("/sources/add/feeds/"),
    "source-add-webhook": Shown("/sources/add/webhook/"),
    "rights": Shown("/rights/"),
    "everybody": Shown("/people/"),
    "you": Shown("/you/"),
    "keys": Shown("/you/keys/"),
    "password": Shown("/password/"),
    "not-found": Shown("/no/such/page/", answer=404),
    "sign-in": Shown("/sign-in/", signed=False),
    "sign-in-no-password": Shown("/sign-in/no-password/", signed=False),
    "sign-in-no-entry": Shown("/sign-in/no-entry/", signed=False),
    "sign-in-used-link": Shown("/sign-in/used-up-long-ago/", signed=False, answer=410),
    "join": Shown("/join/{invitation}/", signed=False),
}

# Shown at a television's size, scene by scene.
SCREENS = {"wall-screen", "shared-wall"}

NO_PAGE = {
    **dict.fromkeys(("home", "own-mission", "set-up-start", "saved-view", "emerging-add"), "leads elsewhere"),
    **dict.fromkeys(("account_logout", "theme", "mission-member", "invitation-revoke", "key-revoke"), "changes only"),
    **dict.fromkeys(("source-switch", "source-new-secret", "source-forget-secret", "goal-drop"), "changes only"),
    **dict.fromkeys(("goal-baseline", "mission-reopen", "explore-act", "saved-view-change"), "changes only"),
    **dict.fromkeys(("marks-change", "labels-answer", "labels-learn", "topic-switch"), "changes only"),
    **dict.fromkeys(("emerging-ignore", "emerging-offer", "wall-remove", "scene-move"), "changes only"),
    **dict.fromkeys(("share-revoke", "source-try", "source-test", "topic-restore"), "the answer to a change"),
    **dict.fromkeys(("explore-figures", "explore-rows", "explore-check", "explore-complete"), "a part of a page"),
    **dict.fromkeys(("explore-post", "topic-check", "topic-check-change", "topic-state"), "a part of a page"),
    **dict.fromkeys(("mission-home-body", "set-up-check", "fresh", "panel"), "a part of a page"),
    **dict.fromkeys(("live", "wall-live", "shared-wall-live"), "a stream"),
    **dict.fromkeys(("export-csv", "export-jsonl", "export-xlsx", "panel-csv", "panel-json"), "a file"),
    **dict.fromkeys(("panel-svg", "panel-png", "post-picture", "wall-picture", "favicon"), "a picture"),
    **dict.fromkeys(("hook", "healthz", "readyz", "metrics"), "for programs"),
}
