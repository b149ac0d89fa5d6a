"""Which family a relay address belongs to. Built from the settings; `replace` puts changed ones in force for all who hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.errors import SettingsError
from gateway.family.people import Family, normal_email, normal_phone

__all__ = ["Directory", "normal_email", "normal_phone"]


class Directory:
    """Families by key and by relay address."""

    def __init__(self, families: Iterable[Family]) -> None:
        self.replace(families)

    def replace(self, families: Iterable[Family]) -> None:
        """These families from now on. Raises SettingsError, and then nothing has changed.

        Whoever looks meanwhile, in any thread, sees the old ones or the new ones.
        """
        self._by_key, self._by_relay = _indexed(families)

    @property
    def by_key(self) -> Mapping[str, Family]:
        """The families in force now."""
        return self._by_key

    def __iter__(self) -> Iterator[Family]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def family(self, key: str) -> Family | None:
        """The family with that key."""
        return self._by_key.get(key)

    def by_email(self, address: str) -> Family | None:
        """The family whose relay email address this is; case does not matter."""
        try:
            return self._by_relay.get(normal_email(address))
        except ValueError:
            return None

    def by_phone(self, number: str) -> Family | None:
        """The family whose relay phone number this is."""
        try:
            return self._by_relay.get(normal_phone(number))
        except ValueError:
            return None


def _indexed(families: Iterable[Family]) -> tuple[dict[str, Family], dict[str, Family]]:
    by_key: dict[str, Family] = {}
    by_relay: dict[str, Family] = {}
    read: dict[tuple[str, str, str], str] = {}
    for family in families:
        if family.key in by_key:
            raise SettingsError(f"two families have the key {family.key!r}; each key may stand once")
        by_key[family.key] = family
        for relay in (family.relay_email, family.relay_phone):
            if relay is None:
                continue
            if relay in by_relay:
                other = by_relay[relay].key
                raise SettingsError(f"{relay} is the relay of {other!r} and of {family.key!r}; give each its own")
            by_relay[relay] = family
        for place in family.mailbox.places() if family.mailbox else ():
            if place in read:
                raise SettingsError(
                    f"mailbox › folders: {place[2]} of one account is read for {read[place]!r} and {family.key!r}; "
                    "a message would belong to both: give each family an account or a folder of its own"
                )
            read[place] = family.key
    for family in by_key.values():
        people = (family.parent, family.coparent, *family.people)
        for address in (a.address for person in people for a in (*person.emails, *person.phones)):
            if by_relay.get(address, family) is not family:
                raise SettingsError(
                    f"{address} of {family.key!r} is the relay of another family; its mail would go there"
                )
    return by_key, by_relay
