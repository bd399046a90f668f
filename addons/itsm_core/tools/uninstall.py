"""Telling an uninstallation from a client that pretends one."""

import functools

from odoo import api

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


def is_uninstalling(env):
    """Return whether records are deleted because their add-on is uninstalled.

    An uninstallation runs as superuser, which no client can, besides setting a
    context key, which any client can.
    """
    return env.su and bool(env.context.get(MODULE_UNINSTALL_FLAG))


def guard_unlink(method):
    """Run `method` before records are deleted, except by an uninstallation.

    ``@api.ondelete(at_uninstall=False)`` trusts the context key alone, so that any
    client who sends it goes past such a guard. Guards of facts use this instead.
    """

    @api.ondelete(at_uninstall=True)
    @functools.wraps(method)
    def guarded(self):
        if not is_uninstalling(self.env):
            method(self)

    return guarded
