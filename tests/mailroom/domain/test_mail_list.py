from __future__ import annotations

from mailroom.domain.mail_list import Listed, listed_in

MX = "Nov 27 16:12:03 mx"
CLEANUP = f"{MX} postfix/cleanup[17]: "
LMTP = f"{MX} postfix/lmtp[18]: "
SENT = "to=<contact@harrowdale.example>, relay=127.0.0.1[127.0.0.1]:2424, delay=0.1, dsn=2.0.0, status=sent "


def test_a_list_has_a_name_in_each_line_with_its_brackets_or_without() -> None:
    lines = ["<1@client.example>\n", "\n", "2@client.example\n", "Message-ID: <3@client.example>\n"]
    assert list(listed_in(lines)) == [
        Listed(1, "<1@client.example>"),
        Listed(3, "<2@client.example>"),
        Listed(4, "<3@client.example>"),
    ]


def test_what_is_no_name_is_listed_without_one() -> None:
    assert list(listed_in(["two words\n", f"<{'x' * 300}>\n"])) == [Listed(1, ""), Listed(2, "")]


def test_of_a_log_that_has_our_answers_only_what_we_took_in_counts() -> None:
    lines = [
        f"{MX} postfix/smtpd[15]: connect from client.example[192.0.2.1]",
        f"{MX} systemd[1]: Started Postfix.",
        f"{CLEANUP}79795ECA21E: message-id=<1@client.example>",
        f"{CLEANUP}8A795ECA21F: message-id=<to-the-world@harrowdale.example>",
        f"{MX} postfix/qmgr[3]: 79795ECA21E: from=<ann@client.example>, size=400, nrcpt=1 (queue active)",
        f"{LMTP}79795ECA21E: {SENT}(250 2.0.0 Taken in as HD-26-000001-K)",
        f"{LMTP}8A795ECA21F: {SENT}(250 2.0.0 Ok: queued as 4F1)",
        f"{CLEANUP}9B795ECA220: message-id=<deferred@client.example>",
        f"{LMTP}3qF7L05tkVz9: {SENT}(250 2.0.0 Taken in before as HD-26-000002-B)",
    ]
    assert list(listed_in(lines)) == [
        Listed(6, "<1@client.example>", "HD-26-000001-K"),
        Listed(9, "", "HD-26-000002-B"),
    ]


def test_of_a_log_that_was_cut_to_the_names_each_of_them_counts() -> None:
    lines = [f"{CLEANUP}79795ECA21E: message-id=<1@client.example>", f"{CLEANUP}8A795ECA21F: message-id=<>"]
    assert list(listed_in(lines)) == [Listed(1, "<1@client.example>"), Listed(2, "")]


def test_a_number_that_is_given_again_hides_no_name() -> None:
    lines = [f"{CLEANUP}79795ECA21E: message-id=<{number}@client.example>" for number in (1, 2)]
    assert [one.name for one in listed_in(lines)] == ["<1@client.example>", "<2@client.example>"]


def test_a_number_that_the_server_gives_again_is_another_message() -> None:
    lines = [
        f"{CLEANUP}79795ECA21E: message-id=<1@client.example>",
        f"{LMTP}79795ECA21E: {SENT}(250 2.0.0 Taken in as HD-26-000001-K)",
        f"{CLEANUP}79795ECA21E: message-id=<2@client.example>",
        f"{LMTP}79795ECA21E: {SENT}(250 2.0.0 Taken in as HD-26-000002-B)",
    ]
    assert [one.name for one in listed_in(lines)] == ["<1@client.example>", "<2@client.example>"]
