"""The family: the unit of everything. One protected parent, one co-parent, children, other people, their addresses."""

from gateway.family.contact import Contact
from gateway.family.directory import Directory, normal_email, normal_phone
from gateway.family.mailbox import Mailbox, Submission
from gateway.family.people import Address, ChildOf, Family, Person, Role

__all__ = [
    "Address",
    "ChildOf",
    "Contact",
    "Directory",
    "Family",
    "Mailbox",
    "Person",
    "Role",
    "Submission",
    "normal_email",
    "normal_phone",
]
