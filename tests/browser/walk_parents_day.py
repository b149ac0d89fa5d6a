"""A parent's day: a passage sorted, an original read, a heated answer thought over, a record handed to the lawyer."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from gateway.cli import app
from gateway.demo.sample import EX_EMAIL, LAWYER_EMAIL, Sample
from gateway.sorting.rows import UNDO
from tests.browser.conftest import LONG, Person, Somebody, come
from tests.e2e.test_replies import SECRETS, to_the_ex
from tests.e2e.world import World, wait_until
from tests.web.test_unsorted import HELD, INHALER, forward
from tests.web.test_vault import CRUEL, FACT, number_of, shift

ASKED = Sample("asked", "email", "Is pickup at 6 on Friday fine with you? Please let me know by Friday.\n", "Friday")
HEATED = "You are pathetic and you always lie. I am home alone all evening. Six is fine."
CALM = "Six is fine."


def test_a_held_passage_is_sorted_with_one_tap_and_comes(world: World, dana: Person) -> None:
    come(world, INHALER)
    dana.go("/")
    assert "cough" not in dana.page.content()
    dana.press("1 passage could not be sorted for sure.")
    assert HELD not in dana.read()
    dana.page.get_by_text("Show the words").click()
    assert HELD in dana.read()
    dana.press("About the children")
    assert "It comes as a card after 5 minutes." in dana.read()
    assert dana.page.get_by_role("button", name="Take it back").is_visible()
    before = len(world.mails())
    forward(world, UNDO)
    wait_until(lambda: len(world.mails()) > before, LONG)
    assert HELD in " ".join(world.mails()[-1].get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    dana.go("/")
    assert HELD in dana.read()
    assert "could not be sorted" not in dana.read()


def test_an_original_is_asked_for_waited_for_found_and_closed(world: World, dana: Person) -> None:
    come(world, FACT, CRUEL)
    dana.press("Vault")
    assert not [w for w in ("pathetic", "dentist", "put up") if w in dana.page.content()]
    assert "2 messages." in dana.read()
    dana.fill("Find words", "pathetic")
    dana.press("Find")
    assert "Found in 2 messages." in dana.read()
    assert "pathetic" not in dana.read()
    assert "pathetic" not in dana.page.url
    dana.fill("Find words", '"put up with you"')
    dana.press("Find")
    assert "Found in 1 message." in dana.read()
    with dana.page.expect_navigation():
        dana.page.locator("tbody a").click()
    assert dana.page.url.endswith(f"/vault/{number_of(world, 'withheld')}")
    dana.page.get_by_text("I need it now").click()
    dana.page.get_by_label("My safety or that of the children").check()
    dana.press("Open it now")
    assert dana.original() == CRUEL.text
    dana.press("Close it")
    assert "put up with" not in dana.page.content()
    number = number_of(world, "facts")
    dana.go(f"/vault/{number}")
    dana.press("Ask for the original")
    assert "It can be opened from" in dana.read()
    dana.go(f"/vault/{number}/original")
    assert dana.page.url.endswith(f"/vault/{number}"), "not before its time"
    shift(world, 11)
    dana.press("Look again")
    dana.press("Read the original")
    marked = " ".join(dana.page.locator("blockquote mark").all_inner_texts())
    assert "dentist appointment is Tuesday at 3:30" in marked
    assert "pathetic" not in marked
    shift(world, 61)
    dana.page.reload()
    assert dana.page.url.endswith(f"/vault/{number}"), "it closes by itself"
    kinds = [e.kind for e in world.log() if e.kind.startswith("original")]
    assert sorted(kinds) == ["original asked"] * 2 + ["original opened"] * 2


def test_a_heated_answer_is_thought_over_and_sent(world: World, dana: Person) -> None:
    come(world, ASKED)
    dana.go("/")
    dana.page.get_by_text("Answer here").click()
    dana.fill("Your words to Mark", HEATED)
    dana.press("Look it over")
    hints = dana.page.locator(".hints").inner_text()
    assert "home alone" in hints
    assert dana.page.get_by_label("Your words to Mark").input_value().strip() == HEATED
    assert dana.page.get_by_role("button", name="Send it as it is").is_visible(), "the parent decides"
    assert to_the_ex(world) == []
    dana.fill("Your words to Mark", CALM)
    dana.press("Look it over")
    assert "Nothing stands out." in dana.read()
    dana.press("Send")
    wait_until(lambda: len(to_the_ex(world)) == 1, LONG)
    dana.page.reload()
    world.settle(LONG)
    (mail,) = world.mails(EX_EMAIL)
    assert mail.get_body(("plain",)).get_content().strip() == CALM  # type: ignore[union-attr]
    raw = to_the_ex(world)[0]
    assert not [
        secret for secret in (*SECRETS, "pathetic", "127.0.0.1", "/questions/") if secret.lower() in raw.lower()
    ]
    dana.go("/")
    assert "Nothing waits for an answer." in dana.read()


def verified(file: Path, fingerprint: str) -> int:
    return CliRunner().invoke(app, ["verify", str(file), "--key", fingerprint]).exit_code


def fetched(one: Person, words: str, to: Path) -> bytes:
    with one.page.expect_download() as waiting:
        one.page.get_by_text(words).click()
    waiting.value.save_as(to)
    return to.read_bytes()


def test_a_record_is_made_checked_and_fetched_by_the_lawyer(
    world: World, dana: Person, somebody: Somebody, tmp_path: Path
) -> None:
    come(world, FACT, CRUEL)
    dana.press("Record")
    dana.press("Make a record")
    dana.press("Make it")
    dana.page.get_by_text("Download (").wait_for()  # the page looks again by itself
    assert "nothing failed" in dana.read()
    fingerprint = dana.page.locator("dd.hash").first.inner_text()
    first = fetched(dana, "Download (", tmp_path / "hers.zip")
    assert verified(tmp_path / "hers.zip", fingerprint) == 0
    dana.fill("To whom", "Ms Okafor")
    dana.press("Make a link for seven days")
    dana.page.reload()
    world.settle(LONG)
    assert not world.mails(EX_EMAIL)
    (mail,) = [m for m in world.mails(LAWYER_EMAIL) if "/bundle/" in m.get_content()]
    assert fingerprint not in mail.get_content()
    lawyer = somebody(dana.url)
    link = next(word for word in mail.get_content().split() if "/bundle/" in word)
    lawyer.go(link.removeprefix(dana.url))
    assert lawyer.page.get_by_role("navigation").count() == 0
    assert fetched(lawyer, "Download", tmp_path / "his.zip") == first
    assert verified(tmp_path / "his.zip", fingerprint) == 0
    dana.page.reload()
    assert dana.page.locator("tbody td").last.inner_text() not in ("", "not yet")
    dana.press("End all links")
    assert lawyer.page.goto(link).status == 404  # type: ignore[union-attr]
