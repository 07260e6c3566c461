"""What somebody wrote stays text, also where it goes through the translation."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from mailroom.web.language import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["{{ _(why) }}", '{{ _("by {who}").format(who=why) }}', "{{ why }}"])
def test_markup_in_a_value_is_shown_as_text(app: FastAPI, language: str, template: str) -> None:
    made = app.state.pages._by_language[language].from_string(template).render(why="<img src=x>100%")
    assert "<img" not in made
    assert "&lt;img src=x&gt;100%" in made
