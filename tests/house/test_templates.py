"""Every template compiles; every page has a title; no text escapes translation; nothing the security policy forbids."""

import re
from pathlib import Path

import pytest
from flask import Flask

from sip import paths

TEMPLATES = sorted(path.relative_to(paths.TEMPLATES).as_posix() for path in paths.TEMPLATES.rglob("*.html"))
PAGES = [name for name in TEMPLATES if not Path(name).name.startswith("_") and not name.startswith("layouts/")]


def source(name: str) -> str:
    return (paths.TEMPLATES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(built_app: Flask, name: str):
    with built_app.app_context():
        assert built_app.jinja_env.get_template(name).name == name


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title(name: str):
    text = source(name)
    assert "{% extends" in text, f"{name} is no page: partials begin with an underscore"
    assert re.search(r"{%-? block title -?%}.+?{%-? endblock", text, re.DOTALL)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_keeps_to_the_security_policy(name: str):
    text = re.sub(r"{#.*?#}", "", source(name), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", text), "no inline style"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "no inline handler"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "no inline script"
    assert not re.search(r"<script(?![^>]*nonce)", text), "scripts carry the nonce"
    assert "|safe" not in text or "_html" in text, "only what was rendered and cleaned when saved is safe"


def test_no_browser_fills_in_again_by_itself_what_is_kept():
    """Firefox does when a page is read anew: the text without the version that it began from, which undoes others’."""
    tags = [tag for name in TEMPLATES for tag in re.findall(r"<form\b.*?>\n", source(name), flags=re.DOTALL)]
    kept = [tag for tag in tags if re.search(r"\bdata-(keep|unsaved)\b", tag)]
    assert len(kept) >= 4
    assert [tag for tag in kept if 'autocomplete="off"' not in tag] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_text_can_be_translated(name: str):
    text = re.sub(r"{#.*?#}", " ", source(name), flags=re.DOTALL)
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r"{%-? *trans\b.*?endtrans *-?%}", " ", text, flags=re.DOTALL)
    attributes = re.findall(r'\b(?:alt|title|placeholder|aria-label|data-label)="([^"{]*[a-zà-ÿ]{3,}[^"{]*)"', text)
    text = re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    words = re.findall(r"[A-Za-zÀ-ÿ]{3,}", re.sub(r"&[a-z]+;", " ", text))
    assert words == [], "texts outside gettext"
    assert attributes == [], "attributes outside gettext"
