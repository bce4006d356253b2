"""What people do on the way of a recommendation once its text is there: they decide, and the board answers."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.journeys.pictures import picture
from tests.journeys.serving import ShiftedServer
from tests.journeys.test_chain import open_stages, rewrite

# Longer than a ballot is open unless somebody says otherwise.
LONG_ENOUGH = timedelta(days=11)


def call_ballot(leader: Page, draft: str, slug: str, question: str) -> str:
    """Let the facilitator put the recommendation to all members by consent; return the address of the ballot."""
    leader.goto(f"{draft}/{slug}")
    leader.locator("#ballots a[href*='/ballots/new']").click()
    # What is decided on is chosen already: whoever comes from a recommendation means that one.
    expect(leader.locator("input[name=sections]:checked")).to_have_count(1)
    leader.fill("#question", question)
    leader.check("input[name=method][value=consent]")
    leader.check("input[name=electorate][value=members]")
    picture(leader, "calling-a-ballot")
    leader.locator("main form.form > .actions button[type=submit]").click()
    leader.wait_for_url(re.compile(r"/ballots/\d+$"))
    picture(leader, "ballot-called")
    return leader.url


def vote(member: Page, question: str, choice: str, reason: str = "") -> None:
    """Let somebody vote in the ballot that the first page shows them."""
    member.goto("/")
    picture(member, "what-awaits-a-voter")
    member.locator(".notice", has_text=question).locator("a[href*='/ballots/']").first.click()
    member.wait_for_url(re.compile(r"/ballots/\d+"))
    picture(member, "a-ballot")
    member.check(f"input[name=choice][value={choice}]")
    member.fill("#opinion", reason)
    member.locator("#vote form button[type=submit]").click()
    expect(member.locator(".notice-success").first).to_be_visible()
    picture(member, f"voted-{choice}")


def wait_for_result(page: Page, server: ShiftedServer, ballot: str, *, is_adopted: bool) -> None:
    """Let the time of a ballot pass; it is counted without anybody asking for it."""
    server.let_pass(LONG_ENOUGH)
    for _ in range(100):
        page.goto(ballot)
        if page.locator("#result").count():
            break
        page.wait_for_timeout(300)
    expect(page.locator(".ballot-head .ballot-state")).to_have_class(
        re.compile("is-adopted" if is_adopted else "is-declined")
    )
    picture(page, f"result-adopted-{is_adopted}")


def integrate(leader: Page, draft: str, slug: str, ballot: str, old: str, new: str, answer: str) -> None:
    """Let the facilitator go from an objection to its discussion, answer it there, and write it into the text."""
    leader.goto(ballot)
    leader.locator("#result a[href*='/threads/']").first.click()
    expect(leader.locator(".desk")).to_be_visible()
    picture(leader, "an-objection")
    leader.locator(".desk input[type=radio][value=taken_up]").check()
    leader.locator(".desk textarea").fill(answer)
    leader.locator(".desk button[type=submit]").click()
    expect(leader.locator("#disposition")).to_contain_text(answer)
    rewrite(leader, draft, slug, (old, new))


def run_next_round(leader: Page, ballot: str, what_changed: str) -> str:
    """Let the facilitator put the question again, on the version that was published since; return its address."""
    leader.goto(ballot)
    leader.locator("a[href$='/next-round']").click()
    expect(leader.locator("main .notice-warning")).to_have_count(0)
    leader.fill("#explanation", what_changed)
    picture(leader, "the-next-round")
    leader.locator("main form.form > .actions button[type=submit]").click()
    leader.wait_for_url(lambda url: re.search(r"/ballots/\d+$", url) is not None and url != ballot)
    return leader.url


def hand_over(leader: Page, draft: str, title: str) -> None:
    """Let the facilitator hand to the board what was adopted, and nothing else."""
    part = open_stages(leader, draft, "codecision")
    picture(leader, "handing-over")
    # All of it is chosen already: what was adopted, and where it goes.
    chosen = part.locator("input[type=checkbox]:checked")
    expect(chosen).to_have_count(1)
    assert title in chosen.evaluate("box => box.labels[0].textContent")
    expect(part.locator("input[type=radio][value=under_review]")).to_be_checked()
    part.locator("form button[type=submit]").click()
    expect(leader.locator("#stage-under_review")).to_be_visible()
    picture(leader, "handed-over")


def open_file(page: Page, title: str) -> None:
    """Open the board's file of a recommendation, from the list of what waits."""
    page.goto("/board")
    page.locator(".board-rows a", has_text=title).click()
    page.wait_for_url(re.compile("/board/.+/.+"))


def ask_group(board: Page, leader: Page, title: str, question: str, answer: str) -> None:
    """Let a board member ask the group something, and the facilitator answer, who finds it on the first page."""
    board.goto("/")
    picture(board, "what-awaits-the-board")
    open_file(board, title)
    picture(board, "the-file")
    board.locator("#questions details summary").last.click()
    board.locator("form[action$='/questions'] textarea").fill(question)
    board.locator("form[action$='/questions'] button[type=submit]").click()
    expect(board.locator("#questions .asked")).to_contain_text(question)
    leader.goto("/")
    picture(leader, "the-board-asks")
    leader.locator("main .notice a[href*='/board/']", has_text=title).click()
    leader.locator("form[action$='/answer'] textarea").fill(answer)
    leader.locator("form[action$='/answer'] button[type=submit]").click()
    expect(leader.locator("#questions .asked")).to_contain_text(answer)


def propose_answer(board: Page, title: str, reasons: str) -> None:
    """Let a board member propose to accept the recommendation in part, and sign that."""
    open_file(board, title)
    board.check("input[name=answer][value=partly]")
    board.fill("#reasons", reasons)
    board.locator("form[action$='/response'] button[type=submit]").click()
    expect(board.locator("#proposal")).to_contain_text(reasons)
    board.locator("form[action$='/sign'] button").click()
    expect(board.locator("form[action$='/unsign'] button")).to_be_visible()
    expect(board.locator("a[href$='/publish']")).to_have_count(0)
    picture(board, "proposed-and-signed")


def sign_and_publish(other: Page, title: str) -> None:
    """Let a second board member sign the proposed answer and publish it."""
    open_file(other, title)
    other.locator("form[action$='/sign'] button").click()
    other.locator("a[href$='/publish']").click()
    other.wait_for_url(re.compile("/publish$"))
    picture(other, "publishing-the-answer")
    other.locator("main form.form button[type=submit], main form button[type=submit]").last.click()
    expect(other.locator("#answer .board-answer.is-partly").first).to_be_visible()
    picture(other, "answered")


def commit(board: Page, what: str, person: str, due_on: str) -> str:
    """Let a board member commit to something on the file that is open; return the address of the commitment."""
    board.locator("a[href$='/commitments/new']").click()
    board.fill("#what", what)
    board.fill("#person", person)
    board.fill("#due_on", due_on)
    picture(board, "committing")
    board.locator("main form.form > .actions button[type=submit]").click()
    board.wait_for_url(re.compile(r"/commitments/\d+"))
    expect(board.locator("h1")).to_contain_text(what)
    picture(board, "committed")
    return board.url.partition("#")[0]


def report(page: Page, commitment: str, text: str) -> None:
    """Say how far a commitment is."""
    page.goto(commitment)
    page.check("#report input[value=under_way]")
    page.locator("#report textarea").first.fill(text)
    page.locator("#report button[type=submit]").click()
    expect(page.locator("#progress")).to_contain_text(text)
    picture(page, "reported")
