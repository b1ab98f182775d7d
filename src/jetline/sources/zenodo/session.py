"""Sessions over HTTP that no redirect leads to a less safe place."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import requests

from jetline import __version__


class UnsafeRedirect(requests.RequestException):
    """A server sends to an address that is not asked."""


class Session(requests.Session):
    """A session that follows redirects to http and https alone, and from https to https alone."""

    def __init__(self) -> None:
        super().__init__()
        # Compressed on the way, a range would count other bytes than ours.
        self.headers.update({"User-Agent": f"jetline/{__version__}", "Accept-Encoding": "identity"})

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Give where an answer sends to; None if nowhere.

        Raises
        ------
        UnsafeRedirect
            If that is less safe than where it comes from.
        """
        target = super().get_redirect_target(resp)
        if target is not None:
            scheme = urlsplit(urljoin(resp.url, target)).scheme
            allowed = ("https",) if urlsplit(resp.url).scheme == "https" else ("http", "https")
            if scheme not in allowed:
                # Nobody else gets hold of the answer, whose connection would stay open.
                resp.close()
                raise UnsafeRedirect(f"sent from {resp.url} to {target}, which is not followed")
        return target
