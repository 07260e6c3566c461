from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mailroom.domain.mailbox_count import MailboxCount, TakenFolder, faults_of, following

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)


def counted(taken: int, accepted: int, *, left: int = 0, lying: int = 0, validity: int = 1) -> MailboxCount:
    return MailboxCount(NOW, lying, left, TakenFolder(validity, taken), 0, accepted)


def after(*looks: MailboxCount) -> MailboxCount:
    count = None
    for look in looks:
        count = following(look, count)
    assert count is not None
    return count


def test_what_lay_there_at_the_first_look_is_nothing_to_wonder_about() -> None:
    assert after(counted(7, 0), counted(9, 2)).astray == 0


def test_more_there_than_here_is_astray_and_said_with_what_to_do() -> None:
    count = after(counted(7, 0), counted(10, 2))
    assert count.astray == 1
    (sentence,) = faults_of("contact", "today", count)
    assert "mailbox contact" in sentence
    assert "held 1 more messages today than were taken in" in sentence
    assert "move them back" in sentence


def test_fewer_there_than_here_is_no_fault_and_hides_only_what_it_took_away() -> None:
    tidied = after(counted(10, 10), counted(0, 10))
    assert (tidied.astray, tidied.surplus) == (0, -10)
    assert after(counted(10, 10), counted(0, 10), counted(2, 11)).astray == 1


def test_a_folder_that_was_made_anew_is_counted_from_then_on() -> None:
    assert after(counted(10, 10), counted(30, 10, validity=2)).astray == 0


def test_what_could_not_be_taken_in_is_said_and_the_last_whole_count_stands() -> None:
    count = after(counted(10, 10), counted(9, 12, left=2, lying=3), counted(12, 12))
    assert count.astray == 0
    hindered = after(counted(10, 10), counted(9, 12, left=2, lying=3))
    (sentence,) = faults_of("contact", "today", hindered)
    assert "2 of 3 messages were not taken in today" in sentence


def test_a_folder_that_cannot_be_counted_is_never_astray() -> None:
    count = MailboxCount(NOW + timedelta(hours=1), 0, 0, None, 0, 5)
    assert after(counted(10, 10), count).astray == 0
