"""The settings file as `breakwater init` and the interview in the pages write it: the parts of the machine, and the family."""

from __future__ import annotations

from typing import Final

SERVER: Final = """\
# Breakwater settings. Every line can be changed by hand; `breakwater doctor` checks the file.
#
# Breakwater is not an emergency service. It calls nobody, it can fail, and it can miss a danger. In danger, call the
# emergency number. Try the alarms once everything runs: breakwater alarm test

[server]
data = "data"                            # database, messages and keys, beside this file
host_name = {{ relay_domain | text }}
smtp_listen = "127.0.0.1:2525"           # where the other parent's mail arrives (port 25 on a real host)
web_listen = "127.0.0.1:8025"            # behind a web server with TLS
public_url = {{ public_url | text }}  # the address that browsers and Twilio use

[mail_out]                               # the server that takes our mail
host = "127.0.0.1"
port = 25
security = "starttls"                    # starttls, tls or none
dkim_domain = {{ relay_domain | text }}
dkim_selector = "breakwater"
dkim_key = "data/dkim.pem"

[senders]                                # who a mail is really from
check = true                             # by SPF, DKIM and ARC; what nothing vouches for waits for your look
trusted_servers = []                     # mail servers whose Authentication-Results count, as mx.example.org
trusted_forwarders = []                  # domains that forward mail to you and seal it (ARC)

# [scanner]                              # ClamAV, for attachments; without it nothing is scanned
# clamd = "/run/clamav/clamd.ctl"        # its socket, or host:port

# [twilio]                               # for texts and calls; the token may come from BREAKWATER_TWILIO__AUTH_TOKEN
# account_sid = "AC..."
# auth_token = "..."

# [heartbeat]                            # a sign of life for whoever watches from outside; see the operators' guide
# url = "https://watch.example.org/ping/..."
# file = "heartbeat"

[sealing]                                # what is kept is sealed on the disk; the master key opens it
master = "file"                          # file, environment or command; see the operators' guide
file = "data/master.key"                 # no backup holds it: keep a copy elsewhere (breakwater keys show)

# [backup]                               # sealed backups while it runs: breakwater backup; keys: breakwater backup key
# to = "/media/disk/breakwater-backup"   # best on another disk, or a folder that is carried elsewhere
# recipient = "age1..."                  # the public key; the secret one stays away from this machine
# keep = 60

[texts]
wait_seconds = 120                       # texts sent within this time are read together; danger never waits; 0: each alone
reconcile_minutes = 60                   # how often the carrier is asked for texts that never came; 0: never

[caps]                                   # danger, emergencies and court papers are never held up by a cap
# price_per_segment = 0.0083             # what one segment of a text costs you
[caps.family]                            # for each family; at a cap texts become emails, or wait
texts_per_hour = 60
texts_per_day = 200
emails_per_hour = 200
# money_per_month = 20.0                 # needs price_per_segment
# [caps.installation]                    # the same for all families together

# [voice]                                # what a caller hears; calls are never put through
# greeting = "Hello. Nobody can take your call on this number. You may leave a message after the tone."
# recording_notice = "Your message is recorded, written down by a machine, and kept. If you do not agree to that, please hang up now."
"""
FAMILY: Final = """\
[[family]]
key = {{ key | text }}
time_zone = {{ time_zone | text }}
dates = {{ dates | text }}               # month first: 3/4 is March 4th; day first: 3/4 is April 3rd
language = {{ language | text }}               # of updates, texts and alarms: en or es
currency = {{ currency | text }}
{% if country %}
country = {{ country | text }}           # whose helplines come first
{% endif %}
relay_email = {{ relay_email | text }}   # give this address to the other parent
{% if relay_phone %}
relay_phone = {{ relay_phone | text }}
{% endif %}
cards_by = {{ cards_by | text }}         # email, sms
deliver = {{ deliver }}                  # "at once", or hours; danger, emergencies and court papers never wait
quiet_notice = {{ quiet_notice }}        # true: a chosen hour with nothing says so
subject = "neutral"                      # "topics": the subject names them, never a person or a quote
calendar = "neutral"                     # dates come as a calendar file; "words": with the exact words; "off": none
# pause = [{ from = 2026-12-20, to = 2026-12-27 }]  # vacation: only what is due, danger and court papers come through
# hold_until = 2026-12-14T17:00:00       # a court day: the rest comes then
# hard_days = [2026-12-24]               # on these days once, in the evening
contact = {{ contact | text }}           # modified-contact, no-contact or archive-only; a change is logged and told to you
archive = {{ archive | text }}           # in archive-only: whole (each message goes on as it is) or keep
count_every = {{ count_every | text }}   # week or month: in no-contact and archive-only, how many messages were kept
replies = {{ replies | text }}           # ask, on or off: what you write to the relay
answer_hours = {{ answer_hours }}        # by when a question is taken to want its answer
voicemail = {{ voicemail | text }}       # record or off
child_kept_days = 6                      # how long a child's message stays here after your mail host took it, in case it comes back

[family.receipt]                         # what the other parent is told: silent, neutral or full; once a day at most
kind = {{ receipt | text }}
{% if receipt_hours %}
answer_hours = {{ receipt_hours }}       # your own promise; it is left out while an older question is overdue
{% endif %}

[family.order]                           # what you answered; not legal advice
there_is = {{ order.there_is | text }}   # yes, no, not sure
app = {{ order.app | text }}             # the app that it names for messages
no_contact = {{ order.no_contact | text }}  # none, protects me, protects them, both, not sure
recording = {{ order.recording | text }} # may calls be recorded where you both live?
{% if order.answer_hours %}
answer_hours = {{ order.answer_hours }}
{% endif %}
# cleared = 2026-12-01                   # the day on which a lawyer said that other settings may be used

[family.parent]
name = {{ parent_name | text }}
emails = [{{ parent_email | text }}]
{% if parent_phone %}
phones = [{{ parent_phone | text }}]
{% endif %}

[family.coparent]
name = {{ coparent_name | text }}
emails = [{{ coparent_email | text }}]
{% if coparent_phone %}
phones = [{{ coparent_phone | text }}]
{% endif %}

{% for child in children %}
[[family.child]]
name = {{ child.name | text }}
nicknames = {{ child.nicknames | text }}
{% if child.pronouns %}
pronouns = {{ child.pronouns | text }}
{% endif %}
{% if child.emails %}
emails = {{ child.emails | text }}       # the child's own: handed over whole, not kept
{% endif %}
{% if child.phones %}
phones = {{ child.phones | text }}
{% endif %}

{% endfor %}
{% if safety_name %}
[[family.person]]
name = {{ safety_name | text }}
role = "safety contact"
{% if safety_email %}
emails = [{{ safety_email | text }}]
{% endif %}
{% if safety_phone %}
phones = [{{ safety_phone | text }}]
{% endif %}

{% endif %}
# [[family.person]]                      # whose mail comes whole: teacher, doctor, lawyer, court, social worker
# name = "Oak School"
# role = "professional"                  # or lawyer; relative and partner are sorted like the other parent
# domains = ["oakschool.example.org"]    # every proved address there; or emails = ["office@oakschool.example.org"]
[family.coach]                           # it looks at your answers before they go; it suggests, you decide
tone = {{ tone | text }}                 # grey: bare facts; yellow: with a please and a thank you
hold_heated = false                      # true: a heated answer that is not urgent waits until the morning

[family.coach.private]                   # words that should stand in no answer; you are told when one does
home = []                                # your street, your town
work = []                                # where you work
people = []                              # a new partner, a friend
other = []                               # anything else

[family.topics]                          # now, digest, reviewer or withhold; a child's health and safety always come
{% for topic, choice in topics.items() %}
{{ topic }} = {{ choice | text }}
{% endfor %}

[family.alarms]                          # what happens while nobody says that they have read an alarm
repeat_minutes = [10, 30, 60]            # it comes again, to the safety contact too
hourly = 12                              # then so many times, once an hour; danger not at night
# danger_by_night = true                 # the hourly ones of danger at night too, as an emergency's
# also = ["Ruth"]                        # who else of your [[family.person]] is told in the end
test = "monthly"                         # weekly, monthly or off: a test alarm at your hours
outage_minutes = 20                      # a way that fails so long is told over another

[family.vault]                           # how an original is opened on your pages
delay_minutes = 10                       # so long after you asked for it; danger, safety and a court do not wait
# companion = "Ruth"                     # the page asks you to have this person with you

# [family.mailbox]                       # no mail server of your own? Then the relay address is an account at a provider
# host = "imap.example.org"
# username = {{ relay_email | text }}
# secret_file = "mailbox.secret"         # a file with the app password alone; or: secret_env = "MAILBOX_SECRET"
# folders = ["INBOX", "Junk"]
# [family.mailbox.submission]            # our mail goes out through the same account
# host = "smtp.example.org"
"""
