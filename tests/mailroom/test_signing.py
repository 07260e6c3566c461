"""The key that signs: made once, ours alone, and a file that holds none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailroom.bootstrap.signing import signer_from
from mailroom.domain.errors import Misconfigured


def test_a_key_is_made_once_and_is_its_accounts_alone(tmp_path: Path) -> None:
    file = tmp_path / "custody.pem"
    made, found = signer_from(file), signer_from(file)
    assert made.public_key == found.public_key
    assert found.is_ours(made.sign(b"a head"), b"a head")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["custody.pem"]


def test_what_another_key_signed_and_what_was_changed_is_not_ours(tmp_path: Path) -> None:
    signer, other = signer_from(tmp_path / "one.pem"), signer_from(tmp_path / "another.pem")
    assert not signer.is_ours(other.sign(b"a head"), b"a head")
    assert not signer.is_ours(signer.sign(b"a head"), b"another head")


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_without_a_key_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "custody.pem"
    file.write_bytes(content)
    with pytest.raises(Misconfigured, match=r"custody\.key_file: .* holds no Ed25519 private key"):
        signer_from(file)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"custody\.key_file: .* cannot be read or made"):
        signer_from(tmp_path / "nowhere" / "custody.pem")
