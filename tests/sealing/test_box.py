"""What is sealed opens as what it was sealed as, and as nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import SealError, SettingsError
from gateway.sealing.box import BEGINNING, TAG, DataKey, hidden_name, key_number, seal, unseal, unwrap, wrap
from gateway.sealing.master import keys_in, new_key

KEY = DataKey(7, "rivera", 1, b"k" * 32)


@given(st.binary(max_size=300), st.text(max_size=20))
def test_what_was_sealed_comes_back(content: bytes, name: str) -> None:
    box = seal(KEY, "blob", name, content)
    assert unseal(KEY, "blob", name, box) == content
    assert (key_number(box), len(box)) == (7, len(content) + BEGINNING + TAG)
    assert seal(KEY, "blob", name, content) != box, "the nonce is another one"


@pytest.mark.parametrize(
    ("key", "kind", "name"),
    [
        (KEY, "blob", "another"),
        (KEY, "body", "name"),
        (KEY, "blo", "bname"),
        (DataKey(7, "quinn", 1, b"k" * 32), "blob", "name"),
        (DataKey(7, "rivera", 1, b"x" * 32), "blob", "name"),
        (DataKey(8, "rivera", 1, b"k" * 32), "blob", "name"),
    ],
)
def test_it_opens_nowhere_else(key: DataKey, kind: str, name: str) -> None:
    with pytest.raises(SealError):
        unseal(key, kind, name, seal(KEY, "blob", "name", b"at 6"))


def test_every_altered_byte_is_told() -> None:
    box = seal(KEY, "blob", "name", b"pickup at 6")
    for place in range(len(box)):
        altered = bytearray(box)
        altered[place] ^= 1
        with pytest.raises(SealError):
            unseal(KEY, "blob", "name", bytes(altered))
    for length in range(len(box)):
        with pytest.raises(SealError):
            unseal(KEY, "blob", "name", box[:length])


def test_a_name_tells_nothing_without_the_secret() -> None:
    one = hidden_name(b"s" * 32, "rivera", "0" * 64)
    assert one != hidden_name(b"t" * 32, "rivera", "0" * 64) != hidden_name(b"s" * 32, "quinn", "0" * 64)
    assert one == hidden_name(b"s" * 32, "rivera", "0" * 64)


@pytest.mark.parametrize("other", [("quinn", "seal", 1), ("rivera", "names", 1), ("rivera", "seal", 2)])
def test_a_wrapped_key_opens_in_its_own_row_only(other: tuple[str, str, int]) -> None:
    master = new_key().secret
    wrapped = wrap(master, "rivera", "seal", 1, b"d" * 32)
    assert unwrap(master, "rivera", "seal", 1, wrapped) == b"d" * 32
    with pytest.raises(SealError):
        unwrap(master, *other, wrapped)
    with pytest.raises(SealError):
        unwrap(new_key().secret, "rivera", "seal", 1, wrapped)


def test_a_master_key_is_read_as_it_was_written_and_a_slip_is_told() -> None:
    one, two = new_key(), new_key()
    assert keys_in(f"# copy\n{one.line()}\n  {two.line()}\r\n") == (one, two)
    assert one.secret.hex() not in repr(one)
    slip = one.line().replace(one.line()[10], "0" if one.line()[10] != "0" else "1", 1)
    with pytest.raises(SettingsError, match="with a slip"):
        keys_in(slip)
    with pytest.raises(SettingsError, match="with a slip"):
        keys_in(one.line()[:-3])
