"""`watchfloor erase`: one person's account, out of here."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option("--network", required=True, metavar="NAME", help="The network of the account, such as bluesky.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("author", metavar="AUTHOR")
def erase(network: str, author: str, yes: bool) -> None:
    """Erase one account (its id on the network, or its handle): posts, payloads, index and name. It can't be undone,
    and what the account writes later stays out.

    \b
    Example: watchfloor erase --network bluesky ana.bsky.social
    """
    import django

    django.setup()
    from watchfloor.mentions.actions import erase_author, purge_removed_words
    from watchfloor.mentions.models import Author

    wanted = author.removeprefix("@")
    accounts = Author.objects.filter(network__word=network)
    found = accounts.filter(native_id=author).first() or accounts.filter(handle__iexact=wanted).first()
    if found is None:
        click.echo(
            f"No account “{author}” of {network} is known here. Its later posts will stay out if it is an id.", err=True
        )
    native_id = (found.native_id or found.handle or author) if found else author
    held = found.posts.count() if found else 0
    if not yes:
        click.confirm(f"Erase {native_id} with {held:,} posts for good?", abort=True, err=True)
    posts = erase_author(network, native_id)
    purge_removed_words()
    click.echo(f"Erased {native_id} of {network}: {posts:,} posts.")
    sys.exit(0 if found else 1)
