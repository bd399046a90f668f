import time

from odoo import fields, models
from odoo.exceptions import LockError, UserError

#: Seconds that one call from the browser works before it reports its progress.
SLICE = 3.0


class ItsmImportRunMixin(models.AbstractModel):
    """One load of a file that a browser drives, batch by batch.

    The browser asks for the next batches until nothing is left, so that an import
    needs no background worker, shows how far it is and stops when it is asked to. An
    adopter has a field ``state`` and says who may import (`_check_importer`), what is
    left (`_is_unfinished`), how one batch is done (`_load_slice`) and how far it is
    (`_get_progress`).
    """

    _name = "itsm.import.run.mixin"
    _description = "Run of an Import"

    file_name = fields.Char(string="File", required=True, readonly=True)
    checksum = fields.Char(
        string="SHA-256", readonly=True, help="Tells whether two files are the same."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    start_date = fields.Datetime(string="Started", readonly=True)
    stop_date = fields.Datetime(string="Finished", readonly=True)
    seconds = fields.Float(string="Working Seconds", readonly=True)

    def load_next(self):
        """Work for some seconds; called by the browser until all is done.

        :return: dict with ``state``, ``done`` and ``total``
        :raise UserError: where the import is under way elsewhere, or cannot go on
        """
        self.ensure_one()
        self._check_importer()
        self._lock()
        if self._is_unfinished():
            self._load_slice()
        return self._get_progress()

    def _lock(self):
        """Refuse to work on an import that somebody else works on."""
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("This import is under way in another window.")
            ) from error

    def _work_for_a_slice(self, work, *args):
        """Call `work` at least once, until nothing is left or the time is up."""
        end = time.monotonic() + SLICE
        work(*args)
        while self._is_unfinished() and time.monotonic() < end:
            work(*args)

    def _check_importer(self):
        """Raise an ``AccessError`` for whoever must not import."""
        raise NotImplementedError

    def _is_unfinished(self):
        """Tell whether there is something to do."""
        raise NotImplementedError

    def _load_slice(self):
        """Work for about as long as :data:`SLICE`."""
        raise NotImplementedError

    def _get_progress(self):
        """Return a dict with ``state``, ``done`` and ``total``."""
        raise NotImplementedError
