"""A mailroom whose originals lie in a bucket of a real S3 service: over TLS, locked, and with the service away."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from broken_way import Way, way_to
from letters import mail, mixed_post
from object_servers import ACCESS_KEY, REGION, SECRET_KEY, ObjectServer, ceph, rclone
from place import Place, finish, kill

PATIENCE = 60


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectServer]:
    with ceph() as started:
        yield started


def in_a_bucket(server: ObjectServer, folder: Path, *, lock: bool) -> dict[str, str]:
    """Return the settings for a new bucket."""
    for name, content in {"access": ACCESS_KEY, "secret": SECRET_KEY}.items():
        (folder / name).write_text(f"{content}\n")
    bucket = server.bucket(lock=lock, tls=server.tls is not None)
    return {
        "PARTS__STORE": "s3",
        "S3__ENDPOINT": bucket.endpoint,
        "S3__BUCKET": bucket.bucket,
        "S3__REGION": REGION,
        "S3__ACCESS_KEY_FILE": str(folder / "access"),
        "S3__SECRET_KEY_FILE": str(folder / "secret"),
        "S3__AUTHORITY_FILE": str(bucket.authority or ""),
    }


def found_about_originals(place: Place, settings: Mapping[str, str]) -> tuple[bool, str]:
    answer = place.call("check", "--json", settings=settings)
    (finding,) = (one for one in json.loads(answer.stdout) if one["name"] == "originals")
    return finding["sound"], finding["sentence"]


def test_originals_lie_locked_in_the_bucket_and_come_back_untouched(
    place: Place, server: ObjectServer, tmp_path: Path
) -> None:
    settings, post = in_a_bucket(server, tmp_path, lock=True), mixed_post(6)
    with place.running("run", settings=settings) as service:
        place.wait_until_open(service)
        for name, content in post.items():
            place.drop(name, content)
        finish(place, len(post))
    assert place.call("verify", settings=settings).returncode == 0
    client = server.client()
    kept = {one.object_name for one in client.list_objects(settings["S3__BUCKET"], "originals/", recursive=True)}
    assert kept == {f"originals/{sha256[:2]}/{sha256}" for (sha256,) in place.ask("SELECT sha256 FROM original")}
    assert len(kept) == len(post)
    heads = [client.stat_object(settings["S3__BUCKET"], key).metadata or {} for key in kept if key]
    assert {head["x-amz-object-lock-mode"] for head in heads} == {"GOVERNANCE"}
    ((reference, key, version),) = place.ask(
        "SELECT i.reference, o.key, k.version FROM item i JOIN original o ON o.item_id = i.id "
        "JOIN kept_object k ON k.key = o.key LIMIT 1"
    )
    for more, held in (((), True), (("--release",), False)):
        assert place.call("legal-hold", reference, "--reason", "court", *more, settings=settings).returncode == 0
        assert client.is_object_legal_hold_enabled(settings["S3__BUCKET"], key, version) is held
    assert list((place.data / "vault").iterdir()) == []


def waiting(place: Place) -> int:
    ((number,),) = place.ask("SELECT count(*) FROM kept_object WHERE waits_on IS NOT NULL") or [(0,)]
    return int(number)


def originals_in(server: ObjectServer, settings: Mapping[str, str]) -> set[str | None]:
    found = server.client().list_objects(settings["S3__BUCKET"], "originals/", recursive=True)
    return {one.object_name for one in found}


def alarms_of(place: Place, settings: dict[str, str]) -> set[str]:
    """Return what the alarms are about."""
    told = json.loads(place.call("status", "--json", settings=settings).stdout)
    return {alarm["subject"] for alarm in told["alarms"]}


def test_while_the_service_is_away_post_goes_its_way_and_is_handed_on_by_itself(
    place: Place, server: ObjectServer, tmp_path: Path
) -> None:
    settings, post = in_a_bucket(server, tmp_path, lock=True), mixed_post(6)
    with server.away():
        service = place.start("run", settings=settings)
        place.wait_until_open(service)
        for name, content in post.items():
            place.drop(name, content)
        finish(place, len(post))
        assert waiting(place) >= len(post)
        assert place.call("verify", settings=settings).returncode == 1  # heads cannot be read; originals can
        place.wait_until(lambda: "the store of originals" in alarms_of(place, settings), "an alarm")
        status = json.loads(place.call("status", "--json", settings=settings).stdout)
        assert status["waiting_for_store"] == waiting(place)
        (name, content) = next(iter(post.items()))
        ((reference,),) = place.ask(f"SELECT reference FROM item WHERE file_name = '{name}'")  # noqa: S608  # ours
        assert place.call("original", reference, "-o", str(tmp_path / "o"), settings=settings).returncode == 0
        assert (tmp_path / "o").read_bytes() == content
        kill(service)
    at_first = waiting(place)
    service = place.start("run", settings=settings)
    place.wait_until(lambda: waiting(place) < at_first, "something handed on", 60)
    kill(service)  # while it hands on
    with place.running("run", settings=settings) as service:
        place.wait_until(lambda: waiting(place) == 0, "an empty spool", 60)
        place.wait_until(lambda: place.ask("SELECT count(*) FROM alarm WHERE cleared_at IS NULL") == [(0,)], "no alarm")
    assert place.call("verify", settings=settings).returncode == 0
    assert originals_in(server, settings) == {key for (key,) in place.ask("SELECT key FROM original")}
    assert [file for file in (place.data / "waiting-for-store").rglob("*") if file.is_file()] == []


def test_a_service_that_fails_or_says_nothing_in_the_midst_of_intake_loses_nothing_and_all_goes_on_by_itself(
    place: Place, server: ObjectServer, tmp_path: Path, closed_port: int
) -> None:
    post, told = mixed_post(6), in_a_bucket(server, tmp_path, lock=True)
    with way_to(server.plain) as way:
        settings = {**told, "S3__ENDPOINT": way.endpoint, "SMTP__PORT": str(closed_port)}
        with place.running("run", settings=settings) as service:
            place.wait_until_open(service)
            for number, trouble in enumerate((Way.FAULTY, Way.SILENT)):
                received = place.items()
                for name in list(post)[number::2]:
                    place.drop(name, post[name])
                place.wait_until(lambda: place.items() > received, "an original", 30)  # noqa: B023  # in this round
                way.troubled = 0
                way.turn(trouble)
                place.wait_until(lambda: way.troubled > 0, "a call that is answered badly", 30)
                if trouble is Way.FAULTY:
                    assert mail(closed_port, 1) == 250  # it waits here
                way.turn(Way.OPEN)
                back = time.monotonic()
                assert mail(closed_port, 2 + number) == 250
            finish(place, 9, PATIENCE - (time.monotonic() - back))
            place.wait_until(lambda: waiting(place) == 0, "an empty spool", PATIENCE - (time.monotonic() - back))
            print(f"all is in the bucket {time.monotonic() - back:.0f} s after it was back")
            away = "SELECT count(*) FROM alarm WHERE subject = 'the store of originals' AND cleared_at IS NULL"
            place.wait_until(lambda: place.ask(away) == [(0,)], "no alarm", 10)
        assert place.call("verify", settings=settings).returncode == 0
        balance = json.loads(place.call("reconcile", "--json", settings=settings).stdout)
    assert (balance["difference"], balance["missing"], place.items()) == (0, [], 9)
    assert originals_in(server, told) == {key for (key,) in place.ask("SELECT key FROM original")}
    assert len(list((place.post / "taken").rglob("*.*"))) == len(post)


def test_over_the_limit_nothing_is_taken_in_until_the_service_is_back(
    place: Place, server: ObjectServer, tmp_path: Path
) -> None:
    settings, post = {**in_a_bucket(server, tmp_path, lock=True), "S3__SPOOL_MEGABYTES": "0"}, mixed_post(6)
    with place.running("run", settings=settings) as service:
        place.wait_until_open(service)
        with server.away():
            for name, content in post.items():
                place.drop(name, content)
            place.wait_until(lambda: "step TAKE failed (Transient" in place.log.read_text(), "a try")
            assert place.ask("SELECT count(*) FROM item") == [(0,)]
        finish(place, len(post))
    assert place.call("verify", settings=settings).returncode == 0
    assert place.ask("SELECT count(*) FROM item") == [(len(post),)]


def test_originals_damaged_in_the_bucket_are_put_back_from_a_second_copy_on_disk(
    place: Place, server: ObjectServer, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    settings = {
        **in_a_bucket(server, tmp_path, lock=False),
        "S3__LOCK": "",
        "SECOND_COPY__STORE": "local",
        "SECOND_COPY__FOLDER": str(second),
    }
    with place.running("run", settings=settings) as service:
        place.wait_until_open(service)
        for name, content in mixed_post(3).items():
            place.drop(name, content)
        finish(place, 3)
        uncopied = "SELECT count(*) FROM kept_object WHERE copied_at IS NULL"
        place.wait_until(lambda: place.ask(uncopied) == [(0,)], "copies")
    client, bucket = server.client(), settings["S3__BUCKET"]
    gone, forged, whole = sorted(key for key in originals_in(server, settings) if key)
    client.remove_object(bucket, gone)
    client.put_object(bucket, forged, io.BytesIO(b"forged"), 6)
    assert place.call("verify", settings=settings).returncode == 1
    answer = place.call("scrub", "--all", "--json", settings=settings)
    assert (answer.returncode, json.loads(answer.stdout)["not_mended"]) == (0, 0)
    assert {one["key"] for one in json.loads(answer.stdout)["damage"]} == {gone, forged}
    assert place.call("verify", settings=settings).returncode == 0
    assert originals_in(server, settings) == {gone, forged, whole}
    (aside,) = client.list_objects(bucket, "set-aside/", recursive=True)
    assert client.get_object(bucket, str(aside.object_name)).data == b"forged"


def test_originals_move_from_disk_to_a_bucket_and_back_while_the_service_runs(
    place: Place, server: ObjectServer, tmp_path: Path
) -> None:
    bucket, soon_dead = in_a_bucket(server, tmp_path, lock=True), {"WORKER__DEAD_AFTER_SECONDS": "3"}
    of_second = {f"SECOND_COPY__{key}": value for key, value in bucket.items() if key.startswith("S3__")}
    on_disk = {"SECOND_COPY__STORE": "s3", **of_second}
    in_bucket = {**bucket, "SECOND_COPY__STORE": "local", "SECOND_COPY__FOLDER": "vault"}
    copied = "SELECT count(*) FROM kept_object WHERE copied_at IS NOT NULL"
    with place.running("run", settings=on_disk) as service:
        place.wait_until_open(service)
        for name, content in mixed_post(4).items():
            place.drop(name, content)
        place.wait_until(lambda: place.ask(copied) > [(0,)], "the first copies")
        moving = place.start("move-store", settings=on_disk)
        finish(place, 4)
        kill(moving)
        answer = place.call("move-store", settings=on_disk)
        assert answer.returncode == 0, answer.stderr
        assert 'set parts.store = "s3", and in [s3] what stands in [second_copy.s3] now' in answer.stdout
        refused = place.call("verify", settings=in_bucket)
        assert (refused.returncode, "Stop all of them" in refused.stderr) == (2, True)
    in_bucket, on_disk = {**in_bucket, **soon_dead}, {**on_disk, **soon_dead}
    place.wait_until(lambda: place.call("verify", settings=in_bucket).returncode == 0, "the move")
    assert place.call("verify", settings=on_disk).returncode == 0  # moved back
    assert place.call("verify", settings=in_bucket).returncode == 0  # and forth
    refused = place.call("empty-former-store", settings=in_bucket)
    assert (refused.returncode, 'set second_copy.store = ""' in refused.stderr) == (2, True)
    emptied = place.call("empty-former-store", "--json", settings={**in_bucket, "SECOND_COPY__STORE": ""})
    assert (emptied.returncode, json.loads(emptied.stdout)["only_here"]) == (0, [])
    assert [file for file in (place.data / "vault").rglob("*") if file.is_file()] == []
    assert place.call("verify", settings=in_bucket).returncode == 0
    assert originals_in(server, bucket) == {key for (key,) in place.ask("SELECT key FROM original")}


def test_check_tells_a_service_that_locks_from_one_that_cannot(
    place: Place, server: ObjectServer, tmp_path: Path
) -> None:
    locked = found_about_originals(place, in_a_bucket(server, tmp_path, lock=True))
    assert locked == (True, "Originals can be locked: a canary under a lock could not be destroyed.")
    with rclone() as other:
        sound, sentence = found_about_originals(place, in_a_bucket(other, tmp_path, lock=False))
    assert not sound
    assert sentence.startswith("s3.lock: Nothing protects originals")


def test_a_key_that_is_missing_is_named(place: Place) -> None:
    answer = place.call("check", settings={"PARTS__STORE": "s3", "S3__BUCKET": "originals"})
    assert answer.returncode == 2
    assert "s3.endpoint, s3.access_key_file, s3.secret_key_file: parts.store is" in answer.stderr


def test_a_backup_of_originals_in_a_bucket_comes_back_into_another_one(
    place: Place, server: ObjectServer, tmp_path: Path
) -> None:
    shelf, buckets = str(tmp_path / "backups"), [tmp_path / name for name in ("first", "second")]
    for folder in buckets:
        folder.mkdir()
    first = Place(buckets[0], in_a_bucket(server, buckets[0], lock=True))
    for name, content in mixed_post(4).items():
        first.drop(name, content)
    assert first.call("take", str(first.post), "--wait").returncode == 0
    assert json.loads(first.call("backup", shelf, "--json").stdout)["faults"] == []
    assert json.loads(first.call("backup", shelf, "--json").stdout)["copied"] == 0
    assert first.call("drill", shelf).returncode == 0
    second = Place(buckets[1], in_a_bucket(server, buckets[1], lock=True))
    assert second.call("restore", shelf).returncode == 0
    (second.data / "custody.pem").write_bytes((first.data / "custody.pem").read_bytes())
    assert (second.call("verify").returncode, second.call("reconcile").returncode) == (0, 0)
    versions = "SELECT key, version FROM kept_object WHERE key LIKE 'originals/%' ORDER BY key"
    (before, after) = (dict(one.ask(versions)) for one in (first, second))
    assert before.keys() == after.keys()
    assert all(after.values())
    assert not set(before.values()) & set(after.values())
