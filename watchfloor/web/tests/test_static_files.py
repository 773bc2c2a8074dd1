from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

from watchfloor.web.static import PICKED, NpmFiles

needs_npm = pytest.mark.skipif(not NpmFiles().packages.is_dir(), reason="node_modules is missing: run `make install`")


@needs_npm
@pytest.mark.parametrize("pattern", PICKED)
def test_every_picked_file_is_there(pattern):
    assert list(NpmFiles().packages.glob(pattern))


@needs_npm
@pytest.mark.parametrize(
    "name",
    [
        "npm/vega/package.json",
        "npm/../package.json",
        "npm/@tabler/core/dist/css/tabler.css",
        "npm/htmx.org/dist/../package.json",
    ],
)
def test_nothing_else_of_a_package_is_served(client, name):
    assert not finders.find(name)
    assert client.get(f"/static/{name}").status_code == 404


@needs_npm
def test_every_file_that_a_style_sheet_names_is_served():
    for name, _storage in NpmFiles().list(None):
        if name.endswith(".css"):
            sheet = (NpmFiles().packages / name).read_text()
            for address in re.findall(r"url\([\"']?\./([^\"')?]+\.woff2)", sheet):
                folder = name.rpartition("/")[0]
                assert finders.find(f"npm/{folder}/{address}"), address


def test_addresses_carry_a_hash_and_may_be_kept(client):
    address = staticfiles_storage.url("web/theme.css")
    assert re.search(r"\?v=[0-9a-f]{12}$", address)
    response = client.get(address)
    assert response.status_code == 200
    assert "max-age=31536000" in response["Cache-Control"]
    assert response["Content-Type"].startswith("text/css")
    again = client.get(
        address,
        headers={"If-None-Match": response["ETag"]}
        if response.has_header("ETag")
        else {"If-Modified-Since": response["Last-Modified"]},
    )
    assert again.status_code == 304
