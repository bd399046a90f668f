from contextlib import contextmanager

from odoo.exceptions import UserError


class RefusalCase:
    """For tests of what is refused: they go on with nothing of it done."""

    @contextmanager
    def assertRefused(self, pattern, exception=UserError):
        with self.assertRaisesRegex(exception, pattern), self.cr.savepoint():
            yield
