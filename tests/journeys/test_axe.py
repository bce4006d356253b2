"""axe finds nothing on any page, in both themes, on a phone and on a desk; no page scrolls sideways."""

from pathlib import Path

import pytest

from sip.app import create_app
from sip.config import Settings
from tests.journeys.browsers import look_at

pytestmark = pytest.mark.browser

DRAFT = "/drafts/information-et-gouvernance"
ASKING = "/drafts/protections-communes"  # where guests may comment
VOTING = "/drafts/lieux-partages"  # in codecision
STUDIED = "/board/se-deplacer"  # files of the board without an answer
ANSWERED = "/board/apprendre-et-transmettre"
BOARD, ETHICS = "/bodies/conseil-d-administration", "/bodies/comite-d-ethique"
PAGES = {
    None: [
        "/", "/cycles", "/cycles/2026", "/cycles/2026/history", "/cycles/2026/themes/comprendre", "/groups",
        "/groups?theme=2026/comprendre", "/groups/rennes", "/drafts", "/drafts?cycle=2026", "/drafts?theme=none", DRAFT,
        f"{DRAFT}/accueil", f"{DRAFT}/introduction", f"{DRAFT}/versions", f"{DRAFT}/versions/2",
        f"{DRAFT}/versions/2..3", f"{DRAFT}/versions/2..3?view=side", f"{DRAFT}/versions/compare?old=2&new=2",
        "/help/rights", "/help/words", "/design", "/design?errors=1", "/sign-in", "/sign-in/link", "/reset-password",
        "/link/over", "/reset-password/over", "/invitation/over", "/nowhere",
        f"{DRAFT}/publier-les-decisions", f"{DRAFT}/discussion", f"{DRAFT}/discussion?disposition=none",
        f"{DRAFT}/discussion?q=xyzzy", "/drafts/antennes-vivantes/discussion", f"{ASKING}/discussion/choose",
        f"{ASKING}/discussion/new?key=c9x1gl4uok&start=0&end=120", f"{ASKING}/payer-a-temps", "/threads/1",
        "/threads/2", "/comments/1/revisions", "/guests/over",
        f"{DRAFT}/contributions", f"{DRAFT}/contributions?q=xyzzy", f"{ASKING}/contributions?kind=thread",
        f"{DRAFT}/versions/3/origins?key=p4d8w1n6rt&start=0&end=120", f"{DRAFT}/versions/3/origins?key=p4d8w1n6rt",
        f"{DRAFT}/workflow", f"{DRAFT}/amendments", "/drafts/antennes-vivantes/amendments", "/amendments/1",
        f"{DRAFT}/ballots", f"{VOTING}/ballots", "/ballots/1", "/ballots/1/opinions", "/ballots/3", "/ballots/4",
        f"{VOTING}/cles", f"{VOTING}/workflow", "/board", "/board?show=answered", f"{STUDIED}/velos",
        f"{ANSWERED}/essayer-un-metier", f"{ANSWERED}/outilotheque/responses/1", "/commitments", "/commitments?q=xyzzy",
        "/commitments/1", "/cycles/2025/outcomes", "/cycles/2026/outcomes", "/bodies", BOARD, "/meetings",
        "/meetings?view=past", "/meetings/2", "/record", "/record?draft=lieux-partages",
    ],
    "member": [
        "/", "/groups/rennes", "/groups/rennes/history", DRAFT, "/people", f"{DRAFT}/publier-les-decisions",
        f"{DRAFT}/discussion/choose?version=3&key=p4d8w1n6rt", f"{DRAFT}/discussion/choose?key=p4d8w1n6rt&choose=yes",
        f"{DRAFT}/discussion/new?version=3&key=p4d8w1n6rt", "/threads/7", "/threads/7?reply_to=10",
        "/comments/1/report", "/comments/1/edit", "/amendments/2", f"{DRAFT}/amendments/choose",
        f"{DRAFT}/amendments/new?version=3&key=p4d8w1n6rt&start=0&end=120",
        "/ballots/1/votes", "/ballots/3/votes", "/ballots/5", "/me/proxies", "/me/proxies?q=so", "/commitments/2",
        "/bodies", ETHICS, f"{ETHICS}/refer", "/referrals", "/referrals/1", f"{BOARD}/points", f"{BOARD}/points/new",
        "/points/6", "/meetings/1",
    ],
    "participant": ["/", "/ballots/6", ETHICS, "/referrals?view=received", "/referrals/1", f"{STUDIED}/velos"],
    "board": [
        "/", "/board", f"{STUDIED}/memes-frais", f"{STUDIED}/memes-frais/publish", f"{STUDIED}/velos",
        f"{ANSWERED}/payer-la-transmission", f"{ANSWERED}/payer-la-transmission/commitments/new", "/commitments/3",
        "/commitments/3/edit", BOARD, f"{BOARD}/meetings/create", "/meetings/2", "/meetings/2/agenda",
        "/meetings/2/minutes", "/meetings/2/edit", "/points/7",
    ],
    "steering": ["/", "/moderation", "/moderation?view=reported", "/comments/1/hide", "/amendments/2/hide"],
    "facilitator": [
        "/threads/1", "/threads/7", f"{DRAFT}/discussion", f"{DRAFT}/workflow",
        "/amendments/2/answer", f"{DRAFT}/merge?amendments=2,3",
        f"{VOTING}/ballots", f"{VOTING}/ballots/new", "/ballots/4", "/ballots/4/next-round", "/ballots/5/cancel",
        "/ballots/6", "/ballots/6/roll", f"{VOTING}/workflow", "/groups/lieux-et-trajets",
        "/", "/me/profile", "/groups/rennes", "/groups/rennes/members", "/groups/rennes/edit", "/groups/rennes/history",
        "/drafts", "/drafts/new?theme=2", "/drafts/import?theme=2", f"{DRAFT}/live", f"{DRAFT}/live?at=u8n4k1v6zs",
        f"{DRAFT}/live/accueil/edit", f"{DRAFT}/live/accueil/heading", f"{DRAFT}/live/accueil/move",
        f"{DRAFT}/live/add", f"{DRAFT}/settings", f"{DRAFT}/freeze", f"{DRAFT}/history", f"{DRAFT}/versions",
        f"{DRAFT}/versions/1", f"{DRAFT}/versions/1/restore", f"{DRAFT}/versions/1..3",
        f"{DRAFT}/live/history", f"{DRAFT}/live/history/2", f"{DRAFT}/live/history/2?view=text",
        f"{DRAFT}/live/history/2?view=now", f"{DRAFT}/live/shares",
    ],
    "admin": [
        "/", "/people", "/people?q=so", "/people?q=nobody", "/people/1", "/people/invite", "/people/import",
        "/cycles/manage", "/cycles/create", "/cycles/2026/edit", "/cycles/2026/milestones", "/cycles/2026/steering",
        "/cycles/2026/steering?q=so", "/cycles/2026/themes/create", "/cycles/2026/themes/comprendre/edit",
        "/cycles/2026/themes/comprendre/groups/create", "/offices", "/offices/create", "/offices/rennes/edit",
        "/bodies", "/bodies/create", f"{ETHICS}/edit", f"{ETHICS}/seats", f"{ETHICS}/seats?q=so",
    ],
}  # fmt: skip
# What the pages answer that are not simply there.
STATUS = {
    (None, "/nowhere"): 404, (None, "/link/over"): 410, (None, "/reset-password/over"): 410,
    (None, "/invitation/over"): 410, ("member", "/people"): 403, (None, "/guests/over"): 404,
    ("member", f"{DRAFT}/discussion/choose?key=p4d8w1n6rt&choose=yes"): 422, ("member", "/comments/1/edit"): 403,
    (None, f"{DRAFT}/versions/3/origins?key=p4d8w1n6rt"): 422,
}  # fmt: skip


@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_nothing(open_context, sign_in, who):
    page = sign_in(who, bypass_csp=True) if who else open_context(bypass_csp=True).new_page()
    troubles = {}
    for address in PAGES[who]:
        status = page.goto(address).status
        found = look_at(page)
        if status != STATUS.get((who, address), 200):
            found.append(f"it answers {status}")
        if found:
            troubles[address] = found
    assert troubles == {}


def test_what_is_wrong_is_found(open_context):
    page = open_context(bypass_csp=True).new_page()
    page.goto("/help/words")
    page.locator("h1").evaluate("""heading => {
      heading.insertAdjacentHTML("afterend", "<p class=soft><img src='data:,'> <button></button></p>");
      document.querySelector(".soft").style.cssText = "color: #999; min-width: 400px";
    }""")
    found = " ".join(look_at(page))
    assert "image-alt" in found
    assert "button-name" in found
    assert "at 320 px the page is" in found


def test_every_page_is_looked_at(tmp_path: Path):
    """A new page is added to the list above, or named here with the reason why not."""
    without_page = {
        "live_worker",  # a script
        "drafts.live_parts",  # parts of a page
        "drafts.live_authors",  # parts of a page
        "drafts.live_status",  # told to scripts
        "live.socket",  # a connection
        "drafts.source",  # a file
        "threads.live_marks",  # told to scripts
        "threads.marks",  # told to scripts
        "threads.names",  # told to scripts
        "amendments.marks",  # told to scripts
        "amendments.contributions_file",  # a file
        "amendments.improve",  # its author's alone, who cannot sign in here; test_amendments.py looks at it
        "ballots.votes_file",  # a file
        "ballots.edit",  # for ballots that are still to open: the demo's have opened; it has the form of ballots.new
        "reviews.people_called",  # told to scripts
        "workflow.record_lines",  # a file
        "people.first_administrator",  # there while nobody has an account yet
        "static",
    }
    app = create_app(Settings(data=tmp_path, secret_key="test" * 16))
    asked = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods} - without_page
    addresses = app.url_map.bind("localhost")
    known = [path.partition("?")[0] for paths in PAGES.values() for path in paths if path != "/nowhere"]
    assert asked - {addresses.match(path, method="GET")[0] for path in known} == set()
