"""The attacks of `make attack`, each caught and named; of the flipped bytes every hundred and first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.record.verifier.ed25519 import holds
from tests.record.attack import BAG, CHANGES, Target, changed_database, flips, rewritten_log, target, tried
from tests.record.sample import World


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Target]]:
    world, aim = target(tmp_path_factory.mktemp("attack"))
    yield world, aim
    world.close()


def test_the_bundle_holds_before_anything_is_done_to_it(small: tuple[World, Target]) -> None:
    assert small[1].check(small[1].folder).failures == 0


def test_every_change_is_caught_and_named(small: tuple[World, Target]) -> None:
    seen = list(tried(small[1]))
    assert [name for name, good, _ in seen if not good] == [], [said for _, good, said in seen if not good]
    assert len(seen) == len(CHANGES) + len(BAG)


def test_flipped_bytes_are_caught(small: tuple[World, Target]) -> None:
    seen = list(flips(small[1], step=101))
    assert len(seen) > 300
    assert [(file, at) for file, at, good in seen if not good] == []


def test_a_log_written_anew_does_not_fit_a_kept_checkpoint(small: tuple[World, Target]) -> None:
    caught, said = rewritten_log(small[0])
    assert caught, said
    assert "is not what it was" in said


def test_a_database_that_was_changed_does_not_fit_its_tree(small: tuple[World, Target]) -> None:
    caught, said = changed_database(small[0])
    assert caught, said
    assert "rivera/2" in said


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_signatures_of_rfc_8032(public: str, message: str, signature: str) -> None:
    key, words, signed = (bytes.fromhex(x) for x in (public, message, signature))
    assert holds(key, words, signed)
    assert not holds(key, words + b"x", signed)
    assert not holds(key[:-1] + bytes([key[-1] ^ 1]), words, signed)
    for at in (0, 31, 32, 63):
        assert not holds(key, words, signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :])
    order = 2**252 + 27742317777372353535851937790883648493
    larger = int.from_bytes(signed[32:], "little") + order
    assert not holds(key, words, signed[:32] + larger.to_bytes(32, "little")), "the same number written another way"
    assert not holds(b"\xff" * 32, words, signed)
    assert not holds(key, words, b"")
