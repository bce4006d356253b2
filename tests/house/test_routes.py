"""Every route declares who may, and forms are protected wherever something can be changed."""

from flask import Flask
from flask.testing import FlaskClient

from sip.web.transaction import SAFE_METHODS


def guarded_rules(app: Flask):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_route_declares_its_policy(app: Flask):
    bare = [rule.endpoint for rule in guarded_rules(app) if not hasattr(app.view_functions[rule.endpoint], "policy")]
    assert guarded_rules(app)
    assert bare == []


def test_every_view_says_what_it_is_for(app: Flask):
    silent = [rule.endpoint for rule in guarded_rules(app) if not app.view_functions[rule.endpoint].__doc__]
    assert silent == []


def test_a_form_without_its_token_changes_nothing(app: Flask, client: FlaskClient):
    """Whatever the address: a post from elsewhere is never answered with success, nor with a crash."""
    for rule in guarded_rules(app):
        if rule.methods <= SAFE_METHODS:
            continue
        address = rule.rule
        for part in rule.arguments:
            for kind in ("int:", "path:", ""):
                address = address.replace(f"<{kind}{part}>", "1")
        answer = client.post(address, data={"name": "x"})
        assert answer.status_code in (303, 302, 400, 401, 403, 404), (rule.rule, answer.status_code)
        if answer.status_code in (302, 303):
            assert app.view_functions[rule.endpoint].is_harmless, rule.rule


def test_only_the_looks_may_be_changed_by_a_forged_form(app: Flask):
    harmless = [rule.endpoint for rule in guarded_rules(app) if app.view_functions[rule.endpoint].is_harmless]
    assert harmless == ["home.preferences"]
