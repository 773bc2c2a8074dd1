"""The `watchfloor` command. Commands are loaded when called, so that `watchfloor match` starts without a database."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module

import click

# name → (module, object, one line for the list of commands)
COMMANDS = {
    "run": ("watchfloor.processes", "run", "Start everything: pages, stream and desk."),
    "web": ("watchfloor.processes", "web", "Serve the pages alone."),
    "stream": ("watchfloor.processes", "stream", "Listen to the networks alone."),
    "desk": ("watchfloor.processes", "desk", "Do clock work and arrivals alone."),
    "doctor": ("watchfloor.doctor", "doctor", "Check the installation and say what needs hands."),
    "match": ("watchfloor.mentions.matching", "match", "Say which queries match which posts."),
    "query": ("watchfloor.listening.commands", "query", "Check a query and put it in words."),
    "label": ("watchfloor.mentions.labels.commands", "label", "Label posts with language and sentiment, or learn to."),
    "import": ("watchfloor.pipeline.commands", "import_posts", "Bring in posts from files."),
    "search": ("watchfloor.pipeline.commands", "search", "Find stored posts with a query."),
    "export": ("watchfloor.pipeline.commands", "export", "Write a mission's mentions as posts."),
    "erase": ("watchfloor.mentions.commands", "erase", "Erase one account for good."),
    "rehearse": ("watchfloor.sources.rehearsal.commands", "rehearse", "Make up an event."),
    "manage": ("watchfloor.cli", "manage", "Run one of Django's own commands."),
}
FILTERS = {"match", "query", "label", "search", "export", "rehearse"}


class LazyCommands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute, _line = COMMANDS[name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_module, _attribute, line) in COMMANDS.items()])


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="watchfloor")
def cli() -> None:
    """Watchfloor: watch what is said, answer people, show what it was worth.

    Start with `watchfloor run`. Every command has --help with an example.
    """


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
    # A reader that closes the pipe early (`| head`) ends a filter quietly. Servers must not: their sockets close too.
    if hasattr(signal, "SIGPIPE") and len(sys.argv) > 1 and sys.argv[1] in FILTERS:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    cli()


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def manage(words: tuple[str, ...]) -> None:
    """Run one of Django's own commands, such as `watchfloor manage check --deploy`."""
    from django.core.management import execute_from_command_line

    execute_from_command_line([sys.argv[0] + " manage", *words])


if __name__ == "__main__":
    main()
