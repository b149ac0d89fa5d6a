"""What the pages about accounts share."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.accounts.key import AccountKey, account_key
from gateway.accounts.news import News
from gateway.accounts.passkeys import Place, place_of
from gateway.accounts.proofs import Proofs
from gateway.clock import Clock
from gateway.family import Directory
from gateway.settings import Settings
from gateway.store import Store


@dataclass(frozen=True, slots=True)
class Access:
    """One for an installation. `place`: where passkeys hold, None where they do not. `secure`: the site is reached over HTTPS."""

    key: AccountKey
    news: News
    proofs: Proofs
    place: Place | None
    secure: bool
    url: str

    @classmethod
    def of(cls, settings: Settings, store: Store, directory: Directory, clock: Clock) -> Access:
        """Of these settings. Raises SettingsError where the key cannot be read."""
        url, key = settings.server.public_url, account_key(settings.data)
        news = News(url)
        proofs = Proofs(store, directory, clock, key, news)
        return cls(key, news, proofs, place_of(url), url.startswith("https://"), url)
