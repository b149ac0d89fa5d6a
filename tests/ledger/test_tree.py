"""RFC 6962's test vectors, and every proof of every small tree, whole and damaged."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.tree import (
    EMPTY,
    Growing,
    Levels,
    consistency,
    inclusion,
    is_consistent,
    leaf_hash,
    node_hash,
    root,
    root_of_inclusion,
    split,
)

DATA = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes.fromhex(d)) for d in DATA]


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(n).encode()) for n in range(count)]


def plain_root(items: list[bytes]) -> bytes:
    """The definition of RFC 9162 section 2.1.1, word for word."""
    if not items:
        return EMPTY
    if len(items) == 1:
        return items[0]
    k = split(len(items))
    return node_hash(plain_root(items[:k]), plain_root(items[k:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_the_vectors_of_the_standard(size: int) -> None:
    assert root(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize("size", range(70))
def test_a_tree_that_grows_has_the_root_of_the_whole(size: int) -> None:
    grown = Growing(iter(leaves(size)))
    assert (grown.size, grown.root) == (size, Levels(leaves(size)).root)
    assert grown.root == plain_root(leaves(size))


def test_the_empty_tree() -> None:
    assert root([]) == hashlib.sha256().digest()


@pytest.mark.parametrize("size", range(1, 40))
def test_every_inclusion_proof(size: int) -> None:
    items = leaves(size)
    top = root(items)
    assert top == plain_root(items)
    for index in range(size):
        proof = inclusion(items, index)
        assert root_of_inclusion(items[index], index, size, proof) == top
        assert len(proof) <= size.bit_length()
        for other in range(size):
            if other != index:
                assert root_of_inclusion(items[index], other, size, proof) != top
        assert root_of_inclusion(items[index], index, size, [*proof, top]) != top
        assert not proof or root_of_inclusion(items[index], index, size, proof[:-1]) != top
        assert root_of_inclusion(items[index], size, size, proof) is None


@pytest.mark.parametrize("new", range(1, 34))
def test_every_consistency_proof(new: int) -> None:
    items = leaves(new)
    for old in range(1, new + 1):
        proof = consistency(items, old)
        before, after = root(items[:old]), root(items)
        assert is_consistent(old, new, before, after, proof)
        assert not is_consistent(old, new, after if old < new else EMPTY, after, proof)
        assert not is_consistent(old, new, before, before if old < new else EMPTY, proof)
        assert not is_consistent(old, new, before, after, [*proof, before])
        for place in range(len(proof)):
            assert not is_consistent(old, new, before, after, [*proof[:place], *proof[place + 1 :]])
            assert not is_consistent(old, new, before, after, [*proof[:place], EMPTY, *proof[place + 1 :]])


@pytest.mark.parametrize(("old", "size"), [(0, 3), (4, 3), (-1, 3)])
def test_no_such_tree(old: int, size: int) -> None:
    with pytest.raises(IndexError):
        consistency(leaves(size), old)
    assert not is_consistent(old, size, EMPTY, root(leaves(size)), [])


@given(st.integers(1, 200), st.data())
def test_a_changed_history_never_fits(size: int, data: st.DataObject) -> None:
    items = leaves(size)
    place = data.draw(st.integers(0, size - 1))
    other = [*items[:place], leaf_hash(b"other"), *items[place + 1 :]]
    grown = [*other, leaf_hash(b"more")]
    assert not is_consistent(size, size + 1, root(items), root(grown), consistency(grown, size))
