"""What is done to the mail port to get something through it, to fill it, or to have it relay: over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.demo.sample import EX_EMAIL, RELAY_EMAIL
from gateway.intake.callers import A_MINUTE, AT_ONCE, IN_ALL, MESSAGES, PERIOD, Callers, network_of
from gateway.intake.keep import Keeper
from gateway.intake.refusals import Refusals
from gateway.intake.smtp import MOST_ERRORS, Conversation, Handler
from gateway.intake.tls import tls_context
from tests.harness import Loop
from tests.intake.test_smtp import MAIL, Post, certificate, open_post, send

LIMIT = 200_000
TO = RELAY_EMAIL.encode()
START = b"EHLO mail.example.net\r\n"
ENVELOPE = b"MAIL FROM:<mark@example.net>\r\nRCPT TO:<" + TO + b">\r\nDATA\r\n"


@pytest.fixture
def post(store, blobs, directory, clock: Callable, tmp_path: Path) -> Iterator[Post]:
    with open_post(store, blobs, directory, clock, certificate(tmp_path)) as opened:
        yield opened


def talk(post: Post, said: bytes, until: bytes = b"221 Bye") -> bytes:
    """Say all of it at once; what comes back, to the end of the conversation."""
    with socket.create_connection(("127.0.0.1", post.port), timeout=20) as raw:
        raw.sendall(said + b"QUIT\r\n")
        answer = b""
        while until not in answer and (more := raw.recv(65536)):
            answer += more
    return answer


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r\n.\r",
        b"\r.\n",
        b"\n.\r",
        b"\r.\r\n",
        b"\0\r\n.\n",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
    ],
)
def test_nothing_but_crlf_dot_crlf_ends_a_message(post: Post, end: bytes) -> None:
    """Smuggling: a second message hides in a first one behind an end that another server does not take for one."""
    inner = b"MAIL FROM:<court@example.org>\r\nRCPT TO:<" + TO + b">\r\nDATA\r\nSubject: forged\r\n\r\nx"
    answer = talk(post, START + ENVELOPE + b"Subject: x\r\n\r\nhello" + end + inner + b"\r\n.\r\n")
    assert answer.count(b"Kept as") == 1
    (kept,) = post.bytes_kept()
    unstuffed = end.replace(b"\r\n.", b"\r\n")  # a line that begins with a dot loses it (RFC 5321 section 4.5.2)
    assert kept == b"Subject: x\r\n\r\nhello" + unstuffed + inner + b"\r\n"


def test_pipelined_messages_are_kept_each_and_whole(post: Post) -> None:
    answer = talk(post, START + b"".join(ENVELOPE + b"Subject: %d\r\n\r\n..\r\n...x\r\n.\r\n" % n for n in range(3)))
    assert answer.count(b"Kept as") == 3
    assert post.bytes_kept() == [b"Subject: %d\r\n\r\n.\r\n..x\r\n" % n for n in range(3)]


def test_what_was_said_before_starttls_is_forgotten(post: Post) -> None:
    """CVE-2011-0411: commands in the same packet must not count as said under TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", post.port), timeout=20) as raw:
        lines = raw.makefile("rb", buffering=0)
        raw.sendall(b"EHLO x\r\n")
        while not lines.readline().startswith(b"250 "):
            pass
        raw.sendall(b"STARTTLS\r\n" + b"EHLO evil\r\n" + ENVELOPE + b"Subject: injected\r\n\r\nx\r\n.\r\n")
        assert lines.readline().startswith(b"220")
        with context.wrap_socket(raw) as safe:
            safe.settimeout(1)
            with contextlib.suppress(TimeoutError):
                assert safe.recv(500) == b""
            safe.sendall(ENVELOPE[:30])
            safe.sendall(b"\r\n")
            assert safe.recv(500).startswith(b"503")  # a greeting is wanted anew (RFC 3207 section 4.2)
    assert post.kept() == []


@pytest.mark.parametrize(
    "to",
    [
        "dana%example.org@relay.example.org", "@relay.example.org:dana@example.org", "@a.example,@b.example:dana@example.org",
        "example.org!dana@relay.example.org", '"dana@example.org"@relay.example.org', "dana@example.org@relay.example.org",
        "rivera@relay.example.org@example.org", "rivera@relay.example.org%example.org", "dana@[127.0.0.1]", "dana@[relay.example.org]",
        "postmaster", "dana", '"rivera@relay.example.org"@example.org', "rivera@example.org", "dana@example.org\0@relay.example.org",
    ],
)  # fmt: skip
def test_nothing_is_relayed(post: Post, to: str) -> None:
    answer = talk(post, START + b"MAIL FROM:<m@example.net>\r\nRCPT TO:<" + to.encode() + b">\r\nDATA\r\nx\r\n.\r\n")
    lines = answer.splitlines()
    rcpt = next(line for line in lines[lines.index(b"250 2.1.0 OK") + 1 :])
    assert rcpt.startswith((b"550", b"553", b"501")), rcpt
    assert post.kept() == []


def test_a_route_before_our_own_address_is_dropped_and_the_message_kept(post: Post) -> None:
    """RFC 5321 section 4.1.1.3: servers may ignore source routes."""
    assert b"Kept as" in talk(
        post, START + b"MAIL FROM:<m@example.net>\r\nRCPT TO:<@a.example:" + TO + b">\r\nDATA\r\nx\r\n.\r\n"
    )
    assert post.kept()[0].envelope["rcpt_to"] == [RELAY_EMAIL]


@pytest.mark.parametrize(
    "address", [b"mark@", b"<", b"mark@\r.\r", b"@", b"a b c@", b'"', b"(", b"\xff@\xff", b"mark@x.(", b"[@]"]
)
def test_an_address_that_is_none_is_refused_for_good_and_is_no_fault(post: Post, address: bytes, caplog) -> None:
    answer = talk(post, START + b"MAIL FROM:<" + address + b">\r\n")
    assert b"451" not in answer
    assert "fault" not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        b"a..b@docomo.ne.jp",
        b"a.@docomo.ne.jp",
        b".a@x.example",
        b'"a b"@x.example',
        b"a@[192.0.2.1]",
        b"mark",
        b"bounces+1-a=b.org@x.example",
        b"",
    ],
)
def test_odd_senders_that_there_are_come_in(post: Post, address: bytes) -> None:
    assert b"Kept as" in talk(
        post, START + b"MAIL FROM:<" + address + b">\r\nRCPT TO:<" + TO + b">\r\nDATA\r\nx\r\n.\r\n"
    )


def test_no_answer_repeats_line_ends_or_controls_of_a_client(post: Post) -> None:
    answer = talk(post, START + b"250 x\rHACK\x1b[2J\0y\r\nEHL\xc3\xa9\r\n" + b"Q" * 1500 + b"\r\n")
    assert all(byte in b"\r\n" or 32 <= byte < 127 for byte in answer.replace(b"\r\n", b""))
    assert all(len(line) <= 512 for line in answer.splitlines())


def test_nobody_signs_in_here(post: Post) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with post.connect() as client:
        client.starttls(context=context)
        client.ehlo()
        assert "auth" not in client.esmtp_features
        assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] == 500


def test_a_line_without_an_end_is_not_held(post: Post) -> None:
    """Before a greeting, and in a message: what is too large is read to its end and not kept in memory."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with socket.create_connection(("127.0.0.1", post.port), timeout=60) as raw:
        raw.recv(500)
        block = b"x" * 1_000_000
        for _ in range(150):
            raw.sendall(block)
        raw.sendall(b"\r\n" + START)
        assert b"500" in raw.recv(60)
        raw.sendall(ENVELOPE)
        for _ in range(150):
            raw.sendall(block)
        raw.sendall(b"\r\n.\r\nQUIT\r\n")
        answer = b""
        while more := raw.recv(65536):
            answer += more
    assert b"552 5.3.4 Message too large; the limit is 200000 bytes" in answer
    assert post.refusals() == ["too large"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kilobytes


def test_a_message_at_the_limit_is_kept_whatever_its_dots(post: Post) -> None:
    """Stuffed dots are not its bytes."""
    body = b".\r\n" * ((LIMIT - 20) // 3)
    assert send(post, b"Subject: x\r\n\r\n" + body)[0] == 250
    assert post.bytes_kept() == [b"Subject: x\r\n\r\n" + body]


def test_a_flood_of_errors_ends_the_conversation_and_tells_to_come_again(post: Post) -> None:
    answer = talk(
        post, START + b"MAIL FROM:<a@b.example>\r\n" + b"RCPT TO:<nobody@relay.example.org>\r\n" * 300, until=b"421"
    )
    assert b"421 4.7.0 Too many errors" in answer
    assert answer.count(b"550") == MOST_ERRORS


@pytest.mark.parametrize("command", [b"NOOP\r\n", b"VRFY x\r\n", b"EHLO x\r\n", b"HELP\r\n", b"RSET\r\n"])
def test_a_flood_of_commands_ends_the_conversation(post: Post, command: bytes) -> None:
    assert b"421" in talk(post, START + command * 5100, until=b"421")


def test_who_says_nothing_or_drips_is_hung_up_on(store, blobs, directory, clock: Callable) -> None:
    loop, keeper = Loop(), Keeper(store, blobs)
    handler = Handler(directory, keeper, Refusals(store, clock), clock, limit=LIMIT)

    async def start() -> asyncio.Server:
        def conversation() -> Conversation:
            return Conversation(handler, host_name="relay.example.org", tls=None, idle_seconds=0.5)

        return await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0)

    server = loop.do(start())
    try:
        for words in (b"", b"E", START + ENVELOPE + b"Sub"):
            with socket.create_connection(server.sockets[0].getsockname(), timeout=10) as raw:
                raw.sendall(words)
                end = time.monotonic() + 8
                with contextlib.suppress(OSError):
                    while time.monotonic() < end:
                        raw.sendall(b"x")  # a drip now and then keeps nothing open
                        time.sleep(0.1)
                assert time.monotonic() < end
    finally:
        loop.loop.call_soon_threadsafe(server.close)
        keeper.close()
        loop.close()


def test_connections_of_one_address_have_an_end_and_others_come_in() -> None:
    callers = Callers(trusted=["203.0.113.0/24"])
    assert [callers.admit("192.0.2.1", 0.0) for _ in range(AT_ONCE + 1)] == [True] * AT_ONCE + [False]
    assert callers.admit("192.0.2.2", 0.0)
    callers.leave("192.0.2.1")
    assert callers.admit("192.0.2.1", 1.0)
    assert all(callers.admit(trusted, 0.0) for trusted in ("127.0.0.1", "::1", "203.0.113.9") for _ in range(IN_ALL))


def test_all_addresses_together_have_an_end() -> None:
    callers = Callers()
    assert all(callers.admit(f"10.0.{n // 250}.{n % 250}", 0.0) for n in range(IN_ALL))
    assert not callers.admit("192.0.2.1", 0.0)


def test_new_connections_of_an_address_have_an_end_in_each_minute() -> None:
    callers = Callers()
    for _ in range(A_MINUTE):
        assert callers.admit("192.0.2.1", 0.0)
        callers.leave("192.0.2.1")
    assert not callers.admit("192.0.2.1", 59.0)
    assert callers.admit("192.0.2.1", 60.0)


def test_messages_of_an_address_to_a_family_have_an_end_and_others_are_not_held_up() -> None:
    callers = Callers()
    assert all(callers.may_send("rivera", "192.0.2.1", 0.0) for _ in range(MESSAGES))
    assert not callers.may_send("rivera", "192.0.2.1", PERIOD - 1)
    assert callers.may_send("osei", "192.0.2.1", 0.0)
    assert callers.may_send("rivera", "192.0.2.2", 0.0)
    assert callers.may_send("rivera", "192.0.2.1", PERIOD)


def test_a_home_with_many_addresses_counts_as_one() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9") != network_of("2001:db8:1:3::9")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("") == ""


def test_over_the_wire_both_are_put_off_and_not_refused(store, blobs, directory, clock: Callable, monkeypatch) -> None:
    monkeypatch.setattr(Callers, "_is_trusted", lambda *_: False)
    monkeypatch.setattr("gateway.intake.callers.MESSAGES", 2)
    callers = Callers()
    loop, keeper, refusals = Loop(), Keeper(store, blobs), Refusals(store, clock)
    handler = Handler(directory, keeper, refusals, clock, limit=LIMIT, callers=callers)

    async def start() -> asyncio.Server:
        def conversation() -> Conversation:
            return Conversation(handler, host_name="relay.example.org", tls=None, idle_seconds=20, callers=callers)

        return await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", 0)

    server = loop.do(start())
    post = Post(server.sockets[0].getsockname()[1], store, blobs)
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(AT_ONCE):
                stack.enter_context(post.connect())
            with socket.create_connection(("127.0.0.1", post.port), timeout=10) as raw:
                assert raw.recv(500) == b"421 4.7.0 Too many connections; please try again later\r\n"
                assert raw.recv(500) == b""
        time.sleep(0.3)
        assert [send(post, MAIL)[0] for _ in range(2)] == [250, 250]
        with post.connect() as client:
            client.ehlo()
            client.mail(EX_EMAIL)
            assert client.rcpt(RELAY_EMAIL) == (451, b"4.7.1 Too many messages at once; please try again later")
        assert len(post.kept()) == 2
        assert post.refusals() == ["too many connections", "too many messages"]
    finally:
        loop.loop.call_soon_threadsafe(server.close)
        keeper.close()
        loop.close()


def test_tls_is_of_this_decade(tmp_path: Path) -> None:
    certificate(tmp_path)
    found = _context(tmp_path / "cert.pem")
    assert found.minimum_version == ssl.TLSVersion.TLSv1_2
    weak = ("RC4", "DES", "NULL", "EXP", "MD5", "CBC", "ADH", "AECDH", "PSK", "SRP")
    names = [cipher["name"] for cipher in found.get_ciphers()]
    assert names
    assert [name for name in names if any(one in name for one in weak)] == []
    assert all(cipher["aead"] for cipher in found.get_ciphers())
    assert all(name.startswith(("TLS_", "ECDHE-")) for name in names)


def _context(file: Path) -> ssl.SSLContext:
    class Here:
        server = type("S", (), {"tls_certificate": "x", "tls_key": None})()

        def path(self, name: str | None) -> Path | None:
            return file if name else None

    made = tls_context(Here())  # type: ignore[arg-type]
    assert made is not None
    return made
