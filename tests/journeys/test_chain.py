"""From a first remark to the final text: it stays on its passage from version to version, and the text tells of it."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browsers import PHONE, change_words, look_at, save
from tests.journeys.test_keyboard import STEADY
from tests.journeys.threads import PANEL, note_of, open_text, send_comment, words_of

pytestmark = pytest.mark.browser

LENDING = (
    "Tout membre peut emprunter un outil. Un carnet dit qui a quoi, et depuis quand. La caution est de dix euros.\n\n"
    "Les outils cassés se réparent ensemble, le premier samedi du mois."
)
EVENINGS = "L’atelier ouvre trois soirs par semaine. On y vient avec son projet."
ASKED = "Tout membre peut emprunter un outil."
PASSAGE = "Un carnet dit qui a quoi, et depuis quand."
REMARK = "Un carnet de papier se perd : pourquoi pas une page en ligne ?"
PROPOSED = "Une page en ligne dit qui a quoi, et depuis quand."
WHY = "Chacun·e pourra la lire de chez soi."
PARTLY = "Nous cherchons comment le dire : proposez-nous vos mots."
ACCEPTED = "Oui, c’est plus sûr."

# Selects words of a paragraph, as a finger held on them does; links to discussions stand between them.
HOLD = """(paragraph, words) => {
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode())
    if (!walker.currentNode.parentElement.closest("[data-not-text]")) nodes.push(walker.currentNode);
  const start = nodes.map(node => node.data).join("").indexOf(words);
  const range = document.createRange();
  let before = 0;
  for (const node of nodes) {
    const [first, last] = [start - before, start + words.length - before];
    if (first >= 0 && first < node.length) range.setStart(node, first);
    if (last > 0 && last <= node.length) range.setEnd(node, last);
    before += node.length;
  }
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def begin_document(page: Page, title: str) -> str:
    """Let a facilitator begin a document from the page of her group, and return its address."""
    page.goto("/groups/rennes")
    page.locator("main a[href*='/drafts/new']").first.click()
    page.fill("#title", title)
    for box in page.locator("input[name=groups]").all():
        box.set_checked("Rennes" in box.evaluate("box => box.labels[0].textContent"))
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/drafts/[^/]+/live"))
    return page.url.partition("/live")[0].partition("//")[2].partition("/")[2]


def add_recommendation(page: Page, draft: str, title: str, text: str) -> str:
    """Add a recommendation with its text, and return the last part of its address."""
    page.goto(f"{draft}/live/add")
    page.fill("#title", title)
    page.locator("input[name=kind][value=recommendation]").check()
    page.locator("main form.form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/live/[^/]+/edit"))
    slug = page.url.rsplit("/", 2)[1]
    page.fill("#text", text)
    save(page)
    expect(page.locator(".at-section .notice-success")).to_be_visible()
    return slug


def rewrite(page: Page, draft: str, slug: str, *changes: tuple[str, str]) -> None:
    """Change words of a section in its form."""
    page.goto(f"{draft}/live/{slug}/edit")
    for old, new in changes:
        change_words(page, old, new)
    save(page)
    expect(page.locator(".at-section .notice-success")).to_be_visible()


def publish(page: Page, draft: str, label: str) -> int:
    """Freeze the text as it is and publish it; return the number of that version."""
    page.goto(f"{draft}/freeze")
    page.fill("#label", label)
    page.click("main form.form button[type=submit]")
    page.wait_for_url(re.compile(r"/versions/\d+$"))
    number = int(page.url.rpartition("/")[2])
    page.click("form[action$='/publish'] button")
    page.wait_for_url(re.compile(f"{draft}$"))
    expect(page.locator(".which-text").first).to_contain_text(str(number))
    return number


def open_stages(page: Page, draft: str, stage: str) -> Locator:
    """Go from the text to the page of its stages, and unfold how recommendations leave one of them."""
    page.goto(draft)
    page.locator(".stage-way a[href$='/workflow']").click()
    page.wait_for_url(re.compile("/workflow$"))
    return unfold(page, stage)


def unfold(page: Page, stage: str) -> Locator:
    """Unfold how recommendations leave a stage; return the part of the page about that stage."""
    part = page.locator(".workflow-stage", has=page.locator(f"#stage-{stage}"))
    if part.locator("details:not([open]) > summary").count():
        part.locator("summary").click()
    return part


def move_on(page: Page, draft: str, before: str, after: str) -> None:
    """Move all recommendations that stand at one stage to the next."""
    part = open_stages(page, draft, before)
    expect(part.locator(".stage-waits")).to_have_count(0)
    expect(part.locator(f"input[type=radio][value={after}]")).to_be_checked()
    part.locator("form button[type=submit]").click()
    expect(page.locator(".notice-success")).to_be_visible()
    expect(page.locator(f"#stage-{after}")).to_be_visible()
    expect(page.locator(f"#stage-{before}")).to_have_count(0)


def dispose(page: Page, what: str, reason: str) -> None:
    """Say for the group what becomes of the thread whose page is open."""
    page.locator(f".desk input[type=radio][value={what}]").check()
    page.locator(".desk textarea").fill(reason)
    page.locator(".desk button[type=submit]").click()
    expect(page.locator("#disposition")).to_contain_text(reason)


def open_marked(page: Page, draft: str) -> None:
    """Open the published text, and return when its discussion was asked for."""
    with page.expect_response(re.compile("/discussion/marks")):
        open_text(page, draft)


def touch(page: Page, draft: str, words: str) -> Locator:
    """Hold a finger on words of the published text; return the tools that appear."""
    open_marked(page, draft)
    paragraph = page.locator(".doc-section p", has_text=words).first
    paragraph.scroll_into_view_if_needed()
    paragraph.evaluate(HOLD, words)
    tools = page.locator(".passage-tools")
    expect(tools).to_be_visible()
    return tools


def ask(page: Page, draft: str, words: str, text: str) -> int:
    """Ask something about words of the published text, with a finger; return the number of the thread."""
    touch(page, draft, words).locator("[data-comment-passage]").tap()
    panel = page.locator(PANEL)
    # At the stage of information there is nothing else to choose.
    expect(panel.locator("input[type=radio]")).to_have_count(0)
    panel.locator("textarea").fill(text)
    panel.locator(".compose button[type=submit]").tap()
    expect(panel.locator("article.thread")).to_contain_text(text)
    return int(panel.locator("article.thread").get_attribute("data-thread") or 0)


def comment(page: Page, draft: str, words: str, text: str) -> int:
    """Make a remark on words of the published text, with a finger; return the number of the thread."""
    touch(page, draft, words).locator("[data-comment-passage]").tap()
    expect(page.locator(f"{PANEL} textarea")).to_be_visible()
    thread = send_comment(page, text)
    assert marked(page, thread) == words
    return thread


def marked(page: Page, thread: int) -> str:
    """Return the words of the text on which a thread is."""
    expect(note_of(page, thread)).to_be_attached()
    return words_of(page.locator(f"mark[data-threads~='{thread}']"))


def test_a_remark_from_a_phone_ends_in_the_final_text_which_tells_of_it(sign_in):
    leader, member = sign_in("facilitator", **STEADY), sign_in("member", **PHONE, **STEADY)
    draft = "/" + begin_document(leader, "Prêter nos outils")
    lending = add_recommendation(leader, draft, "Des outils qui se prêtent", LENDING)
    evenings = add_recommendation(leader, draft, "Des soirées ouvertes", EVENINGS)
    assert publish(leader, draft, "Premier état") == 1

    _a_question_holds_the_consultation_back(leader, member, draft)
    thread = _the_remark_stays_on_its_passage(leader, member, draft, lending, evenings)
    _the_group_hears_it(leader, draft, thread)
    amendment = _it_becomes_an_amendment(leader, member, draft, thread)
    number = publish(leader, draft, "Texte final")
    assert number == 5
    _the_text_tells_where_it_comes_from(member, draft, number, thread, amendment)
    _all_of_it_stands_in_one_table(member, draft, thread, amendment)


def _a_question_holds_the_consultation_back(leader: Page, member: Page, draft: str) -> None:
    question = ask(member, draft, ASKED, "Aussi un outil que l’on apporte soi-même ?")
    part = open_stages(leader, draft, "information")
    waiting = part.locator(".stage-waits a")
    expect(waiting).to_contain_text("1")
    part.locator("form button[type=submit]").click()
    expect(leader.locator(".error-summary")).to_be_focused()
    expect(leader.locator("#stage-information")).to_be_visible()
    waiting.click()
    leader.locator(f"#thread-{question} .thread-foot a").click()
    dispose(leader, "answered", "Oui, s’il porte le nom de qui l’apporte.")
    move_on(leader, draft, "information", "consultation")


def _the_remark_stays_on_its_passage(leader: Page, member: Page, draft: str, lending: str, evenings: str) -> int:
    thread = comment(member, draft, PASSAGE, REMARK)
    shorter = ("La caution est de dix euros.", "Elle n’est plus demandée."), ("Tout membre", "Bonjour.\n\nTout membre")
    changes = [
        # Elsewhere; just before it, with words of its own; just behind it, and with a new paragraph above.
        (evenings, ("trois soirs", "quatre soirs")),
        (lending, ("peut emprunter un outil.", "peut emprunter un outil, et dit depuis quand il l’a.")),
        (lending, *shorter),
    ]
    for number, (slug, *words) in enumerate(changes, start=2):
        rewrite(leader, draft, slug, *words)
        assert publish(leader, draft, f"Version {number}") == number
        open_marked(member, draft)
        expect(member.locator(".which-text").first).to_contain_text(str(number))
        assert marked(member, thread) == PASSAGE
    member.goto(f"/threads/{thread}")
    expect(member.locator(".thread-passage .passage")).to_have_text([PASSAGE])
    expect(member.locator(".place-mark")).to_have_count(0)
    return thread


def _the_group_hears_it(leader: Page, draft: str, thread: int) -> None:
    part = open_stages(leader, draft, "consultation")
    part.locator(".stage-waits a").click()
    leader.locator(f"#thread-{thread} .thread-foot a").click()
    expect(leader.locator(".thread-passage .passage")).to_have_text(PASSAGE)
    dispose(leader, "partly", PARTLY)
    move_on(leader, draft, "consultation", "concertation")


def _it_becomes_an_amendment(leader: Page, member: Page, draft: str, thread: int) -> int:
    open_text(member, draft)
    member.locator(f"mark[data-threads='{thread}']").first.tap()
    panel = member.locator(PANEL)
    expect(panel).to_contain_text(PARTLY)
    panel.locator(f"a[href*='/amendments/new?thread={thread}']").tap()
    expect(member.locator(".about-passage .passage")).to_have_text(PASSAGE)
    assert member.locator("#proposed").input_value() == PASSAGE
    member.fill("#proposed", PROPOSED)
    member.fill("#reason", WHY)
    member.locator(".form > .actions button[type=submit]").tap()
    member.wait_for_url(re.compile(r"/amendments/\d+$"))
    amendment = int(member.url.rpartition("/")[2])

    part = open_stages(leader, draft, "concertation")
    # The amendment waits: the next stage is what the form offers, and what it still lacks stands above it.
    expect(part.locator("input[type=radio]:checked")).to_have_value("codecision")
    expect(part.locator(".stage-waits")).to_have_count(1)
    leader.goto(f"{draft}/amendments")
    leader.locator(f"#amendment-{amendment}-title a").click()
    leader.locator(f"a[href='/amendments/{amendment}/answer?as=accept']").click()
    leader.fill("#reason", ACCEPTED)
    leader.locator(".form > .actions button[type=submit]").click()
    expect(leader.locator("#answer")).to_contain_text(ACCEPTED)
    return amendment


def _the_text_tells_where_it_comes_from(member: Page, draft: str, number: int, thread: int, amendment: int) -> None:
    tools = touch(member, draft, PROPOSED)
    tools.locator(f"a[href*='/versions/{number}/origins']").tap()
    expect(member.locator("main .passage").first).to_have_text(PROPOSED)
    # Who proposed it has a share in its words, beside who wrote the rest.
    expect(member.locator(".person-name")).to_have_text(["Maëlle Kerdoncuff", "Tomasz Nowak"])
    step = member.locator(f".chain-step[aria-labelledby=step-{number}]")
    expect(step.locator("ins")).to_contain_text("Une page en ligne")
    line = step.locator("li", has=member.locator(f"a[href='/amendments/{amendment}']"))
    expect(line).to_contain_text("Tomasz Nowak")
    expect(line).to_contain_text(ACCEPTED)
    first = step.locator("li", has=member.locator(f"a[href='/threads/{thread}']"))
    expect(first).to_contain_text("Tomasz Nowak")
    expect(first).to_contain_text(REMARK)
    expect(member.locator(".chain-step[aria-labelledby=step-1]")).to_contain_text(PASSAGE)

    first.locator("a").tap()
    expect(member.locator("#disposition")).to_contain_text(PARTLY)
    expect(member.locator(".then-now .passage")).to_have_text([PASSAGE, PROPOSED])
    proposed = member.locator(".thread-amendments li", has=member.locator(f"a[href='/amendments/{amendment}']"))
    expect(proposed).to_contain_text(re.compile("Pris en compte|Taken up"))
    # The paragraph itself leads there, too.
    member.locator(".thread-passage a", has_text=re.compile("section")).tap()
    beside = member.locator(".document p", has_text=PROPOSED).locator(".beside-origins")
    beside.tap()
    expect(member.locator(f".chain a[href='/amendments/{amendment}']")).to_be_visible()


def _all_of_it_stands_in_one_table(member: Page, draft: str, thread: int, amendment: int) -> None:
    member.goto(f"{draft}/discussion")
    member.locator(f"main a[href='{draft}/contributions']").tap()
    rows = member.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has=member.locator(f"a[href='/threads/{thread}']"))).to_contain_text(PARTLY)
    expect(rows.filter(has=member.locator(f"a[href='/amendments/{amendment}']"))).to_contain_text(ACCEPTED)
    with member.expect_download() as download:
        member.locator("main a[href*='contributions.csv']").tap()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    lines = [" ".join(row) for row in csv.reader(io.StringIO(text))]
    for mine in ((REMARK, PARTLY), (PROPOSED, ACCEPTED)):
        assert any(all(words in line for words in mine) and "Tomasz Nowak" in line for line in lines), text


def test_axe_finds_nothing_where_stages_are_moved(open_context, sign_in):
    troubles = {}

    def look(state: str, page: Page) -> None:
        if found := look_at(page):
            troubles[state] = found

    visitor = open_context(bypass_csp=True).new_page()
    visitor.goto("/drafts/information-et-gouvernance/workflow")
    look("visitor", visitor)
    expect(visitor.locator("form textarea")).to_have_count(0)
    leader = sign_in("steering", bypass_csp=True, **STEADY)
    for slug, stage in (("antennes-vivantes", "information"), ("protections-communes", "consultation")):
        part = open_stages(leader, f"/drafts/{slug}", stage)
        look(slug, leader)
    for box in part.locator("input[type=checkbox]").all():
        box.uncheck()
    part.locator("input[type=text], input[type=date]").first.fill("2020-01-01")
    part.locator("form button[type=submit]").click()
    expect(leader.locator(".error-summary")).to_be_focused()
    look("errors", leader)
    assert troubles == {}
