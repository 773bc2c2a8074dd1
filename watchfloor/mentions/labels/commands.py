"""`watchfloor label`: label posts with language and sentiment, or learn to, without a database."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
from tqdm import tqdm

from watchfloor.mentions.labels.language import label_language
from watchfloor.mentions.labels.model import Model, UnusableModel, load_model, save_model
from watchfloor.mentions.labels.sentiment import label_sentiment, shipped_model, text_of
from watchfloor.sources.post import Sentiment
from watchfloor.sources.post_json import UnreadablePost, read_post

EXAMPLES = """
\b
Examples:
  watchfloor label posts.jsonl
  watchfloor export --mission fair | watchfloor label
  watchfloor label --learn corrected.jsonl --out ours.wfm
  watchfloor label --model ours.wfm posts.jsonl
"""


@click.command(epilog=EXAMPLES)
@click.argument("posts", type=click.Path(exists=True, dir_okay=False, allow_dash=True), required=False)
@click.option("--model", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Use a learnt model.")
@click.option("--learn", type=click.Path(exists=True, dir_okay=False, allow_dash=True), help="Learn from these posts.")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="The model file to write.")
def label(posts: str | None, model: Path | None, learn: str | None, out: Path | None) -> None:
    """Say of each post in POSTS (JSON lines; standard input if left out) which language it is in and how it sounds.

    What can't be judged is null. With --learn, read posts that have a "sentiment" and write a model file instead;
    with --model too, start from that model instead of the one that ships with Watchfloor.
    """
    if (learn is None) != (out is None):
        raise click.UsageError("--learn and --out belong together: what to learn from, and the model file to write.")
    if learn is not None and posts is not None:
        raise click.UsageError("Give posts to label, or --learn with labelled posts, not both.")
    try:
        judge = shipped_model() if model is None else load_model(model)
    except (UnusableModel, OSError) as error:
        raise click.ClickException(str(error)) from error
    if learn is not None and out is not None:
        all_read = learn_from(learn, judge, out)
    else:
        all_read = label_all(posts or "-", judge)
    sys.exit(0 if all_read else 1)


class Labelled(msgspec.Struct):
    """One line of output."""

    network: str
    id: str
    lang: str | None
    sentiment: Sentiment | None
    score: float | None
    labeller: str


def label_all(name: str, model: Model) -> bool:
    """Write one line for each post that can be read. True if all could."""
    all_read = True
    encoder = msgspec.json.Encoder()
    out = sys.stdout.buffer
    with open_lines(name) as lines:
        for number, line in lines:
            try:
                post = read_post(line)
            except UnreadablePost as error:
                all_read = report(name, number, error)
                continue
            language = label_language(post)
            said = label_sentiment(post, language.code, model)
            found = Labelled(post.network, post.id, language.code, said.value, said.score, said.by)
            out.write(encoder.encode(found) + b"\n")
        out.flush()
    return all_read


def learn_from(name: str, start: Model, out: Path) -> bool:
    """Learn from the labelled posts, write the model, and say on standard error what it is worth."""
    from watchfloor.mentions.labels.learn import CHOICES, FOLDS, TooFewLabels
    from watchfloor.mentions.labels.learn import learn as learn_model

    all_read = True
    labelled: list[tuple[str, Sentiment]] = []
    foreign = 0
    with open_lines(name) as lines:
        for number, line in lines:
            try:
                post = read_post(line)
            except UnreadablePost as error:
                all_read = report(name, number, error)
                continue
            if post.sentiment is None:
                all_read = report(name, number, 'it has no "sentiment" to learn from')
            elif (label_language(post).code or "en").partition("-")[0] != "en":
                foreign += 1
            else:
                labelled.append((text_of(post), post.sentiment))
    try:
        with tqdm(total=len(CHOICES) * FOLDS, desc="Learning", unit="fit", disable=None, delay=2, leave=False) as bar:
            learnt = learn_model(labelled, start=start, step=bar.update)
    except TooFewLabels as error:
        raise click.ClickException(f"{name}: {error}") from error
    try:
        save_model(out, learnt.header, learnt.table)
    except OSError as error:
        raise click.ClickException(f"Could not write the model: {error}. Choose another place with --out.") from error
    say(
        f"Learnt from {learnt.posts} posts" + (f"; left out {foreign} that are not in English" if foreign else "") + "."
    )
    if learnt.unjudgeable:
        say(f"{learnt.unjudgeable} posts have no English words to learn from.")
    say("On labelled posts that it had not seen (cross-validation), before → after:")
    say(f"  macro recall {learnt.recall_before:.3f} → {learnt.recall_after:.3f}")
    say(f"  macro F1     {learnt.f1_before:.3f} → {learnt.f1_after:.3f}")
    if not learnt.better:
        say(f"Learning did not make it better, so {out} holds the weights of {start.by}. Label more posts.")
    say(f"Wrote {out} ({learnt.header.name}/{learnt.header.version}). Use it with --model {out}.")
    return all_read


# --- Lines in and out -----------------------------------------------------------------------------------------------


@contextmanager
def open_lines(name: str) -> Iterator[Iterator[tuple[int, bytes]]]:
    """The lines of a file, or of standard input for "-", with their numbers, without blank ones."""
    with (
        click.open_file(name, "rb") as file,
        tqdm(desc="Reading", unit=" posts", disable=None, delay=2, leave=False) as bar,
    ):
        yield ((number, line) for number, line in _counted(file, bar) if not line.isspace())


def _counted(file: Iterable[bytes], bar: Any) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(file, start=1):
        bar.update()
        yield number, line


def report(name: str, number: int, wrong: object) -> bool:
    """Report a line that can't be used. Always False."""
    say(f"{name}:{number}: {wrong}")
    return False


def say(words: str) -> None:
    click.echo(words, err=True)
