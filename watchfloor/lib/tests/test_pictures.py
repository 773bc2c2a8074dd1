"""Pictures of others come out as pixels and nothing else, or not at all."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from watchfloor.lib import pictures
from watchfloor.lib.addresses import Guard
from watchfloor.lib.pictures import NoPicture, PictureKeeper, forget, harmless, tidy


def picture(size=(1600, 1200), kind="JPEG", **told):
    """A chessboard of 40 pixels, so that blurring shows."""
    board = Image.effect_noise(size, 90).convert("RGB")
    written = io.BytesIO()
    board.save(written, kind, **told)
    return written.getvalue()


def opened(body):
    found = Image.open(io.BytesIO(body))
    found.load()
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_it_is_written_anew_as_a_small_webp(kind):
    made = opened(harmless(picture(kind=kind)))
    assert made.format == "WEBP"
    assert made.size == (960, 720)


def test_nothing_but_pixels_comes_along():
    exif = Image.Exif()
    exif[0x010E] = "canary of a description"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 0.0)}  # where it was taken
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "<script>canary</script>")
    for body in (picture(exif=exif), picture(kind="PNG", pnginfo=told)):
        assert b"canary" in body
        made = harmless(body)
        assert b"canary" not in made
        assert not opened(made).getexif()
        assert b"EXIF" not in made
        assert b"ICCP" not in made


def test_a_picture_that_lies_on_its_side_is_put_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(harmless(picture(size=(1600, 800), exif=exif))).size == (480, 960)


def test_a_blurred_picture_keeps_no_detail():
    body = picture(size=(800, 800))
    clear, blurred = (opened(harmless(body, blurred=how)).convert("L").resize((200, 200)) for how in (False, True))
    spread = [high - low for low, high in (image.getextrema() for image in (clear, blurred))]
    assert spread[1] < spread[0] / 3
    assert len(harmless(body, blurred=True)) < len(harmless(body)) / 10


def bomb(width, height):
    """A PNG of a few hundred bytes that claims to be as large."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "body",
    [b"", b"GIF89a", SVG, b"<html>", b"%PDF-1.7", b"BM" + b"\0" * 60, bomb(50_000, 50_000), bomb(8_000, 8_000),
     picture()[:900], b"\xff\xd8\xff" + b"\xff" * 5_000, b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\0" * 30],
    ids=["empty", "half a GIF", "SVG", "HTML", "PDF", "BMP", "bomb", "little bomb", "cut", "noise", "half a WebP"],
)  # fmt: skip
def test_what_is_no_photo_is_refused(body):
    with pytest.raises(NoPicture):
        harmless(body)


class Server:
    """Answers every request with `body`; counts them."""

    def __init__(self, body, status=200):
        self.body, self.status, self.asked = body, status, 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_error):
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        writer.write(
            b"HTTP/1.1 %d x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (self.status, len(self.body))
        )
        writer.write(self.body)
        await writer.drain()
        writer.close()


def ask(tmp_path, body, asks, *, allowed=True, status=200):
    """What each of `asks` (a function of the keeper and the address) gave, errors included; how often it was asked."""

    async def story():
        async with Server(body, status) as server:
            allow = frozenset([server.address] if allowed else [])
            keeper = PictureKeeper(tmp_path / "pictures", Guard(allow=allow))
            url = f"http://{server.address}/photo.jpg"
            told = await asyncio.gather(*(one(keeper, url) for one in asks), return_exceptions=True)
            return told, server.asked

    return asyncio.run(story())


def test_many_who_ask_at_once_cause_one_fetch(tmp_path):
    told, asked = ask(tmp_path, picture(), [lambda keeper, url: keeper.picture("1-77-0", url)] * 20)
    assert asked == 1
    assert len(set(told)) == 1
    assert opened(told[0]).format == "WEBP"


def test_a_private_address_is_not_asked(tmp_path):
    told, asked = ask(tmp_path, picture(), [lambda keeper, url: keeper.picture("1-77-0", url)], allowed=False)
    assert isinstance(told[0], NoPicture)
    assert asked == 0


def test_what_failed_is_not_asked_again_at_once(tmp_path):
    async def thrice(keeper, url):
        for _ in range(2):
            with pytest.raises(NoPicture):
                await keeper.picture("1-77-0", url)
        await keeper.picture("1-77-0", url)

    told, asked = ask(tmp_path, b"gone", [thrice], status=404)
    assert isinstance(told[0], NoPicture)
    assert asked == 1


def test_what_is_too_big_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 10_000)
    told, _asked = ask(tmp_path, picture(), [lambda keeper, url: keeper.picture("1-77-0", url)])
    assert isinstance(told[0], NoPicture)


def test_what_is_kept_of_one_owner_is_forgotten(tmp_path):
    ways = [(f"1-{owner}-0", blurred) for owner in (77, 78) for blurred in (False, True)]
    asks = [lambda keeper, url, n=n, b=b: keeper.picture(n, url, blurred=b) for n, b in ways]
    ask(tmp_path, picture(), asks)
    folder = tmp_path / "pictures"
    assert len(list(folder.iterdir())) == 4
    assert forget(folder, 77) == 2
    assert {file.name.split("-")[1] for file in folder.iterdir()} == {"78"}


def test_the_oldest_go_when_there_are_too_many_bytes(tmp_path):
    import os

    for number in range(5):
        file = tmp_path / f"1-{number}-0-x-clear.webp"
        file.write_bytes(b"x" * 100)
        os.utime(file, (2_000_000_000 + number, 2_000_000_000 + number))
    tidy(tmp_path, most_bytes=250)
    assert sorted(file.name.split("-")[1] for file in tmp_path.iterdir()) == ["3", "4"]
    tidy(tmp_path, keep_seconds=-(10**10))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["../1-2-0", "1/2", "A", "", "1-2-0.webp", "1--2"])
def test_a_name_is_no_path(tmp_path, name):
    told, asked = ask(tmp_path, picture(), [lambda keeper, url: keeper.picture(name, url)])
    assert isinstance(told[0], ValueError)
    assert asked == 0
