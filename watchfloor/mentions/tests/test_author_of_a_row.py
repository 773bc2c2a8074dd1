"""What a row and the details say of an author of whom little is known."""

from __future__ import annotations

import pytest
from django.utils import timezone

from watchfloor.mentions.rows import Reasons, followers_of, name_of, rows
from watchfloor.mentions.tests.world import World
from watchfloor.sources.post import Author

DID = "did:plc:6jaiqgw2z3tmvyyr5bcbdi35"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        (Author(DID, "ana.example", "Ana", 5), "Ana"),
        (Author(DID, "ana.example"), "ana.example"),
        (Author(DID), "did:plc:6jai…bdi35"),
        (Author("42"), "42"),
        (Author(), ""),
    ],
)
def test_an_author_goes_by_name_else_handle_else_id(author: Author, name: str) -> None:
    assert name_of(author) == name


def row(world: World) -> str:
    return rows(world.shown(), Reasons(), "brand", timezone.now())[0].html


def test_a_row_shows_the_id_until_the_name_is_told(world: World) -> None:
    world.write(world.labelled(author=Author(DID)))
    assert "<bdi>did:plc:6jai…bdi35</bdi>" in row(world)
    world.rename(DID, handle="ana.example", name="Ana")
    assert "<bdi>Ana</bdi>" in row(world)
    assert "<bdi>@ana.example</bdi>" in row(world)


def test_a_row_of_an_author_of_whom_nothing_is_known_says_so(world: World) -> None:
    world.write(world.labelled(author=Author()))
    assert "author not told" in row(world)


def test_followers_are_those_told_with_the_post_else_those_of_the_account(world: World) -> None:
    world.write(world.labelled(author=Author("did:ana")), world.labelled(author=Author("did:ben", followers=7)))
    world.rename("did:ana", followers=1_204)
    world.rename("did:ben", followers=9)
    world.write(world.labelled(author=Author()))
    told = {one.post.author.id: followers_of(one) for one in world.shown()}
    assert told == {"did:ana": 1_204, "did:ben": 7, None: None}
