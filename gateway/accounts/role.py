"""What an account may be. Pure.

parent          everything of their own family
reviewer        sorts what the parent opened to them
professional    a lawyer or guardian: reads what the parent opened to them
operator        runs the installation; never sees content
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Of an account. (`gateway.family.Role` says what somebody is to the family.)"""

    PARENT = "parent"
    REVIEWER = "reviewer"
    PROFESSIONAL = "professional"
    OPERATOR = "operator"
