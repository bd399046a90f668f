from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.itsm_core.tools.workflow import Transition

from .itsm_agreement import MANAGER

MISS_STATES = [
    ("counted", "Counted"),
    ("requested", "Exclusion Requested"),
    ("excluded", "Excluded"),
    ("refused", "Exclusion Refused"),
]
#: Who did what, and when: written by this model alone.
STAMPS = (
    "explained_by_id",
    "explained_date",
    "requested_by_id",
    "requested_date",
    "decided_by_id",
    "decided_date",
)
IDENTITY = ("ticket_id", "target_id")


class ItsmSlaMiss(models.Model):
    """What people say about a missed target of a ticket.

    Clocks are worked out anew again and again; what is said about them stays. A miss
    is left out of the adjusted figures only where two people want it so: one who
    requests it, and a service level manager who had no part in the ticket.
    """

    _name = "itsm.sla.miss"
    _description = "Missed Target"
    _inherit = ["itsm.workflow.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _workflow_initial = "counted"
    _workflow_transitions = (
        Transition(
            ("counted", "refused"),
            "requested",
            required=("justification",),
            stamp=("requested_date",),
            clear=("decided_by_id", "decided_date"),
        ),
        Transition("requested", "counted", clear=("requested_by_id", "requested_date")),
        Transition(
            "requested",
            "excluded",
            groups=MANAGER,
            check="_check_second_person",
            stamp=("decided_date",),
        ),
        Transition(
            "requested",
            "refused",
            groups=MANAGER,
            check="_check_second_person",
            stamp=("decided_date",),
        ),
        Transition(
            "excluded",
            "counted",
            groups=MANAGER,
            clear=(
                "requested_by_id",
                "requested_date",
                "decided_by_id",
                "decided_date",
            ),
        ),
    )
    _workflow_locked_fields = {
        "counted": IDENTITY,
        "requested": (*IDENTITY, "justification"),
        "excluded": (*IDENTITY, "justification", "reason_id", "note"),
        "refused": IDENTITY,
    }

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, ondelete="cascade", check_company=True
    )
    target_id = fields.Many2one(
        "itsm.agreement.target",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    agreement_id = fields.Many2one(related="target_id.agreement_id")
    company_id = fields.Many2one(related="ticket_id.company_id", store=True, index=True)
    reason_id = fields.Many2one(
        "itsm.miss.reason",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    note = fields.Text(tracking=True, help="What happened, for who reads the report.")
    explained_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    explained_date = fields.Datetime(string="Explained On", readonly=True, copy=False)
    state = fields.Selection(
        MISS_STATES,
        string="In Reports",
        default="counted",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    justification = fields.Text(
        copy=False,
        tracking=True,
        help="Why the miss should not count. A service level manager who neither asks "
        "for it nor worked on the ticket decides.",
    )
    requested_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, tracking=True
    )
    requested_date = fields.Datetime(string="Requested On", readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, tracking=True
    )
    decided_date = fields.Datetime(string="Decided On", readonly=True, copy=False)

    _ticket_target_uniq = models.UniqueIndex(
        "(ticket_id, target_id)",
        "Somebody has explained this miss already. Open it again to see the reason.",
    )

    @api.depends("ticket_id", "target_id")
    def _compute_display_name(self):
        for miss in self:
            miss.display_name = self.env._(
                "%(ticket)s: %(target)s",
                ticket=miss.ticket_id.number or "",
                target=miss.target_id.display_name or "",
            )

    # ------------------------------------------------------------------
    # Who may say what
    # ------------------------------------------------------------------

    @api.constrains(*IDENTITY)
    def _check_missed(self):
        missed = self.env["itsm.sla.attainment"].search_fetch(
            [
                ("ticket_id", "in", self.ticket_id.ids),
                ("target_id", "in", self.target_id.ids),
                ("is_missed", "=", True),
            ],
            IDENTITY,
        )
        pairs = {(row.ticket_id.id, row.target_id.id) for row in missed}
        for miss in self:
            if (miss.ticket_id.id, miss.target_id.id) not in pairs:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s has not missed “%(target)s”, so that there is "
                        "nothing to explain.",
                        ticket=miss.ticket_id.display_name,
                        target=miss.target_id.display_name,
                    )
                )

    def _check_second_person(self):
        """Refuse decisions of who has a part in the matter.

        :raise UserError: naming the miss, and who can decide
        """
        # Those who had the ticket before count as well: handing it over in order to
        # decide helps nobody.
        # sudo: asks only whether the user was one of them.
        spans = self.env["itsm.ticket.span"].sudo()
        rows = spans._read_group(
            [("ticket_id", "in", self.ticket_id.ids), ("user_id", "=", self.env.uid)],
            ["ticket_id"],
        )
        own_tickets = {ticket.id for (ticket,) in rows}
        for miss in self:
            if miss.requested_by_id == self.env.user:
                raise UserError(
                    self.env._(
                        "You have requested to exclude %(miss)s yourself. Another "
                        "service level manager decides.",
                        miss=miss.display_name,
                    )
                )
            if miss.ticket_id.id in own_tickets:
                raise UserError(
                    self.env._(
                        "The ticket of %(miss)s is or was assigned to you. Another "
                        "service level manager decides.",
                        miss=miss.display_name,
                    )
                )

    def _prepare_transition_values(self, transition):
        vals = super()._prepare_transition_values(transition)
        if transition.target == "requested":
            vals["requested_by_id"] = self.env.uid
        elif transition.target in ("excluded", "refused"):
            vals["decided_by_id"] = self.env.uid
        return vals

    # ------------------------------------------------------------------
    # Stamps are not for clients
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        stamped = []
        for vals in vals_list:
            self._check_no_stamps(vals)
            # Stated, each one: what is left out takes a default of the client.
            stamped.append(
                {
                    **vals,
                    **dict.fromkeys(STAMPS, False),
                    **self._get_explanation_stamps(vals),
                    "reason_id": vals.get("reason_id", False),
                }
            )
        misses = super().create(stamped)
        self._refresh_reports()
        return misses

    def write(self, vals):
        if not self._workflow_keyed():
            self._check_no_stamps(vals)
            if "reason_id" in vals:
                vals = {**vals, **self._get_explanation_stamps(vals)}
        result = super().write(vals)
        self._refresh_reports()
        return result

    @api.model
    def _refresh_reports(self):
        """Have reports read anew what is said here."""
        for name in ("itsm.sla.attainment", "itsm.sla.attainment.month"):
            self.env[name].invalidate_model(flush=False)

    @api.model
    def _get_explanation_stamps(self, vals):
        """Return who explains and when, for values that hold a reason or none."""
        if not vals.get("reason_id"):
            return {"explained_by_id": False, "explained_date": False}
        return {
            "explained_by_id": self.env.uid,
            "explained_date": fields.Datetime.now(),
        }

    @api.model
    def _check_no_stamps(self, vals):
        forged = [name for name in STAMPS if vals.get(name)]
        if forged:
            raise UserError(
                self.env._(
                    "“%(field)s” follows from what people do and cannot be written.",
                    field=self._workflow_field_label(forged[0]),
                )
            )
