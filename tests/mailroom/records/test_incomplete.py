from datetime import UTC, datetime
from pathlib import Path

from mailroom.domain.capture import Channel
from mailroom.records.incomplete import IncompleteRows, incomplete_files
from mailroom.records.session import Records

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)


def test_what_is_gone_from_a_folder_is_shown_no_more_and_all_else_is(records: Records, tmp_path: Path) -> None:
    folder, other = tmp_path / "post", tmp_path / "post-2"
    (folder / "planning").mkdir(parents=True)
    (folder / "planning" / "there.pdf").touch()
    rows = IncompleteRows(records)
    for path in (folder / "gone.pdf", folder / "planning" / "there.pdf", other / "not_ours.pdf"):
        rows.show(str(path), Channel.POST, 1, NOW, NOW, "It is not whole.")
    rows.clear_gone(folder)
    with records.look() as session:
        shown = {row.path for row in incomplete_files(session)}
    assert shown == {str(folder / "planning" / "there.pdf"), str(other / "not_ours.pdf")}
