"""Telling an uninstallation from a client that pretends one."""

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


def is_uninstalling(env):
    """Return whether records are deleted because their add-on is uninstalled.

    ``@api.ondelete(at_uninstall=False)`` trusts a context key that any client can
    send. An uninstallation runs as superuser besides, which no client can. So a
    guard that must hold is declared ``at_uninstall=True`` and asks here first.
    """
    return env.su and bool(env.context.get(MODULE_UNINSTALL_FLAG))
