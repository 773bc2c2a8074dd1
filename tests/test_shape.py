"""The house: folders stand in the order of the flow, and imports only point up the list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "watchfloor"

# From the small and pure to the pages. A folder may use those above it, never those below.
ORDER = [
    "lib", "metrics", "panels", "team", "live", "sources", "listening", "mentions", "pipeline", "missions", "people",
    "notify", "engage", "crisis", "content", "catalogue", "reports", "wall", "web",
]  # fmt: skip


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts)


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    """(line, folder of watchfloor that is imported), wherever in the file it stands."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
            assert node.level == 0, f"{file}: relative imports hide the direction"
        for name in names:
            parts = name.split(".")
            if parts[0] == "watchfloor" and len(parts) > 1:
                yield node.lineno, parts[1]


def test_every_folder_has_its_place_in_the_order():
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert folders <= set(ORDER)


@pytest.mark.parametrize("folder", ORDER)
def test_imports_point_up_the_list(folder):
    wrong = []
    below = set(ORDER[ORDER.index(folder) + 1 :])
    for file in modules():
        parts = file.relative_to(PACKAGE).parts
        if parts[0] != folder:
            continue
        for line, used in imports_of(file):
            if used in below or used in {"cli", "urls", "asgi", "processes", "doctor", "first_start"}:
                wrong.append(f"{file.relative_to(PACKAGE.parent)}:{line} uses {used}, which stands below {folder}")
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_no_file_is_named_for_nothing():
    nameless = {
        "utils.py",
        "util.py",
        "helpers.py",
        "helper.py",
        "managers.py",
        "manager.py",
        "common.py",
        "misc.py",
        "base.py",
    }
    assert not [str(p) for p in modules() if p.name in nameless]


def test_there_is_one_line_of_migrations_an_app():
    for folder in PACKAGE.glob("*/migrations"):
        numbers = [p.name[:4] for p in folder.glob("0*.py")]
        assert len(numbers) == len(set(numbers)), f"{folder.parent.name} has two migrations with one number"
