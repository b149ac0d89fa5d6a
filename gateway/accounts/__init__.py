"""Who may look: accounts, how they prove who they are, and the browsers that are signed in."""

from gateway.accounts.role import Role

__all__ = ["Role"]
