from odoo import http
from odoo.tests import HttpCase

from .common_access import AccessCase


class PortalCase(AccessCase, HttpCase):
    """What a customer, or an attacker, does with a browser."""

    def log_in(self, user):
        """Log in as a user, or be a stranger without a login."""
        login = user and user.login
        self.authenticate(login, login)

    def post(self, path, csrf=True, files=None, allow_redirects=True, **data):
        if csrf:
            data["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(
            path,
            data=data,
            files=files,
            method="POST",
            allow_redirects=allow_redirects,
        )

    def get_token(self, ticket=None):
        return (ticket or self.ticket)._portal_ensure_token()
