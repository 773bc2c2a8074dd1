"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from watchfloor.cli import COMMANDS
from watchfloor.lib.environment import KNOWN
from watchfloor.pipeline.item import Reason

ROOT = Path(__file__).resolve().parent.parent


def test_every_setting_is_in_operating():
    page = (ROOT / "docs/operating.md").read_text()
    assert not [name for name in KNOWN if f"`{name}`" not in page]


def test_operating_names_no_setting_that_does_not_exist():
    page = (ROOT / "docs/operating.md").read_text()
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert named <= set(KNOWN)


def test_every_drop_reason_is_in_operating():
    page = (ROOT / "docs/operating.md").read_text()
    assert not [reason for reason in Reason if f"`{reason}`" not in page]


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "manage"])
def test_every_command_has_help_with_an_example(name):
    from click.testing import CliRunner

    from watchfloor.cli import cli

    answer = CliRunner().invoke(cli, [name, "--help"])
    assert answer.exit_code == 0
    assert "Example" in answer.output


def test_every_dependency_says_what_it_is_needed_for():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    dependencies = [line for line in lines if re.match(r'\s+"[A-Za-z][\w\-\[\],]*.*[><=].*",', line)]
    assert len(dependencies) > 25
    assert not [line for line in dependencies if "# needed" not in line]


def test_lock_files_name_no_registry():
    for name in ("requirements/run.txt", "requirements/dev.txt", "requirements/build.txt", "package-lock.json"):
        text = (ROOT / name).read_text()
        assert "://" not in re.sub(r'"(url|funding)": .*', "", text), name
        assert '"resolved"' not in text, name


@pytest.mark.parametrize(
    "page", sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
def test_links_between_pages_lead_somewhere(page):
    file = ROOT / page
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text()):
        assert (file.parent / target).exists(), f"{page} → {target}"
