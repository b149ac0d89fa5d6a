"""Who really sent a mail: SPF, DKIM, DMARC's alignment, ARC.

From is a line that anybody can write. Four things can vouch for its domain, any one is enough:

1. *DKIM* (RFC 6376): a signature over the message that fits a key in the signing domain's DNS. The records of all keys
   that were asked for are kept, so that the same signature can be checked again when they are long gone from the DNS.
2. *SPF* (RFC 7208): the machine that brought the message may send for the domain of MAIL FROM.
3. *A mail server that the settings trust* says so in Authentication-Results (RFC 8601). Only the topmost header of that
   server counts, since a sender can put any header below it.
4. *ARC* (RFC 8617): a forwarder that the settings trust signed what it saw before it changed the message.

A pass counts when its domain is *aligned* with that of From (RFC 7489, relaxed: the same organisational domain by the
public suffix list). Every address of From must be vouched for. Where the DNS does not answer the verdict is `UNKNOWN`;
in all other cases without a pass it is `UNVERIFIED`. The DNS is passed in; nothing here opens a connection.
"""

from gateway.parsing.authentication.answers import KeptRecords, NoAnswer, Resolver
from gateway.parsing.authentication.domains import aligned
from gateway.parsing.authentication.finding import Authentication, Brought, Finding, Trust, Verdict
from gateway.parsing.authentication.sender import authenticate

__all__ = [
    "Authentication",
    "Brought",
    "Finding",
    "KeptRecords",
    "NoAnswer",
    "Resolver",
    "Trust",
    "Verdict",
    "aligned",
    "authenticate",
]
