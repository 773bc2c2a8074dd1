from pathlib import Path

import pytest

from watchfloor.lib import environment as env


def test_it_takes_the_default_when_nothing_is_set():
    assert env.whole_number("WATCHFLOOR_PORT", 8000, "…", at_least=1, at_most=65535, environment={}) == 8000
    assert env.yes_or_no("WATCHFLOOR_DEMO", True, "…", environment={}) is True
    assert env.several("WATCHFLOOR_HOSTS", "…", environment={}) == ()


@pytest.mark.parametrize("held", ["eight", "0", "70000", "8000.5", "-1"])
def test_a_wrong_number_stops_the_start_and_says_which_and_why(held):
    with pytest.raises(env.SettingRefused) as refused:
        env.whole_number("WATCHFLOOR_PORT", 8000, "…", at_least=1, at_most=65535, environment={"WATCHFLOOR_PORT": held})
    assert "WATCHFLOOR_PORT" in str(refused.value)
    assert "from 1 to 65535" in str(refused.value)
    assert held in str(refused.value)


def test_a_wrong_yes_or_no_stops_the_start():
    with pytest.raises(env.SettingRefused, match=r"WATCHFLOOR_DEMO .*'maybe'.* yes or no"):
        env.yes_or_no("WATCHFLOOR_DEMO", True, "…", environment={"WATCHFLOOR_DEMO": "maybe"})


def test_a_secret_can_come_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("open sesame\n")
    assert (
        env.secret("WATCHFLOOR_SECRET_KEY", "…", environment={"WATCHFLOOR_SECRET_KEY_FILE": str(file)}) == "open sesame"
    )
    with pytest.raises(env.SettingRefused, match="WATCHFLOOR_SECRET_KEY_FILE"):
        env.secret("WATCHFLOOR_SECRET_KEY", "…", environment={"WATCHFLOOR_SECRET_KEY_FILE": str(tmp_path / "none")})


def test_it_reads_a_postgresql_address():
    address = "postgresql://ana:p%40ss@db.example:5433/floor?sslmode=require"
    found = env.database("DATABASE_URL", Path("x"), "…", environment={"DATABASE_URL": address})
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert (found["NAME"], found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "floor", "ana", "p@ss", "db.example", 5433,
    )  # fmt: skip
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    "address", ["mysql://x/y", "postgresql://host", "sqlite://", "nonsense", "postgresql://u:secret@h:99999999/n"]
)
def test_a_wrong_database_address_is_refused_without_showing_its_password(address):
    with pytest.raises(env.SettingRefused) as refused:
        env.database("DATABASE_URL", Path("x"), "…", environment={"DATABASE_URL": address})
    assert "DATABASE_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_it_reads_sqlite_files():
    relative = env.database("DATABASE_URL", Path("x"), "…", environment={"DATABASE_URL": "sqlite:///a/b.sqlite3"})
    absolute = env.database("DATABASE_URL", Path("x"), "…", environment={"DATABASE_URL": "sqlite:////a/b.sqlite3"})
    assert relative["NAME"] == Path("a/b.sqlite3")
    assert absolute["NAME"] == Path("/a/b.sqlite3")


def test_a_folder_is_made_for_its_owner_alone(tmp_path):
    made = env.folder("WATCHFLOOR_DATA", tmp_path / "new", "…", environment={})
    assert made.stat().st_mode & 0o777 == 0o700
