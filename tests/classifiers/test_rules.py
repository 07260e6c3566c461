"""How the sums become confidences, on a small rule book of the tests' own."""

import copy
from typing import Any

import pytest

from classifiers.classifier import Evidence, Flag, Verdict
from classifiers.rulebook import RuleBook
from classifiers.rules import RuleClassifier

BARS = {
    "doubt": 1.5, "sharpness": 3.0, "conflict": 0.75, "watch": 2.0, "sensitive_score": 2.0, "sensitive_confidence": 0.1,
    "trusted_reading": 0.85, "mended_below": 0.98, "threshold": 0.8, "enough": 4.5, "beyond": 0.35, "outranks": 4.5,
    "outranked": 0.5,
}  # fmt: skip
TABLE: dict[str, Any] = {
    "bars": BARS,
    "weights": {"decisive": 3.0, "strong": 2.0, "hint": 1.0, "title": 2.5, "against": -2.0},
    "parts": {"heading": 1.0, "title": 1.5, "body": 1.0, "enclosed": 0.5, "quoted": 0.25},
    "hints": {"label": 2.0, "team": 0.5, "sign": 3.0},
    "signs": {"replied": "rats"},
    "watch": ["complaint"],
    "kinds": ["complaint"],
    "never_mended": [],
    "words": {"marks": "bruise* burn"},
    "flags": {"chaser": ["no reply"], "urgent": ["at once"], "sensitive": ["refuge"]},
    "services": {
        "bins": {"team": "waste", "sensitivity": "normal"},
        "rats": {"team": "health", "sensitivity": "normal"},
        "complaint": {"team": "relations", "sensitivity": "normal", "statutory": "complaint"},
        "abuse": {"team": "care", "sensitivity": "limited"},
    },
    "rules": {
        "bins": {
            "decisive": ["missed collection"], "strong": ["wheelie bin"], "hint": ["rubbish"], "against": ["skip hire"],
        },
        "rats": {"decisive": ["rats"], "hint": ["rubbish"], "title": ["vermin"]},
        "complaint": {"decisive": ["formal complaint"], "strong": ["complain"]},
        "abuse": {"strong": ["{marks}"]},
    },
}  # fmt: skip


def table_with(*path: str, value: object) -> dict[str, Any]:
    table = copy.deepcopy(TABLE)
    place = table
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return table


def classify(
    text: str, subject: str = "", reading: float = 1.0, label: str | None = None, team: str | None = None
) -> Verdict:
    evidence = Evidence(text, subject=subject, text_confidence=reading, hint_case_type=label, hint_team=team)
    return RuleClassifier.from_table(TABLE).classify(evidence)


def confidence(verdict: Verdict, label: str) -> float:
    return next((one.confidence for one in verdict.candidates if one.label == label), 0.0)


@pytest.mark.parametrize(("channel", "came_by"), [("email", "address"), ("post", "folder"), ("", "folder")])
def test_a_hint_is_given_as_a_reason_by_the_name_of_what_gave_it(channel: str, came_by: str) -> None:
    rules = RuleClassifier.from_table(TABLE)
    told = rules.classify(Evidence("It is a fine day.", channel=channel, hint_case_type="bins")).candidates[0]
    assert told.reasons == (came_by,)
    team = TABLE["services"]["bins"]["team"]
    told = rules.classify(Evidence("A missed collection.", channel=channel, hint_team=team)).candidates[0]
    assert f"{came_by} of the team" in told.reasons


def test_one_decisive_cue_alone_is_nearly_sure() -> None:
    assert classify("I write about a missed collection in our road.").candidates[0].confidence == pytest.approx(
        0.889, abs=0.001
    )


def test_two_equal_topics_share_the_confidence() -> None:
    verdict = classify("I write about a missed collection in our road, and about rats.")
    assert confidence(verdict, "bins") == confidence(verdict, "rats") < 0.5


def test_no_cue_gives_no_candidate() -> None:
    assert classify("It is a fine day.").candidates == ()


@pytest.mark.parametrize("text", ["", "\f", "\x00\ufffd" * 50, "a" * 100_000, "| ' - . " * 1000])
def test_any_text_gets_a_verdict(text: str) -> None:
    assert classify(text).candidates == ()


def test_a_cue_against_takes_away() -> None:
    with_hire = classify("I write about the missed collection, and about skip hire.")
    assert confidence(with_hire, "bins") < 0.3


def test_the_subject_says_more_than_the_body() -> None:
    in_subject = classify("It was on Monday.", subject="rubbish")
    in_body = classify("I write because there was rubbish in the road on Monday.")
    assert in_subject.candidates[0].confidence > in_body.candidates[0].confidence


def test_a_title_cue_does_not_count_in_the_body() -> None:
    assert classify("I write to you, as I think there is vermin about.").candidates == ()
    assert classify("Dear Sir\n\nRe: vermin\n\nThere it is again.").candidates[0].label == "rats"


def test_the_councils_own_letter_sent_back_as_a_copy_counts_little() -> None:
    text = (
        "Dear Sir\n\nI write about rats in the yard.\fDear Mr Lund\n\nYour formal complaint about a missed collection."
    )
    assert classify(text).candidates[0].label == "rats"


def test_an_earlier_message_that_is_quoted_counts_little() -> None:
    verdict = classify("I write about rats in the yard.\n\n-----Original Message-----\nI had a missed collection.")
    assert verdict.candidates[0].label == "rats"
    assert verdict.candidates[0].confidence > 0.8


def test_a_complaint_outranks_its_topic() -> None:
    verdict = classify("I make a formal complaint, and I do complain: this is about a missed collection.")
    assert verdict.candidates[0].label == "complaint"
    assert verdict.candidates[0].confidence >= 0.8


def test_a_watched_regime_beside_another_topic_goes_to_a_person() -> None:
    verdict = classify("There was a missed collection, wheelie bin and rubbish left. I complain.")
    assert verdict.candidates[0].label == "bins"
    assert verdict.candidates[0].confidence <= BARS["conflict"]
    assert Flag("statutory", "complaint", ("complain",)) in verdict.flags


def test_a_limited_label_makes_the_verdict_sensitive_however_much_else_is_said() -> None:
    verdict = classify("There was a missed collection, rats, rubbish, and the boy had bruises. A formal complaint.")
    assert verdict.sensitive
    assert verdict.candidates[0].label != "abuse"


def test_a_sensitive_word_makes_the_verdict_sensitive_without_a_label() -> None:
    assert classify("I write about a missed collection. We live in a refuge.").sensitive


def test_the_folder_helps_its_own_label_and_its_team() -> None:
    plain = classify("I write as there is rubbish everywhere.")
    folder = classify("I write as there is rubbish everywhere.", label="rats")
    team = classify("I write as there is rubbish everywhere.", team="waste")
    assert confidence(plain, "rats") == confidence(plain, "bins")
    assert (folder.candidates[0].label, team.candidates[0].label) == ("rats", "bins")


def test_what_a_messages_head_says_points_to_a_label() -> None:
    text = "I write as there is rubbish everywhere."
    plain = RuleClassifier.from_table(TABLE).classify(Evidence(text))
    told = RuleClassifier.from_table(TABLE).classify(Evidence(text, signs=frozenset({"replied", "list"})))
    assert (confidence(told, "rats") > confidence(plain, "rats"), told.candidates[0].label) == (True, "rats")
    assert "head of the message" in told.candidates[0].reasons


def test_a_sign_that_points_to_no_label_is_refused() -> None:
    with pytest.raises(ValueError, match="signs names mice"):
        RuleClassifier.from_table(table_with("signs", "replied", value="mice"))


def test_a_misread_long_word_is_mended_on_a_page_from_a_scanner_only() -> None:
    misread = "I write about a missed coIlecton in our road."
    assert classify(misread, reading=0.9).candidates[0].label == "bins"
    assert classify(misread).candidates == ()


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("bars", "doubt"), "much", "bars.doubt"),
        (("bars", "threshold"), True, "bars.threshold"),
        (("rules", "bins", "decisive"), "missed", "rules.bins.decisive"),
        (("rules", "bins", "decisive"), ["/(/"], "rules.bins.decisive"),
        (("rules", "bins", "strong"), [".. bin"], "rules.bins.strong"),
        (("rules", "bins", "deciding"), ["bin"], "rules.bins.deciding"),
        (("rules", "bins", "threshold"), 8, "rules.bins.threshold"),
        (("rules", "snow"), {"hint": ["snow"]}, "rules.snow"),
        (("parts", "margin"), 1.0, "parts.margin"),
        (("flags", "odd"), ["odd"], "flags.odd"),
        (("rules", "abuse", "strong"), ["{mark}"], "rules.abuse.strong"),
        (("kinds",), ["snow"], "kinds names snow"),
        (("services",), [], "services"),
    ],
)
def test_a_wrong_key_is_named(path: tuple[str, ...], value: object, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        RuleBook.from_table(table_with(*path, value=value))


def test_a_label_can_have_a_threshold_of_its_own() -> None:
    book = RuleBook.from_table(table_with("rules", "rats", "threshold", value=0.95))
    assert (book.threshold("rats"), book.threshold("bins")) == (0.95, 0.8)
