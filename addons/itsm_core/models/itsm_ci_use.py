from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

#: The context key of the day on which items change hands: a date, which no client can
#: send. Default: today.
USE_DAY = "itsm_use_day"


class ItsmCiUse(models.Model):
    """The fact that somebody used an item from one day to another.

    Recorded where the user of an item changes, through whatever door.
    """

    _name = "itsm.ci.use"
    _description = "Use of an Item"
    _inherit = ["itsm.recorded.mixin"]
    _order = "date_from DESC, id DESC"
    _rec_name = "ci_id"

    ci_id = fields.Many2one(
        "itsm.ci",
        string="Item",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        help="Empty: removed to protect personal data.",
    )
    date_from = fields.Date(string="Handed Over", required=True, readonly=True)
    date_to = fields.Date(
        string="Returned", readonly=True, help="Empty: still in use by this person."
    )
    create_uid = fields.Many2one("res.users", string="Handed Over By")
    taken_by_id = fields.Many2one(
        "res.users", string="Taken Back By", ondelete="set null", readonly=True
    )
    ci_class_id = fields.Many2one(related="ci_id.class_id", string="Class")
    serial_number = fields.Char(related="ci_id.serial_number")

    _one_at_a_time = models.UniqueIndex("(ci_id) WHERE date_to IS NULL")

    def init(self):
        """Record the present use of items that had a user before this was recorded."""
        self.env.cr.execute(
            """
            INSERT INTO itsm_ci_use
                   (ci_id, partner_id, date_from, create_uid, write_uid, create_date,
                    write_date)
            SELECT c.id, c.user_partner_id, c.create_date::date, c.create_uid,
                   c.create_uid, c.create_date, c.create_date
              FROM itsm_ci c
             WHERE c.user_partner_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM itsm_ci_use u WHERE u.ci_id = c.id)
            """
        )

    def _get_recorded_message(self):
        return self.env._(
            "Who used an item is recorded where the item changes hands. Hand it over "
            "or take it back."
        )


class ItsmCi(models.Model):
    """Recording who uses an item."""

    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    use_ids = fields.One2many("itsm.ci.use", "ci_id", string="Uses", copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        cis = super().create(vals_list)
        cis._record_uses(dict.fromkeys(cis.ids))
        return cis

    def write(self, vals):
        if "user_partner_id" not in vals:
            return super().write(vals)
        before = {ci.id: ci.user_partner_id.id for ci in self}
        result = super().write(vals)
        self._record_uses(before)
        return result

    def _record_uses(self, before):
        """Write down who stopped and who began to use these items.

        :param dict before: ``{id: id of the user before, if any}``
        """
        changed = self.filtered(
            lambda ci: (before[ci.id] or False) != ci.user_partner_id.id
        )
        if not changed:
            return
        chosen = self.env.context.get(USE_DAY)
        # What comes from a client is text, never a date.
        chosen = chosen if isinstance(chosen, date) else None
        day = chosen or fields.Date.context_today(self)
        if chosen:
            changed._check_use_day(day)
        changed._end_uses(day)
        now, uid = self.env.cr.now(), self.env.uid
        rows = [
            SQL("%s", (ci.id, ci.user_partner_id.id, day, uid, uid, now, now))
            for ci in changed
            if ci.user_partner_id
        ]
        if rows:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO itsm_ci_use (ci_id, partner_id, date_from, create_uid,"
                    " write_uid, create_date, write_date) VALUES %s",
                    SQL(", ").join(rows),
                )
            )
        changed.invalidate_recordset(["use_ids"], flush=False)

    def _end_uses(self, day):
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_ci_use
                   SET date_to = GREATEST(date_from, %s), taken_by_id = %s,
                       write_uid = %s, write_date = %s
                 WHERE ci_id = ANY(%s) AND date_to IS NULL
                """,
                day,
                self.env.uid,
                self.env.uid,
                self.env.cr.now(),
                self.ids,
            )
        )
        self.env["itsm.ci.use"].invalidate_model(flush=False)

    def _check_use_day(self, day):
        """Refuse to change hands in the future, or before the last time.

        :raise UserError: naming an item for which the day cannot be
        """
        if day > fields.Date.context_today(self):
            raise UserError(
                self.env._("The day is in the future. Record it when it happens.")
            )
        last = self.env["itsm.ci.use"]._read_group(
            [("ci_id", "in", self.ids)], ["ci_id"], ["date_from:max", "date_to:max"]
        )
        for ci, date_from, date_to in last:
            latest = max(filter(None, (date_from, date_to)))
            if latest > day:
                raise UserError(
                    self.env._(
                        "%(item)s changed hands on %(day)s. Choose that day or a later "
                        "one.",
                        item=ci.name,
                        day=format_date(self.env, latest),
                    )
                )
