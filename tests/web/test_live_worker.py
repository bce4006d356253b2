"""The service worker of the pages on which people write, and the headers that let it run and let nothing else."""

import re


def test_the_worker_is_served_for_documents_and_asked_for_anew(client):
    answer = client.get("/live-worker.js")
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/drafts/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "fetch" in answer.text


def test_pages_may_run_our_worker_and_open_our_socket_only(client):
    policy = client.get("/sign-in", base_url="http://gare.example:8000").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["worker-src"] == "'self'"
    assert rules["connect-src"] == "'self' ws://gare.example:8000"
    assert re.fullmatch(r"'nonce-[\w-]+'", rules["script-src"])
    secure = client.get("/sign-in", base_url="https://gare.example").headers["Content-Security-Policy"]
    assert "connect-src 'self' wss://gare.example;" in secure


def test_a_strange_host_name_adds_no_rule(client):
    policy = client.get("/sign-in", headers={"Host": "x;script-src *"}).headers.get("Content-Security-Policy", "")
    assert "script-src *" not in policy
