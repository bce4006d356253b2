"""What people do on the way of a recommendation, from the document that comes in to the text that is decided on."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from sip import paths
from tests.documents import SAMPLES, made
from tests.journeys.browsers import Site
from tests.journeys.pictures import picture
from tests.journeys.test_chain import dispose, open_stages, touch
from tests.journeys.test_people import link_for
from tests.journeys.threads import PANEL
from tests.journeys.writing import done, press_write, state_is, type_behind


@dataclass(frozen=True)
class Document:
    """A document that comes in, and words of the recommendation that is followed: each stands once in its text."""

    file: Path
    recommendation: str  # words of its title
    asked: str
    remarked: str  # by a guest
    passage: str  # commented on by a member, then amended
    proposed: str
    doubted: str  # what somebody would rather do without
    written: str  # behind which two write at once


REAL = Document(
    SAMPLES / "entreprise-partagee.md",
    recommendation="autonomie locale des antennes",
    asked="Une animation locale plus autonome permet également de tester des choses",
    remarked="une plus grande autonomie locale permettrait de répondre plus précisément aux besoins",
    passage="La taille du territoire couvert par Smart ne permet pas toujours ce sentiment de proximité.",
    proposed="Sur un territoire aussi grand, ce sentiment de proximité ne vient pas tout seul.",
    doubted="en utilisant des méthodes participatives comme des mini-Smart in Progress locaux",
    written="collaborer régulièrement",
)
_FRONT, _MARKS, _REFERENCES = (
    re.compile(r"\A---.*?\n---\n", re.DOTALL),
    re.compile(r" \{#.*?\}"),
    re.compile(r"\[\[.*?\]\]"),
)


def document(folder: Path) -> Document:
    """Return the real document where it is there; else the first version of a demo document, as an office file."""
    if REAL.file.exists():
        return REAL
    text = (paths.DEMO_DRAFTS / "2026" / "information-et-gouvernance" / "1.md").read_text(encoding="utf-8")
    title = "# Information et gouvernance\n\n"
    for pattern, instead in ((_FRONT, title), (_MARKS, ""), (_REFERENCES, "une autre recommandation")):
        text = pattern.sub(instead, text)
    file = folder / "information-et-gouvernance.docx"
    file.write_bytes(made("docx", text))
    return Document(
        file,
        recommendation="comptes rendus du conseil",
        asked="Le conseil d’administration se réunit neuf fois par an.",
        remarked="c’est une information que personne ne songe à chercher",
        passage="L’an dernier, sept personnes l’ont fait.",
        proposed="L’an dernier, sept personnes seulement l’ont fait.",
        doubted="Il faudrait fixer un nombre de signatures",
        written="par courrier au siège",
    )


def invite(leader: Page, newcomer: Page, site: Site, address: str, name: str) -> None:
    """Let the facilitator invite somebody who has no account yet; they follow the letter and join the group."""
    leader.goto("/groups/rennes")
    leader.locator("main a[href='/groups/rennes/members']").first.click()
    leader.fill("#email", address)
    leader.fill("#name", name)
    leader.locator("form[action$='/invite'] button[type=submit]").click()
    expect(leader.locator(".notice-success")).to_contain_text(address)
    newcomer.goto(link_for(site, address, "/invitation/"))
    newcomer.locator("main form button[type=submit]").click()
    newcomer.wait_for_url(site.address + "/")
    picture(newcomer, "invited")
    newcomer.locator("main a[href='/groups/rennes']").first.click()
    newcomer.locator("form[action$='/invitation/accept'] button").click()
    expect(newcomer.locator(".notice-success")).to_be_visible()
    picture(newcomer, "welcome-in-the-group")


def bring_in(leader: Page, source: Document, title: str) -> tuple[str, str]:
    """Import the document; return its address, and the last part of that of the recommendation that is followed."""
    leader.goto("/groups/rennes")
    leader.goto("/drafts")
    leader.click("main a[href='/drafts/import?theme=2']")
    leader.set_input_files("#file", source.file)
    leader.click("main form.form button[type=submit]")
    expect(leader.locator(".found-sections > li").nth(3)).to_be_visible()
    leader.fill("#title", title)
    # Where its title does not say that it is a recommendation, whoever brings it in does.
    for box in leader.locator("[id^='title-']").all():
        if source.recommendation in box.input_value():
            leader.select_option(f"#{box.get_attribute('name')}".replace("title", "kind"), "recommendation")
    picture(leader, "what-was-found")
    leader.click("main form.form .actions button[type=submit]")
    leader.wait_for_url(re.compile("/live$"))
    followed = leader.locator(".live-section", has=leader.locator("h2", has_text=source.recommendation))
    slug = followed.get_attribute("data-slug") or ""
    picture(leader, "the-text-to-be-written")
    return leader.url.removesuffix("/live").partition("//")[2].partition("/")[2], slug


def write_together(leader: Page, newcomer: Page, draft: str, slug: str, words: str) -> None:
    """Let two write in one paragraph at once, and see each other’s words."""
    for page in (leader, newcomer):
        page.goto(f"{draft}/live")
    here, there = press_write(leader, slug), press_write(newcomer, slug)
    type_behind(here, words, " (à deux")
    expect(there).to_contain_text("à deux")
    type_behind(there, "à deux", " voix)")
    expect(here).to_contain_text("(à deux voix)")
    picture(leader, "written-together", is_screen=True)
    for page in (leader, newcomer):
        state_is(page, "saved")
        done(page)


def move(page: Page, draft: str, before: str, after: str) -> None:
    """Move all recommendations of one stage to the next, which is chosen already since all is done."""
    part = open_stages(page, draft, before)
    expect(part.locator(".stage-waits")).to_have_count(0)
    expect(part.locator(f"input[type=radio][value={after}]")).to_be_checked()
    picture(page, f"ready-for-{after}")
    part.locator("form button[type=submit]").click()
    expect(page.locator(f"#stage-{after}")).to_be_visible()
    picture(page, f"moved-to-{after}")


def ask(member: Page, draft: str, words: str, text: str) -> None:
    """Let a member ask something about words of the text, on the phone."""
    touch(member, draft, words).locator("[data-comment-passage]").tap()
    panel = member.locator(PANEL)
    panel.locator("textarea").fill(text)
    picture(member, "asking", is_screen=True)
    panel.locator(".compose button[type=submit]").tap()
    expect(panel.locator("article.thread")).to_contain_text(text)


def answer_all(leader: Page, draft: str, stage: str, answers: list[tuple[str, str, str]]) -> None:
    """Let the group answer what waits for it before the stage ends: (words of it, disposition, reason)."""
    part = open_stages(leader, draft, stage)
    picture(leader, f"what-waits-at-{stage}")
    for text, disposition, reason in answers:
        part.locator(".stage-waits a").click()
        leader.locator(".thread-card", has_text=text).locator(".thread-foot a").click()
        dispose(leader, disposition, reason)
        picture(leader, "answered")
        part = open_stages(leader, draft, stage)
    expect(part.locator(".stage-waits")).to_have_count(0)


def comment_as_guest(guest: Page, moderator: Page, site: Site, draft: str, words: str, text: str) -> None:
    """Let somebody without an account say something, confirm it by the letter, and be let through."""
    touch(guest, draft, words).locator("[data-comment-passage]").tap()
    panel = guest.locator(PANEL)
    panel.locator("input[value=for]").check()
    panel.locator("textarea").fill(text)
    panel.locator("[name=name]").fill("Une voisine")
    panel.locator("[name=email]").fill("voisine@exemple.example")
    picture(guest, "commenting-as-a-guest", is_screen=True)
    panel.locator(".compose button[type=submit]").tap()
    expect(panel).to_contain_text("voisine@exemple.example")
    guest.goto(link_for(site, "voisine@exemple.example", "/guests/"))
    guest.locator("main form button[type=submit]").tap()
    expect(guest.locator("main form")).to_have_count(0)
    picture(guest, "confirmed")
    moderator.goto("/")
    moderator.locator("main a[href='/moderation']").first.click()
    waiting = moderator.locator(".waiting", has_text=text)
    waiting.locator("form[action$='/let-through'] button").click()
    expect(waiting).to_have_count(0)


def amend(member: Page, number: int, passage: str, proposed: str, reason: str) -> int:
    """Let a member make an amendment of the remark that they made; return its number."""
    panel = member.locator(PANEL)
    member.locator(f"mark[data-threads='{number}']").first.tap()
    panel.locator(f"a[href*='/amendments/new?thread={number}']").tap()
    expect(member.locator("#proposed")).to_have_value(passage)
    return _propose(member, proposed, reason)


def amend_words(member: Page, draft: str, words: str, proposed: str, reason: str) -> int:
    """Let a member propose other words for some of the text; return the number of the amendment."""
    touch(member, draft, words).locator("a[href*='/amendments/new']").tap()
    return _propose(member, proposed, reason)


def _propose(member: Page, proposed: str, reason: str) -> int:
    member.fill("#proposed", proposed)
    member.fill("#reason", reason)
    # What would change comes above the button, which stays in its place after.
    expect(member.locator("#preview ins").first).to_be_visible()
    picture(member, "amending")
    member.locator(".form > .actions button[type=submit]").tap()
    member.wait_for_url(re.compile(r"/amendments/\d+$"))
    picture(member, "amended")
    return int(member.url.rpartition("/")[2])


def answer_amendment(leader: Page, draft: str, number: int, answer: str, reason: str) -> None:
    """Let the group take an amendment up as it is, or decline it."""
    part = open_stages(leader, draft, "concertation")
    part.locator(".stage-waits a").click()
    leader.locator(f"#amendment-{number}-title a").click()
    leader.locator(f"a[href='/amendments/{number}/answer?as={answer}']").click()
    leader.fill("#reason", reason)
    leader.locator(".form > .actions button[type=submit]").click()
    expect(leader.locator("#answer")).to_contain_text(reason)
    picture(leader, f"amendment-{answer}")
