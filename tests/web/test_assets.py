"""Addresses of built files: kept for all who ask alike, and for nobody else."""

from flask import Flask

from sip.web.assets import asset


def test_an_odd_requests_address_is_nobody_elses(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://localhost/elsewhere"):
        assert asset("favicon.svg").startswith("/elsewhere/static/favicon.svg?v=")
    with app.test_request_context("/"):
        assert asset("favicon.svg").startswith("/static/favicon.svg?v=")
