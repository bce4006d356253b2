"""A page that holds nothing but the editor, served with the site's own content security policy."""

import functools
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response
from playwright.sync_api import Browser, BrowserContext, Page, Route

from sip.web import security
from tests.journeys.browsers import SLOWEST, new_context

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://editor.test"

_SCRIPT = """
import * as Y from "yjs";
import { openEditor } from "./static/js/editor/view.js";
import { LABELS } from "./static/js/editor/labels.js";

Object.assign(window, { Y, LABELS, told: [], troubles: [], full: 0, most: Infinity, doc: new Y.Doc() });
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  troubles.push(`${violatedDirective} ${blockedURI}`);
});
window.open_editor = ({ text, language, references, isReadOnly }) => {
  const shared = doc.getText("section");
  shared.insert(0, text);
  Object.assign(window, { references, shared, undoManager: new Y.UndoManager(shared, { trackedOrigins: new Set() }) });
  window.editor = openEditor({
    parent: document.getElementById("place"), text: shared, undoManager, language, isReadOnly,
    labels: { text: "Text of “Introduction”" },
    references: () => window.references,
    onSelection: (anchor, head) => told.push([anchor, head]),
    onEscape: () => document.getElementById("after").focus(),
    most: () => window.most,
    onFull: () => (window.full += 1),
  });
};
"""
_STYLE = '@import "./static/css/app.css"; @import "./static/css/writing.css";'
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The editor</title><link rel="stylesheet" href="/page.css"><script src="/page.js" nonce="{nonce}"></script></head>
<body><header><a class="brand" href="#"><svg aria-hidden="true"><use href="/icons.svg#ladder"></use></svg>Smart</a>
</header>
<main class="wrap"><h1>The editor</h1><button type="button" class="button button-primary" id="before">before</button>
<div class="reading-text"><div class="document" lang="fr"><h2>Introduction</h2><div id="place"></div></div></div>
<button type="button" class="button button-primary" id="after">after</button></main></body></html>"""


@functools.cache
def bundle() -> dict[str, bytes]:
    """Return what the page is made of, by path; needs the browser packages to be installed."""
    program = next(ROOT.glob("node_modules/@esbuild/*/bin/esbuild"), None)
    assert program, "the browser packages are not installed: bin/test does that"

    def build(source: str, loader: str) -> bytes:
        command = [str(program), "--bundle", "--external:*.svg", f"--loader={loader}", "--log-level=error"]
        return subprocess.run(command, input=source.encode(), cwd=ROOT, capture_output=True, check=True).stdout

    icons = (ROOT / "static" / "icons.svg").read_bytes()
    return {"/page.js": build(_SCRIPT, "js"), "/page.css": build(_STYLE, "css"), "/icons.svg": icons}


class EditorPage:
    """A page with one open editor, and what one does with it."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.page.route(f"{ADDRESS}/**", _answer)
        self.page.goto(ADDRESS)

    def open(
        self,
        text: str,
        *,
        at: int | None = None,
        language: str = "fr",
        references: Sequence[tuple[str, str]] = (),
        is_read_only: bool = False,
    ) -> Page:
        """Open the editor of `text`, and put the cursor at `at`, or at its end."""
        known = [{"target": target, "label": label} for target, label in references]
        given = {"text": text, "language": language, "references": known, "isReadOnly": is_read_only}
        self.page.evaluate("given => open_editor(given)", given)
        self.select(len(text) if at is None else at)
        return self.page

    def select(self, anchor: int, head: int | None = None) -> None:
        """Select a stretch of the text, in UTF-16 units."""
        selection = {"anchor": anchor, "head": anchor if head is None else head}
        self.page.evaluate("selection => { editor.focus(); editor.view.dispatch({ selection }); }", selection)

    def select_words(self, words: str) -> None:
        """Select these words, which stand once in the text."""
        text = self.text()
        assert text.count(words) == 1, f"{words!r} stands {text.count(words)} times in the text"
        start = _units(text[: text.index(words)])
        self.select(start, start + _units(words))

    def text(self) -> str:
        """Return the shared text, once it is sure that the editor shows the same."""
        shared, shown = self.page.evaluate("[shared.toString(), editor.view.state.doc.toString()]")
        assert shared == shown
        return str(shared)

    def place(self) -> tuple[int, int]:
        """Return where the selection begins and where the cursor is."""
        anchor, head = self.page.evaluate(
            "[editor.view.state.selection.main.anchor, editor.view.state.selection.main.head]"
        )
        return anchor, head

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type text as a keyboard would."""
        self.page.keyboard.type(text)

    def use(self, tool: str) -> None:
        """Press a tool by its label."""
        self.page.get_by_role("button", name=tool, exact=True).click()

    def paste(self, html: str, plain: str = "") -> None:
        """Paste what a program put on the clipboard."""
        self.page.evaluate(
            """([html, plain]) => {
              const clipboardData = new DataTransfer();
              if (html) clipboardData.setData("text/html", html);
              clipboardData.setData("text/plain", plain);
              const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
              editor.view.contentDOM.dispatchEvent(pasted);
            }""",
            [html, plain],
        )

    def others_write(self, at: int, text: str, *, instead_of: int = 0) -> None:
        """Let somebody else write in another copy of the document, and merge it."""
        self.page.evaluate(
            """([at, text, length]) => {
              const other = new Y.Doc();
              Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
              const theirs = other.getText("section");
              if (length) theirs.delete(at, length);
              if (text) theirs.insert(at, text);
              Y.applyUpdate(doc, Y.encodeStateAsUpdate(other), "remote");
            }""",
            [at, text, instead_of],
        )

    def seen(self) -> list[str]:
        """Return the lines as they read: without what is hidden, with the words that stand for it."""
        return list(
            self.page.evaluate(
                """[...document.querySelectorAll(".cm-line")].map((line) => {
                  let read = "";
                  const walk = (node) => {
                    if (node.nodeType === Node.TEXT_NODE) return void (read += node.data);
                    if (getComputedStyle(node).display === "none") return;
                    node.childNodes.forEach(walk);
                    if (node.dataset.label) read += `‹${node.dataset.label}›`;
                  };
                  walk(line);
                  return read;
                })"""
            )
        )

    def troubles(self) -> list[Any]:
        """Return what the content security policy had to refuse."""
        return list(self.page.evaluate("troubles"))


@contextmanager
def editors(browser: Browser) -> Iterator[Callable[..., EditorPage]]:
    """Make pages with the editor, in browsers of their own; errors and what the policy refused fail the test."""
    opened: list[tuple[BrowserContext, EditorPage]] = []
    troubles: list[str] = []

    def make(**options: Any) -> EditorPage:
        context = new_context(browser, **options)
        context.set_default_timeout(SLOWEST)
        context.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        opened.append((context, EditorPage(context)))
        return opened[-1][1]

    yield make
    for context, editor in opened:
        troubles += editor.troubles()
        context.close()
    assert not troubles, troubles


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _answer(route: Route) -> None:
    files = bundle()
    path = route.request.url.removeprefix(ADDRESS)
    if path != "/":
        kind = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}.get(
            Path(path).suffix, "text/plain"
        )
        route.fulfill(status=200 if path in files else 404, body=files.get(path, b""), content_type=kind)
        return
    app = Flask(__name__)
    security.init(app)
    app.add_url_rule("/", view_func=lambda: Response(_PAGE.replace("{nonce}", security.nonce())))
    answer = app.test_client().get("/")
    headers = {"Content-Security-Policy": answer.headers["Content-Security-Policy"], "Content-Type": "text/html"}
    route.fulfill(body=answer.get_data(), headers=headers)


def labels() -> dict[str, str]:
    """Return the editor's English labels by their keys."""
    source = (ROOT / "static" / "js" / "editor" / "labels.js").read_text(encoding="utf-8")
    lines = source.split("export const LABELS = {", 1)[1].split("\n};", 1)[0].strip().splitlines()
    pairs = (line.strip().rstrip(",").split(": ", 1) for line in lines)
    return {key: json.loads(value) for key, value in pairs}
