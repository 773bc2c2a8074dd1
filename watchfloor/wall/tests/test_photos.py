"""Photos stand on walls through our own proxy: signed, blurred until approved, gone with their post."""

from __future__ import annotations

import http.server
import io
import re
import threading
from datetime import timedelta

import pytest
from PIL import Image

from watchfloor.mentions import pictures
from watchfloor.mentions.hiding import hide_posts
from watchfloor.sources.post import Media
from watchfloor.team.tests.cast import make_cast
from watchfloor.wall import actions
from watchfloor.wall.loops import ForgetPictures
from watchfloor.wall.models import Wall
from watchfloor.wall.tests.world import delete, say, shown, topic

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def wall(cast):
    return actions.make_wall(cast.mission, "Lobby", scenes=[["photos"]])


@pytest.fixture
def network(monkeypatch, settings, tmp_path):
    """A network's machine with one photo; its address, which the operator allowed."""
    written = io.BytesIO()
    Image.effect_noise((900, 600), 80).convert("RGB").save(written, "JPEG")

    class Photo(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(written.getvalue())

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Photo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.DATA = tmp_path
    monkeypatch.setenv("WATCHFLOOR_ALLOW_ADDRESSES", f"127.0.0.1:{server.server_port}")
    pictures._keeper_of.cache_clear()
    yield f"http://127.0.0.1:{server.server_port}/photo.jpg"
    server.shutdown()
    server.server_close()
    pictures._keeper_of.cache_clear()


@pytest.fixture
def post(cast, network):
    media = (Media(kind="photo", url=network, alt="A queue before the north hall"),)
    return say(topic(cast.mission), "pivot with a photo", media=media)


def address(wall):
    found = re.search(r'src="([^"]+)"', shown(wall, "photos"))
    return found[1] if found else None


def spread(answer):
    low, high = Image.open(io.BytesIO(answer.content)).convert("L").getextrema()
    return high - low


def test_a_visitor_sees_it_and_its_description(client, wall, post):
    answer = client.get(address(wall))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "A queue before the north hall" in shown(wall, "photos")


def test_it_is_blurred_here_until_somebody_approves_it(cast, client, wall, post):
    before = address(wall)
    blurred = spread(client.get(before))
    actions.judge(cast.mission, post, may_show=True, by=cast.ana)
    after = address(wall)
    assert after != before
    clear = spread(client.get(after))
    assert clear > 2 * blurred
    actions.judge(cast.mission, post, may_show=None, by=cast.ana)
    assert spread(client.get(after)) == blurred


def test_a_wall_may_show_photos_as_they_are_or_not_at_all(client, wall, post):
    known = address(wall)
    Wall.objects.update(media="clear")
    assert "clear" in address(wall)
    Wall.objects.update(media="none")
    assert address(wall) is None
    assert client.get(known).status_code == 404


@pytest.mark.parametrize("what", ["delete", "hide", "keep off", "remove the wall"])
def test_what_may_no_longer_be_seen_has_no_picture_from_that_moment(cast, client, wall, post, what):
    known = address(wall)
    assert client.get(known).status_code == 200
    if what == "delete":
        delete(cast.mission, post)
    elif what == "hide":
        hide_posts(cast.mission, [post])
    elif what == "keep off":
        actions.judge(cast.mission, post, may_show=False, by=cast.ana)
    else:
        actions.remove_wall(wall)
    assert client.get(known).status_code == 404


def test_the_file_of_a_deleted_post_leaves_the_disk(cast, client, wall, post):
    duty = ForgetPictures()
    client.get(address(wall))
    duty.forget_pictures()
    assert len(list(pictures.folder().iterdir())) == 1
    delete(cast.mission, post)
    duty.forget_pictures()
    assert list(pictures.folder().iterdir()) == []


def test_a_file_that_was_deleted_while_nobody_worked_leaves_the_disk(cast, client, wall, post):
    client.get(address(wall))
    delete(cast.mission, post)
    ForgetPictures().forget_pictures()
    assert list(pictures.folder().iterdir()) == []


def test_only_addresses_that_we_made_open_anything(client, wall, post):
    known = address(wall)
    told, _, signature = known.strip("/").removeprefix("w/picture/").rpartition(":")
    changed = [
        f"{told.replace('blurred', 'clear')}:{signature}",
        f"{told}0:{signature}",
        told,
        "x" * 3000,
        f"1.{post}.0.clear.1",
    ]
    for token in changed:
        assert client.get(f"/w/picture/{token}/").status_code == 404


def test_an_address_ends_by_itself(client, wall, post, time_machine_at):
    known = address(wall)
    time_machine_at(timedelta(days=3))
    assert client.get(known).status_code == 404


@pytest.fixture
def time_machine_at():
    from datetime import UTC, datetime

    import time_machine

    moved = []

    def go(by):
        moved.append(time_machine.travel(datetime.now(UTC) + by, tick=True))
        moved[-1].start()

    yield go
    for one in moved:
        one.stop()


@pytest.mark.parametrize(("who", "status"), [("ben", 200), ("cleo", 404), (None, 403)])
def test_people_of_the_mission_see_it_on_their_pages(cast, client, wall, post, who, status):
    if who:
        client.force_login(getattr(cast, who))
    assert client.get(f"/m/pivot/pictures/{post}/0/").status_code == status
    if who == "ben":
        assert client.get(f"/m/pivot/pictures/{post}/1/").status_code == 404
        assert client.get(f"/m/pivot/pictures/{2**70}/0/").status_code == 404


def test_a_photo_that_no_machine_has_is_told_in_words(cast, wall):
    media = Media(kind="photo", url="https://made.example/1.jpg", alt="A blue truck")
    say(topic(cast.mission), "pivot", media=(media,))
    assert address(wall) is None
    assert "A blue truck" in shown(wall, "photos")
