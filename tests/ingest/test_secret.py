"""The secret public figures are rounded by: there, long enough, nobody's, and the same all along a series."""

from __future__ import annotations

import json
import shutil

import pytest
import samples
from click.testing import CliRunner
from older import before_uniformed
from samples import rows

from dashboard import cli, ingest
from dashboard.disclosure import rounding

OTHER = "another secret, which is also long enough"


def test_real_figures_need_a_secret(send, publish, store):
    send()
    for wrong, said in ((None, "secrets.token_hex"), ("short", "32 are the least"), ("", "no secret")):
        with pytest.raises(ingest.Refused, match=said):
            publish(secret=wrong)
    with pytest.raises(ingest.Refused, match="demonstrations is public"):
        publish(secret=rounding.DEMONSTRATION_SECRET)
    assert ingest.current_release(store.data_dir) is None


def test_demonstration_figures_need_none(send, publish, store):
    send(origin="demonstration")
    made = publish(secret=None)
    assert made.manifest["disclosure"]["secret"] == rounding.fingerprint(rounding.DEMONSTRATION_SECRET)
    assert ingest.rebuild(store, made.name).same


def test_a_secret_stays_the_same_along_a_series(send, publish, store):
    send()
    first = publish()
    with pytest.raises(ingest.Refused, match="--new-secret REASON"):
        publish(secret=OTHER)
    with pytest.raises(ingest.Refused, match="reason for a new secret is empty"):
        publish(secret=OTHER, new_secret="  ")
    assert ingest.current_release(store.data_dir) == first.name
    made = publish(secret=OTHER, new_secret="the old one was on a stolen machine")
    said = made.manifest["disclosure"]
    assert said["new_secret"] == "the old one was on a stolen machine"
    # What was told is not told again by another secret: two roundings tell more than one.
    assert said["secret"] == rounding.fingerprint(OTHER) and said["taken_over"] == {"2019Q4": first.name}
    # From here on it is the secret of the series, also after going back.
    ingest.rollback(store.data_dir, first.name)
    with pytest.raises(ingest.Refused, match="not the one 2019Q4-r2"):
        publish()
    assert publish(secret=OTHER).manifest["disclosure"]["taken_over"] == {"2019Q4": made.name}


def test_a_new_policy_needs_a_new_secret(send, publish, store, tmp_path):
    """Two ways of rounding by one secret tell more than one."""
    send()
    first = publish()
    becomes_older(store, tmp_path)
    for options in ({}, {"new_secret": "a reason does not help"}):
        with pytest.raises(ingest.Refused, match=r"2019Q4-r1 was made with this secret.*secrets\.token_hex"):
            publish(**options)
    assert ingest.current_release(store.data_dir) == first.name
    made = publish(secret=OTHER)
    assert made.manifest["disclosure"]["taken_over"] == {} and "new_secret" not in made.manifest["disclosure"]
    # Nor does it serve for a later release of the new series, whatever is said of it.
    with pytest.raises(ingest.Refused, match="2019Q4-r1 was made with this secret"):
        publish(new_secret="back to the old one")
    assert publish(secret=OTHER).manifest["disclosure"]["taken_over"] == {"2019Q4": made.name}


def test_a_release_of_an_older_policy_is_not_put_in_service_again(send, publish, store, tmp_path):
    """Nothing public is served of it."""
    send()
    first = publish()
    becomes_older(store, tmp_path)
    made = publish(secret=OTHER)
    with pytest.raises(ingest.InputError, match=r"2019Q4-r1 cannot be put in service.*older disclosure policy"):
        ingest.rollback(store.data_dir, first.name)
    assert ingest.current_release(store.data_dir) == made.name


def test_demonstrations_of_an_older_policy_need_no_new_secret(send, publish, store, tmp_path):
    """Their secret is no secret: it changed with the policy all the same, so that no figure looks like an old one."""
    send(origin="demonstration")
    publish(secret=samples.SECRET)
    becomes_older(store, tmp_path)
    assert publish(secret=samples.SECRET).manifest["disclosure"]["taken_over"] == {}


def becomes_older(store, tmp_path) -> None:
    """Make the release in service one of an older version of this product."""
    name = before_uniformed(store.data_dir, tmp_path / "older")
    shutil.rmtree(store.data_dir / "releases" / name)
    shutil.copytree(tmp_path / "older" / "releases" / name, store.data_dir / "releases" / name)


def test_the_secret_is_written_nowhere(send, publish, store):
    send()
    publish()
    for path in store.data_dir.rglob("*"):
        if path.is_file():
            assert samples.SECRET.encode() not in path.read_bytes(), path


def test_a_rebuild_needs_the_same_secret(send, publish, store):
    send()
    made = publish()
    with pytest.raises(ingest.InputError, match="no secret"):
        ingest.rebuild(store, made.name)
    with pytest.raises(ingest.InputError, match="not the one 2019Q4-r1 was made with"):
        ingest.rebuild(store, made.name, secret=OTHER)


def test_real_figures_after_a_demonstration_are_a_series_of_their_own(send, publish):
    send(origin="demonstration")
    publish(secret=None)
    send(rows(4))
    said = publish().manifest["disclosure"]
    assert said["secret"] == rounding.fingerprint(samples.SECRET) and said["taken_over"] == {}


def test_from_the_command_line(tmp_path, monkeypatch):
    data = ("--data-dir", str(tmp_path / "var"))

    def parity(*arguments: str):
        return CliRunner().invoke(cli.parity, [*arguments, *data])

    assert parity("submit", str(samples.write_csv(tmp_path / "a.csv", rows()))).exit_code == 0
    monkeypatch.delenv("PARITY_SECRET")
    refused = parity("release", "2019Q4")
    assert refused.exit_code == 1 and "PARITY_SECRET" in refused.output and "token_hex" in refused.output
    monkeypatch.setenv("PARITY_SECRET", samples.SECRET)
    said = parity("release", "2019Q4").output
    assert "cells of 1 to 5 attacked" in said and "2019Q4-r1 is in service" in said
    monkeypatch.setenv("PARITY_SECRET", OTHER)
    assert "--new-secret" in parity("release", "2019Q4").output
    assert parity("release", "2019Q4", "--new-secret", "a test").exit_code == 0
    manifest = json.loads((tmp_path / "var" / "releases" / "2019Q4-r2" / "manifest.json").read_text())
    assert manifest["disclosure"]["new_secret"] == "a test" and OTHER not in json.dumps(manifest)
    assert parity("rebuild", "2019Q4-r1").exit_code == 1
    assert parity("rebuild", "2019Q4-r2").exit_code == 0
