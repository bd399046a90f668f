"""Two people at the same moment, for tests in a database of their own."""

#: Code for :meth:`tests.databases.FreshDatabase.run`: ``at_once``.
AT_ONCE = """
from odoo.exceptions import UserError
from odoo.service.model import retrying

def at_once(first, second):
    # Both see the same state of the database; the first one commits before the
    # second one writes. Returns how often the second one ran, and what it was told.
    runs = []
    with env.registry.cursor() as cr:
        def work():
            runs.append(1)
            # The first query decides what is seen.
            cr.execute("SELECT 1")
            if len(runs) == 1:
                with env.registry.cursor() as other:
                    first(env(cr=other))
            second(env(cr=cr))
        try:
            retrying(work, env(cr=cr))
        except UserError as error:
            cr.rollback()  # as a request that fails
            return [len(runs), str(error)]
    return [len(runs), ""]

"""
