"""Mail out of a real mailbox: one item for each message, whatever the server, a second worker or a person does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError
from mailbox_server import PASSWORD, Dovecot, dovecot

from mailroom.bootstrap.mail import imap_channels
from mailroom.bootstrap.places import spool_of
from mailroom.bootstrap.secret_file import SecretFile
from mailroom.bootstrap.ways_in import door
from mailroom.channels.imap import ImapChannel, Round
from mailroom.channels.imap_mailbox import Mailbox, SignInRefused, opened
from mailroom.channels.imap_settings import ImapSettings, Security
from mailroom.channels.imap_sign_in import ByPassword
from mailroom.domain.capture import Capture, Channel, Hints, Receipt
from mailroom.domain.errors import Misconfigured
from mailroom.domain.mailbox_count import MailboxCount
from mailroom.duties.reconcile import reconcile
from mailroom.duties.verify import verify
from mailroom.records.alarms import alarms_raised
from mailroom.records.mailbox_counts import MailboxCounts, counts
from mailroom.records.mailbox_messages import MailboxMessages
from mailroom.records.session_log import SessionLog
from mailroom.records.tables import Item
from mailroom.services import Services
from mailroom.settings import load_settings

FRIDAY = datetime(2026, 11, 13, 16, 59, 30, tzinfo=UTC)
Items = Callable[[], list[Item]]


def message(number: int = 1, body: bytes = b"Please refund my council tax.\r\n") -> bytes:
    head = f"Return-Path: <ann@client.example>\r\nMessage-ID: <{number}@client.example>\r\nSubject: Refund {number}\r\n"
    return head.encode() + b"\r\n" + body


class Board:
    """Remembers what was shown."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self.told: list[str] = []

    def failing(self, mailbox: str, sentence: str) -> None:
        self.shown[mailbox] = sentence
        self.told.append(sentence)

    def well(self, mailbox: str) -> None:
        self.shown.pop(mailbox, None)


class Post:
    """A mailbox with the channel that empties it."""

    def __init__(self, server: Dovecot, services: Services) -> None:
        self.server, self.services, self.board = server, services, Board()
        self.counts = MailboxCounts("contact", services.records, services.now)
        self.settings = ImapSettings(
            name="contact",
            host="127.0.0.1",
            port=server.tls,
            security=Security.TLS,
            user=server.new_user(),
            sign_in=ByPassword(lambda: PASSWORD),
            authority=server.authority,
            return_path_is_proven=True,
            poll_seconds=3600,
            alarm_after_seconds=0,
            least_free_bytes=1,
        )

    def put(self, *messages: bytes, at: datetime = FRIDAY, folder: str = "INBOX") -> None:
        with self.server.client(self.settings.user) as client:
            for one in messages:
                client.append(folder, one, flags=[rb"\Seen"], msg_time=at)

    def channel(self, deliver: Callable[[Capture], Receipt] | None = None, **other: Any) -> ImapChannel:  # noqa: ANN401
        services = self.services
        messages = MailboxMessages("contact", services.records, services.now)
        log = SessionLog(services.settings.data, "imap")
        settings = replace(self.settings, **other)
        return ImapChannel(
            settings, deliver or door(services), spool_of(services), messages, self.counts, log, self.board
        )

    def take(self, **other: Any) -> Round:  # noqa: ANN401  # settings of any kind
        with opened(replace(self.settings, **other)) as mailbox:
            return self.channel(**other).take_all(mailbox, threading.Event())

    def lying(self, folder: str = "INBOX") -> int:
        with self.server.client(self.settings.user) as client:
            return int(client.select_folder(folder, readonly=True)[b"EXISTS"])

    @contextmanager
    def running(self, **other: Any) -> Iterator[None]:  # noqa: ANN401
        stop = threading.Event()
        thread = threading.Thread(target=self.channel(**other).run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def move(self, source: str, target: str, subject: bytes) -> None:
        """Have somebody move the messages with this subject."""
        with self.server.client(self.settings.user) as client:
            client.select_folder(source)
            client.move(client.search(["SUBJECT", subject]), target)

    def delete(self, folder: str) -> None:
        """Have somebody delete all that lies there."""
        with self.server.client(self.settings.user) as client:
            client.select_folder(folder)
            client.delete_messages(client.search())
            client.expunge()

    def number_anew(self, folder: str) -> None:
        """Have the server give the folder another UIDVALIDITY, as after a restore: the messages are the same."""
        with self.server.client(self.settings.user) as client:
            client.rename_folder(folder, "Restored")
            client.create_folder(folder)
            client.select_folder("Restored")
            for uid in sorted(client.search(), reverse=True):
                client.copy([uid], folder)
            client.delete_folder("Restored")


def until(happens: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


@pytest.fixture
def post(mailbox_server: Dovecot, services: Services) -> Post:
    return Post(mailbox_server, services)


@pytest.fixture(autouse=True)
def in_balance(services: Services) -> Iterator[None]:
    """Whatever happens: the ledger is at zero, each message that was moved is on it, and the spool is empty."""
    yield
    found = reconcile(services)
    assert (found["difference"], found["missing"]) == (0, [])
    assert verify(services)["faults"] == []
    assert list(spool_of(services).iterdir()) == []


def counted(services: Services) -> MailboxCount:
    with services.records.look() as session:
        return counts(session)["contact"]


def stored(item: Item, services: Services) -> bytes:
    with services.records.look() as session:
        original = session.get_one(Item, item.id).originals[0]
        with services.vault.open(original.sha256, key=original.key) as stream:
            return bytes(stream.read())


def test_a_message_is_taken_in_as_it_is_and_moved_away(post: Post, items: Items, services: Services) -> None:
    post.put(message())
    assert post.take(hints=Hints(team="planning")) == Round(seen=1, taken=1, gone=0, left=0)
    (item,) = items()
    assert stored(item, services) == message()
    assert (item.channel, item.received_at) == (Channel.EMAIL, FRIDAY)
    assert (item.proven_sender, item.hint_team) == ("ann@client.example", "planning")
    assert (post.lying(), post.lying("Taken")) == (0, 1)
    assert post.take() == Round(seen=0, taken=0, gone=0, left=0)


def test_whether_somebody_has_read_it_plays_no_part_and_we_do_not_mark_it_as_read(post: Post, items: Items) -> None:
    post.put(message(1))
    with post.server.client(post.settings.user) as client:
        client.append("INBOX", message(2))
    assert post.take().taken == len(items()) == 2
    with post.server.client(post.settings.user) as client:
        client.select_folder("Taken", readonly=True)
        assert sorted(rb"\Seen" in told[b"FLAGS"] for told in client.fetch(client.search(), ["FLAGS"]).values()) == [
            False,
            True,
        ]


def test_nobody_signs_in_before_the_way_is_encrypted_but_starttls_will_do(post: Post, items: Items) -> None:
    post.put(message())
    assert post.take(security=Security.STARTTLS, port=post.server.starttls).taken == len(items()) == 1


def test_a_server_that_cannot_show_who_it_is_gets_no_password(post: Post) -> None:
    for security, port in ((Security.TLS, post.server.tls), (Security.STARTTLS, post.server.starttls)):
        with pytest.raises(SignInRefused, match=r"certificate is not to be trusted .*: set imap\.\S+\.authority_file"):
            post.take(authority=None, security=security, port=port)
    time.sleep(0.2)
    assert f"user=<{post.settings.user}>" not in post.server.log


def test_a_certificate_for_another_name_says_that_the_host_is_to_be_set(post: Post) -> None:
    with pytest.raises(SignInRefused, match=r"certificate is not to be trusted .*: set imap\.mailboxes\.contact\.host"):
        post.take(host="localhost")


def test_whatever_breaks_on_the_way_is_one_cause_and_a_missing_password_another(post: Post, tmp_path: Path) -> None:
    sentences = []
    for wrong in ({"port": 1}, {"host": "imap.nowhere.invalid"}, {"sign_in": ByPassword(SecretFile("key", tmp_path))}):
        with post.running(**wrong):
            until(lambda: bool(post.board.shown), "an alarm")
        sentences.append(post.board.shown.pop("contact").partition(": ")[2])
    assert [sentence.startswith("it cannot be reached now (") for sentence in sentences] == [True, True, False]
    assert "cannot be read" in sentences[2]


def test_a_mailbox_that_fails_says_so_and_another_goes_on(
    post: Post, mailbox_server: Dovecot, services: Services, items: Items
) -> None:
    other = Post(mailbox_server, services)
    with post.running(sign_in=ByPassword(lambda: "wrong")):
        until(lambda: bool(post.board.shown), "an alarm")
        other.put(message())
        with other.running():
            until(lambda: len(items()) == 1, "the other mailbox")
    assert f"does not let {post.settings.user} in" in post.board.shown["contact"]
    assert "wrong" not in post.board.shown["contact"]
    assert other.board.shown == {}


def test_new_mail_is_taken_in_when_the_server_tells_of_it(post: Post, items: Items) -> None:
    with post.running():
        post.put(message(1))
        until(lambda: len(items()) == 1, "the first message")
        post.put(message(2))
        until(lambda: len(items()) == 2, "the second message")


def test_where_the_server_is_not_asked_to_tell_it_is_looked_at_every_so_often(post: Post, items: Items) -> None:
    with post.running(use_idle=False, poll_seconds=0.1):
        post.put(message(1))
        until(lambda: len(items()) == 1, "the first message")
        post.put(message(2))
        until(lambda: len(items()) == 2, "the second message")


def test_after_an_outage_all_that_came_meanwhile_is_taken_in_with_the_time_at_which_it_came(
    services: Services, items: Items
) -> None:
    with dovecot() as server:
        post = Post(server, services)
        with post.running():
            until(lambda: bool(post.board.shown), "an alarm")
            with server.running():
                for day in range(5):
                    post.put(message(day), at=FRIDAY - timedelta(days=day))
                until(lambda: len(items()) == 5, "five messages")
                until(lambda: not post.board.shown, "the end of the alarm")
            until(lambda: bool(post.board.shown), "an alarm again")
            with server.running():
                post.put(message(6))
                until(lambda: len(items()) == 6, "the message after the second outage")
    assert [item.received_at for item in items()][:5] == [FRIDAY - timedelta(days=day) for day in range(5)]


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20])
def test_a_message_of_any_size_is_copied_whole(post: Post, items: Items, services: Services, size: int) -> None:
    line = b"x" * 62 + b"\r\n"
    sent = message(body=b"")
    sent += (line * (size // 64 + 1))[: max(0, size - len(sent))]
    post.put(sent)
    assert post.take().taken == 1
    assert stored(items()[0], services) == sent


def test_what_somebody_takes_away_meanwhile_is_gone_and_the_rest_is_taken_in(
    post: Post, items: Items, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.put(message(1), message(2), message(3))
    listed = Mailbox.messages

    def then_delete(mailbox: Mailbox) -> Any:  # noqa: ANN401
        seen = listed(mailbox)
        with post.server.client(post.settings.user) as client:
            client.select_folder("INBOX")
            client.delete_messages([seen[1].uid])
            client.expunge()
        return seen

    monkeypatch.setattr(Mailbox, "messages", then_delete)
    assert post.take() == Round(seen=3, taken=2, gone=1, left=0)
    assert len(items()) == 2


def damaged(post: Post, number: int) -> None:
    """Have the server's file of a message hold less than the server has written down: it cannot give the message."""
    for file in post.server.mail_of(post.settings.user).rglob("*"):
        if file.is_file() and f"Subject: Refund {number}".encode() in file.read_bytes():
            file.chmod(0)


def test_a_message_that_the_server_does_not_give_holds_up_no_other(post: Post, items: Items) -> None:
    post.put(message(1), message(2), message(3))
    damaged(post, 1)
    with post.running(poll_seconds=0.1):
        until(lambda: len(items()) == 2, "the others")
        until(lambda: bool(post.board.shown), "an alarm")
    assert post.lying() == 1


def test_a_connection_that_is_lost_and_made_again_raises_no_alarm(services: Services, items: Items) -> None:
    with dovecot() as server:
        post = Post(server, services)
        with post.running(alarm_after_seconds=120):
            for number in (1, 2):
                with server.running():
                    post.put(message(number))
                    until(lambda: len(items()) == number, "the message")  # noqa: B023
    assert post.board.told == []


def test_what_cannot_be_moved_away_is_taken_in_once_and_moved_when_it_can_be(post: Post, items: Items) -> None:
    post.put(message(1), message(2))
    for _ in range(3):
        assert post.take(taken="no/../such") == Round(seen=2, taken=2, gone=0, left=0)
    assert (len(items()), post.lying()) == (2, 2)
    assert post.take().taken == 2
    assert (len(items()), post.lying(), post.lying("Taken")) == (2, 0, 2)


def test_mail_that_stays_where_it_is_is_taken_in_once(post: Post, items: Items) -> None:
    post.put(message(1))
    post.take(taken="")
    post.put(message(2))
    for _ in range(3):
        assert post.take(taken="").taken == 2
    assert (len(items()), post.lying()) == (2, 2)


def test_messages_that_are_numbered_anew_are_the_same_messages(post: Post, items: Items) -> None:
    with post.server.client(post.settings.user) as client:
        client.create_folder("Post")
    twice = message(9)
    post.put(message(1), twice, twice, folder="Post")
    post.take(folder="Post", taken="no/../such")
    assert len(items()) == 3
    post.put(message(4), folder="Post")
    for _ in range(2):
        post.number_anew("Post")
        assert post.take(folder="Post", taken="no/../such").taken == 4
    assert len(items()) == 4
    post.number_anew("Post")
    assert post.take(folder="Post").taken == 4
    assert (len(items()), post.lying("Post"), post.lying("Taken")) == (4, 0, 4)


def test_a_crash_after_the_door_and_then_new_numbers_end_in_one_item(post: Post, items: Items) -> None:
    with post.server.client(post.settings.user) as client:
        client.create_folder("Post")
    post.put(message(), folder="Post")

    def accept_and_fail(capture: Capture) -> Receipt:
        door(post.services)(capture)
        raise RuntimeError("the power went")

    with opened(replace(post.settings, folder="Post")) as mailbox:
        assert post.channel(accept_and_fail, folder="Post").take_all(mailbox, threading.Event()).left == 1
    post.number_anew("Post")
    assert post.take(folder="Post").taken == 1
    assert len(items()) == 1


def test_new_numbers_and_a_door_that_is_closed_end_in_one_item(post: Post, items: Items) -> None:
    with post.server.client(post.settings.user) as client:
        client.create_folder("Post")
    post.put(message(), folder="Post")
    assert post.take(folder="Post", taken="no/../such").taken == 1
    post.number_anew("Post")
    stopped = threading.Event()
    stopped.set()
    with opened(replace(post.settings, folder="Post")) as mailbox:
        assert post.channel(folder="Post").take_all(mailbox, stopped) == Round(seen=1, taken=0, gone=0, left=1)
    assert post.take(folder="Post").taken == 1
    assert len(items()) == 1


def test_what_comes_while_the_rest_is_taken_in_is_told_of(
    post: Post, items: Items, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.put(message(1))
    listed = Mailbox.messages

    def then_put(mailbox: Mailbox) -> Any:  # noqa: ANN401
        seen = listed(mailbox)
        if not items():
            post.put(message(2))
        return seen

    monkeypatch.setattr(Mailbox, "messages", then_put)
    assert post.take() == Round(seen=1, taken=1, gone=0, left=0, came=1)
    post.put(message(3))
    with post.running():
        until(lambda: len(items()) == 3, "the rest")


def test_two_workers_on_one_mailbox_end_in_one_item_a_message(post: Post, items: Items) -> None:
    post.put(*(message(number) for number in range(20)))
    together = threading.Barrier(3)
    faults: list[BaseException] = []

    def work() -> None:
        try:
            with opened(post.settings) as mailbox:
                listed, first = mailbox.messages, threading.Event()

                def list_together() -> Any:  # noqa: ANN401
                    seen = listed()
                    if not first.is_set():
                        first.set()
                        together.wait(30)
                    return seen

                mailbox.messages = list_together  # type: ignore[method-assign]
                post.channel().take_all(mailbox, threading.Event())
        except BaseException as fault:  # noqa: BLE001  # shown below
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(items()) == 20
    assert (post.lying(), post.lying("Taken")) == (0, 20)


def test_what_the_door_does_not_take_is_shown_until_it_does(post: Post, items: Items) -> None:
    post.put(message(1), message(2))
    broken = threading.Event()
    broken.set()

    def deliver(capture: Capture) -> Receipt:
        if broken.is_set() and b"Refund 1" in capture.spooled.read_bytes():
            raise RuntimeError("not this one")
        return door(post.services)(capture)

    stop, channel = threading.Event(), post.channel(deliver, poll_seconds=0.1)
    thread = threading.Thread(target=channel.run, args=(stop,))
    thread.start()
    until(lambda: bool(post.board.shown), "an alarm")
    assert post.board.shown["contact"] == (
        "1 of 2 messages are not taken in; they are tried again. The log of the service says why."
    )
    assert len(items()) == 1
    broken.clear()
    until(lambda: len(items()) == 2 and not post.board.shown, "the other message")
    stop.set()
    thread.join()


def test_nothing_is_taken_in_where_there_is_no_room_and_the_mailbox_is_not_to_blame(
    post: Post, items: Items, caplog: pytest.LogCaptureFixture
) -> None:
    post.put(message())
    with post.running(least_free_bytes=1 << 60):
        until(lambda: "no mail is taken out of contact: there is no room" in caplog.text, "a line in the log")
    assert post.board.told == []
    assert (items(), post.lying()) == ([], 1)


def test_a_folder_that_is_not_there_is_said(post: Post) -> None:
    with pytest.raises(IMAPClientError, match="doesn't exist"):
        post.take(folder="Postfach")
    with post.running(folder="Postfach"):
        until(lambda: bool(post.board.shown), "an alarm")


def test_the_ledger_is_held_against_what_was_moved(services: Services) -> None:
    log = SessionLog(services.settings.data, "imap")
    log.note(services.now(), "contact", "imap:contact:1:1", 1234, 250)
    (sentence,) = reconcile(services)["missing"]
    assert "1234 bytes was taken from contact" in sentence
    for file in (services.settings.data / "mail-log").iterdir():
        file.unlink()


def test_what_the_server_counts_is_what_is_on_the_ledger(post: Post, services: Services) -> None:
    post.put(message(1), message(2))
    post.take()
    post.put(message(3))
    post.take()
    count = counted(services)
    assert (count.lying, count.left, count.accepted, count.astray) == (0, 0, 3, 0)
    assert count.taken is not None
    assert count.taken.messages == 3


def test_what_somebody_moves_to_what_was_taken_is_more_than_the_ledger_knows_until_they_move_it_back(
    post: Post, services: Services
) -> None:
    post.put(message(1))
    post.take()
    post.put(message(2))
    post.move("INBOX", "Taken", b"Refund 2")
    post.take()
    assert counted(services).astray == 1
    post.move("Taken", "INBOX", b"Refund 2")
    post.take()
    assert counted(services).astray == 0
    assert counted(services).accepted == 2


def test_whoever_tidies_what_was_taken_raises_no_alarm_then_or_later(post: Post, services: Services) -> None:
    post.put(message(1), message(2), message(3))
    post.take()
    post.delete("Taken")
    post.put(message(4))
    post.take()
    assert counted(services).astray == 0
    assert counted(services).surplus == -3
    post.put(message(5))
    post.move("INBOX", "Taken", b"Refund 5")
    post.take()
    assert counted(services).astray == 1


def test_what_lay_in_the_folder_before_the_mailroom_came_is_nobodys_concern(post: Post, services: Services) -> None:
    with post.server.client(post.settings.user) as client:
        client.create_folder("Taken")
    post.put(message(1), message(2), folder="Taken")
    post.put(message(3))
    post.take()
    post.put(message(4))
    post.take()
    assert counted(services).astray == 0


def test_what_is_taken_in_and_cannot_be_moved_is_counted_where_it_lies(post: Post, services: Services) -> None:
    post.put(message(1))
    assert post.take(taken="no/../such").taken == 1
    assert counted(services).not_moved == 1
    post.take()
    post.put(message(2))
    post.take()
    assert counted(services).astray == 0


def test_a_folder_into_which_others_move_mail_is_not_counted(post: Post, services: Services) -> None:
    post.put(message(1))
    post.take(taken_is_ours_alone=False)
    assert counted(services).taken is None


def test_two_workers_leave_nothing_astray(post: Post, services: Services) -> None:
    post.put(*(message(number) for number in range(20)))
    threads = [threading.Thread(target=post.take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    post.put(message(21))
    post.take()
    assert counted(services).astray == 0


def test_the_settings_name_mailboxes_as_many_as_there_are(
    mailbox_server: Dovecot, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, items: Items
) -> None:
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    common = {"host": "127.0.0.1", "port": mailbox_server.tls, "authority_file": str(mailbox_server.authority)}
    users = {"contact": mailbox_server.new_user(), "planning": mailbox_server.new_user()}
    boxes = {
        name: {**common, "user": user, "password_file": str(password), "address": f"{name}@harrowdale.example"}
        for name, user in users.items()
    }
    monkeypatch.setenv("MAILROOM_IMAP__MAILBOXES", json.dumps(boxes))
    monkeypatch.setenv("MAILROOM_INTAKE__LEAST_FREE_MEGABYTES", "1")
    services = replace(services, settings=load_settings())
    for user in users.values():
        with mailbox_server.client(user) as client:
            client.append("INBOX", message())
    stop = threading.Event()
    threads = [threading.Thread(target=channel.run, args=(stop,)) for channel in imap_channels(services)]
    for thread in threads:
        thread.start()
    until(lambda: len(reconcile(services).get("mailboxes", ())) == 2, "mail of both mailboxes, counted")
    stop.set()
    for thread in threads:
        thread.join()
    assert {item.hint_team for item in items()} == {None, "planning"}
    found = reconcile(services)
    assert found["missing"] == []
    assert {name: figures["in_taken_folder"] for name, figures in found["mailboxes"].items()} == dict.fromkeys(users, 1)


def test_a_folder_is_counted_only_where_one_mailbox_alone_is_emptied_into_it(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    box = {"host": "imap.harrowdale.example", "user": "contact", "password_file": str(password)}
    boxes = {
        "contact": box,
        "scans": {**box, "host": "IMAP.harrowdale.example", "folder": "Scans"},
        "bins": {**box, "folder": "Bins", "taken_folder": "Bins taken"},
    }
    monkeypatch.setenv("MAILROOM_IMAP__MAILBOXES", json.dumps(boxes))
    channels = imap_channels(replace(services, settings=load_settings()))
    assert {one._settings.name for one in channels if one._settings.taken_is_ours_alone} == {"bins"}


def test_an_alarm_is_raised_for_a_mailbox_that_fails_and_cleared_when_it_does_not(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text(PASSWORD)

    def alarms() -> list[tuple[str, str]]:
        with services.records.look() as session:
            return [(alarm.subject, alarm.sentence) for alarm in alarms_raised(session)]

    monkeypatch.setenv("MAILROOM_IMAP__ALARM_AFTER_SECONDS", "0")
    with dovecot() as server:
        box = {"host": "127.0.0.1", "port": server.tls, "user": server.new_user(), "password_file": str(password)}
        boxes = {"contact": {**box, "authority_file": str(server.authority)}}
        monkeypatch.setenv("MAILROOM_IMAP__MAILBOXES", json.dumps(boxes))
        (channel,) = imap_channels(replace(services, settings=load_settings()))
        stop = threading.Event()
        thread = threading.Thread(target=channel.run, args=(stop,))
        thread.start()
        until(lambda: bool(alarms()), "an alarm")
        ((subject, sentence),) = alarms()
        assert subject == "mailbox contact"
        assert f"127.0.0.1, port {server.tls}" in sentence
        with server.running():
            until(lambda: not alarms(), "the end of the alarm")
        stop.set()
        thread.join()


def test_a_password_that_is_corrected_counts_at_the_next_sign_in(
    mailbox_server: Dovecot, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("wrong\n")
    user, port = mailbox_server.new_user(), mailbox_server.tls
    box = {"host": "127.0.0.1", "port": port, "user": user, "authority_file": str(mailbox_server.authority)}
    monkeypatch.setenv("MAILROOM_IMAP__MAILBOXES", json.dumps({"contact": {**box, "password_file": str(password)}}))
    (channel,) = imap_channels(replace(services, settings=load_settings()))

    def signs_in() -> None:
        with opened(channel._settings):
            pass

    with pytest.raises(SignInRefused, match=f"it does not let {user} in"):
        signs_in()
    password.write_text(f"{PASSWORD}\n")
    signs_in()
    password.unlink()
    with pytest.raises(OSError, match=r"imap\.mailboxes\.contact\.password_file: .* cannot be read") as fault:
        signs_in()
    assert "wrong" not in str(fault.value)


def test_a_file_that_a_mailbox_names_must_be_there(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    box = {"host": "imap.harrowdale.example", "user": "contact", "password_file": "/nowhere/password"}
    monkeypatch.setenv("MAILROOM_IMAP__MAILBOXES", json.dumps({"contact": box}))
    with pytest.raises(Misconfigured, match=r"imap\.mailboxes\.contact\.password_file: '/nowhere/password' cannot"):
        imap_channels(replace(services, settings=load_settings()))


def test_what_a_token_needs_must_be_named(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    box = {"host": "imap.harrowdale.example", "user": "contact", "sign_in": "xoauth2", "client_id": "mailroom"}
    monkeypatch.setenv("MAILROOM_IMAP__MAILBOXES", json.dumps({"contact": box}))
    with pytest.raises(Misconfigured, match=r"imap\.mailboxes\.contact: xoauth2 needs token_url, client_id and"):
        imap_channels(replace(services, settings=load_settings()))
    boxes = {"contact": {**box, "token_url": "http://login.example/token"}}
    monkeypatch.setenv("MAILROOM_IMAP__MAILBOXES", json.dumps(boxes))
    with pytest.raises(Misconfigured, match=r"imap\.mailboxes\.contact\.token_url"):
        load_settings()
