from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools.boolean_search import boolean_search
from ..tools.label_matchers import read_matchers
from ..tools.uninstall import guard_unlink


class ItsmEventSilence(models.Model):
    """A time in which events whose labels fit open no incidents."""

    _name = "itsm.event.silence"
    _description = "Event Silence"
    _inherit = ["itsm.event.matcher.mixin", "mail.thread"]
    _order = "stop desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Reason",
        required=True,
        tracking=True,
        help="Why nobody needs to hear of these events.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    source_ids = fields.Many2many(tracking=True)
    matchers = fields.Text(required=True, tracking=True)
    start = fields.Datetime(required=True, default=fields.Datetime.now, tracking=True)
    stop = fields.Datetime(string="End", required=True, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        index=True,
    )
    is_active = fields.Boolean(
        string="Silent Now", compute="_compute_is_active", search="_search_is_active"
    )
    event_count = fields.Integer(string="Events", compute="_compute_event_count")

    _stop_after_start = models.Constraint(
        "CHECK (stop > start)", "A silence has to end after it starts."
    )

    @api.depends("start", "stop")
    def _compute_is_active(self):
        now = fields.Datetime.now()
        for silence in self:
            silence.is_active = bool(
                silence.start and silence.stop and silence.start <= now < silence.stop
            )

    @boolean_search
    def _search_is_active(self):
        now = fields.Datetime.now()
        return [("start", "<=", now), ("stop", ">", now)]

    def _compute_event_count(self):
        counts = dict(
            self.env["itsm.event"]._read_group(
                [("silence_id", "in", self.ids)], ["silence_id"], ["__count"]
            )
        )
        for silence in self:
            silence.event_count = counts.get(silence._origin, 0)

    @api.constrains("matchers")
    def _check_not_everything(self):
        for silence in self:
            if not read_matchers(silence.matchers):
                raise ValidationError(
                    self.env._("Say which events are silent: give a label at least.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("user_id", self.env.uid) != self.env.uid and not self.env.su:
                raise UserError(self.env._("A silence is by whoever makes it."))
        return super().create(vals_list)

    def write(self, vals):
        now = fields.Datetime.now()
        if "user_id" in vals and not self.env.su:
            raise UserError(self.env._("A silence stays with whoever made it."))
        if over := self.filtered(lambda silence: silence.stop <= now):
            raise UserError(
                self.env._(
                    "“%s” is over and stays as it was. Make a new silence.",
                    over[0].name,
                )
            )
        result = super().write(vals)
        # What it kept back is judged anew: it may not be silent any more.
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE itsm_event SET suppressed_until = %s WHERE silence_id = ANY(%s)"
                " AND suppressed_until IS NOT NULL",
                now,
                self.ids,
            )
        )
        self.env["itsm.event"].invalidate_model(["suppressed_until"])
        self.env["itsm.event"]._have_worked_on()
        return result

    @guard_unlink
    def _unlink_before_start(self):
        now = fields.Datetime.now()
        for silence in self:
            if silence.start <= now or silence.event_count:
                raise UserError(
                    self.env._(
                        "“%s” has begun and is kept. End it instead.", silence.name
                    )
                )

    def action_end(self):
        """End silences now."""
        self.write({"stop": fields.Datetime.now()})

    def action_open_events(self):
        """Show the events that this silence kept back."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_event_action"
        )
        return {**action, "domain": [("silence_id", "=", self.id)], "context": {}}
