"""Pictures of other machines, made harmless: fetched by the guarded client, decoded, and written anew as a small WebP.

    keeper = PictureKeeper(folder, Guard.from_environment())
    webp = await keeper.picture("12-3456-0", "https://files.example/photo.jpg", blurred=True)

What comes out holds pixels and nothing else: no metadata, no colour profile, no second frame, nothing that could be a
script. Only JPEG, PNG, WebP and GIF are read; what claims more pixels than a photo has is refused before it is decoded.
What was fetched is kept in `folder` under the name it was asked by, up to MOST_KEPT_BYTES, and goes with `forget`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import re
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from watchfloor.lib.guarded import Guard, GuardedClient, GuardedError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES = 8_000_000
MOST_PIXELS = 40_000_000
MOST_SECONDS = 10.0
SIDE = 960  # pixels of the longer side
BLURRED_TO = 24  # pixels that are left of a blurred picture's longer side: a mood of colours, nobody's face
QUALITY = 78
MOST_KEPT_BYTES = 200_000_000
KEPT_SECONDS = 24 * 3600.0
TRIED_AGAIN_AFTER_SECONDS = 120.0
MOST_AT_ONCE = 4
NAME = re.compile(r"[0-9a-z]+(?:-[0-9a-z]+)*")
_threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")


class NoPicture(Exception):
    """There is nothing to show: the address can't be fetched, or what it gave is no picture we read."""


def harmless(body: bytes, *, blurred: bool = False) -> bytes:
    """`body` decoded and written anew as WebP. Raises NoPicture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(body), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS or min(picture.size) < 1:
                    raise NoPicture("It claims more pixels than a photo has.")
                picture.draft("RGB", (SIDE, SIDE))  # a large JPEG is decoded small
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((SIDE, SIDE))
                bare = _on_grey(upright)
    # Decoders answer hostile bytes with these; anything else is ours and should be loud.
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NoPicture("It is no picture that we read.") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, MemoryError) as error:
        raise NoPicture("It can't be decoded.") from error
    if blurred:
        size = bare.size
        bare.thumbnail((BLURRED_TO, BLURRED_TO))
        bare = bare.resize((max(1, size[0] // 2), max(1, size[1] // 2)), Image.Resampling.BICUBIC)
        bare = bare.filter(ImageFilter.GaussianBlur(max(bare.size) / 40))
    written = io.BytesIO()
    bare.save(written, "WEBP", quality=QUALITY, method=3)
    return written.getvalue()


def _on_grey(picture: Image.Image) -> Image.Image:
    """Only the pixels: a new image, so that nothing the old one carries comes along."""
    shown = picture.convert("RGBA")
    bare = Image.new("RGB", shown.size, (29, 41, 46))
    bare.paste(shown, mask=shown.getchannel("A"))
    return bare


class PictureKeeper:
    """Fetches, keeps on disk and forgets. `name` is made of digits, small letters and dashes, the owner's id in it."""

    def __init__(self, folder: Path, guard: Guard) -> None:
        self.folder = folder
        self._guard = guard
        self._failed: dict[str, float] = {}
        self._asked: dict[str, asyncio.Future[bytes]] = {}
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)

    async def picture(self, name: str, url: str, *, blurred: bool = False) -> bytes:
        """The WebP. Who asks for the same at once waits for one fetch. Raises NoPicture."""
        file = self._file(name, url, blurred)
        if kept := await asyncio.to_thread(_read, file):
            return kept
        if self._failed.get(url, 0.0) > time.monotonic():
            raise NoPicture("It could not be fetched a moment ago.")
        running = self._asked.get(file.name)
        if running is None:
            running = asyncio.ensure_future(self._fetch(file, url, blurred))
            self._asked[file.name] = running
            running.add_done_callback(lambda done: (self._asked.pop(file.name, None), done.exception()))
        return await asyncio.shield(running)

    async def _fetch(self, file: Path, url: str, blurred: bool) -> bytes:
        try:
            async with self._slots, GuardedClient(self._guard, most_bytes=MOST_BYTES, most_seconds=MOST_SECONDS) as to:
                answer = await to.get(url, headers={"Accept": "image/webp,image/jpeg,image/png,image/gif"})
            if answer.status_code != 200:
                raise NoPicture(f"The address answered {answer.status_code}.")
            loop = asyncio.get_running_loop()
            made = await loop.run_in_executor(_threads, lambda: harmless(answer.content, blurred=blurred))
        except (GuardedError, NoPicture) as error:
            if len(self._failed) > 2_000:
                self._failed.clear()
            self._failed[url] = time.monotonic() + TRIED_AGAIN_AFTER_SECONDS
            raise NoPicture(str(error)) from error
        await asyncio.to_thread(_write, file, made)
        return made

    def _file(self, name: str, url: str, blurred: bool) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(f"not a name of a picture: {name!r}")
        of_url = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return self.folder / f"{name}-{of_url}-{'blurred' if blurred else 'clear'}.webp"


def forget(folder: Path, owner: int) -> int:
    """Remove what is kept of one owner, `…-<owner>-…`; how many files that were."""
    gone = 0
    for file in folder.glob(f"*-{owner:d}-*.webp"):
        file.unlink(missing_ok=True)
        gone += 1
    return gone


def kept(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Every file with the parts of its name."""
    if folder.is_dir():
        for file in folder.glob("*.webp"):
            yield file, file.stem.split("-")


def tidy(folder: Path, *, most_bytes: int = MOST_KEPT_BYTES, keep_seconds: float = KEPT_SECONDS) -> None:
    """Remove what is older than `keep_seconds`, and the oldest of what is more than `most_bytes`."""
    found = []
    for file, _parts in kept(folder):
        with contextlib.suppress(FileNotFoundError):
            told = file.stat()
            found.append((told.st_mtime, told.st_size, file))
    held = 0
    for written, size, file in sorted(found, reverse=True):
        held += size
        if held > most_bytes or time.time() - written > keep_seconds:
            file.unlink(missing_ok=True)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _write(file: Path, body: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as half:
        half.write(body)
    Path(half.name).replace(file)
