"""Somebody's session with a site, over HTTP, without a browser."""

import http.cookiejar
import re
import urllib.parse
import urllib.request


class Visit:
    """Somebody's session with a site: their cookie, and forms filled in as a page would."""

    def __init__(self, address: str, email: str = "", password: str = "") -> None:
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        if email:
            self.post("/sign-in", email=email, password=password)

    def get(self, path: str) -> str:
        with self._opener.open(self.address + path, timeout=120) as answer:
            return str(answer.read().decode())

    def post(self, path: str, page: str = "", /, **fields: str) -> str:
        """Open the form at `page`, else `path`, and send it to `path` with these fields."""
        form = self.get(page or path)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token, form[:500]
        data = urllib.parse.urlencode({"csrf_token": token.group(1), **fields}).encode()
        with self._opener.open(self.address + path, data, timeout=120) as answer:
            return str(answer.read().decode())

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)
