from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.event_rules import Rule
from ..tools.label_matchers import MatcherError, read_matchers
from .itsm_priority_rule import LEVELS


class ItsmEventMatcherMixin(models.AbstractModel):
    """Something that holds for the events whose labels fit."""

    _name = "itsm.event.matcher.mixin"
    _description = "Conditions on Labels"

    source_ids = fields.Many2many(
        "itsm.event.source",
        string="Sources",
        check_company=True,
        help="Empty: all of the company.",
    )
    matchers = fields.Text(
        string="Labels",
        help="One condition a line, all of which have to fit: name = value, "
        "name != value, name =~ regular expression, name !~ regular expression.",
    )

    @api.constrains("matchers")
    def _check_matchers(self):
        for record in self:
            try:
                read_matchers(record.matchers)
            except MatcherError as error:
                raise ValidationError(record._describe(error)) from error

    def _describe(self, error):
        """Put what is wrong with conditions into words."""
        text = {
            "form": self.env._(
                "“%s” is no condition on a label. Write name = value, or =~ for a "
                "regular expression.",
                error.text,
            ),
            "expression": self.env._("This is no regular expression: %s", error.text),
            "dear": self.env._(
                "“%s” could take too long. Leave out what is repeated within a "
                "repetition, back references and look-around, and shorten it.",
                error.text,
            ),
            "many": self.env._(
                "%s conditions are too many. Make several rules of them.", error.text
            ),
        }
        return text[error.kind]


class ItsmEventRule(models.Model):
    """What an event is about, by its labels."""

    _name = "itsm.event.rule"
    _description = "Event Rule"
    _inherit = ["itsm.event.matcher.mixin", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    source_ids = fields.Many2many(tracking=True)
    matchers = fields.Text(tracking=True)
    ci_id = fields.Many2one(
        "itsm.ci",
        string="This Item",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    ci_label = fields.Char(
        string="Item Named by Label",
        tracking=True,
        help="A label such as instance. Its value is looked for among the names of "
        "items: as it is, without port, and without domain.",
    )
    service_id = fields.Many2one(
        "itsm.service",
        string="This Service",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    service_label = fields.Char(
        string="Service Named by Label",
        tracking=True,
        help="A label whose value is the name of the service.",
    )
    impact = fields.Selection(LEVELS, tracking=True)
    urgency = fields.Selection(LEVELS, tracking=True)
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        check_company=True,
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: the team of the service, or else of the source.",
    )
    is_recorded_only = fields.Boolean(
        string="Record Only",
        tracking=True,
        help="No incident is opened for these events.",
    )

    @api.constrains(
        "name",  # which comes with each new rule
        "ci_id",
        "ci_label",
        "service_id",
        "service_label",
        "impact",
        "urgency",
        "team_id",
        "is_recorded_only",
    )
    def _check_says_something(self):
        for rule in self:
            if not (
                rule.ci_id
                or rule.ci_label
                or rule.service_id
                or rule.service_label
                or rule.impact
                or rule.urgency
                or rule.team_id
                or rule.is_recorded_only
            ):
                raise ValidationError(
                    self.env._(
                        "“%s” says nothing about the events that fit. Choose an item, "
                        "a service, impact, urgency or team, or record them only.",
                        rule.name,
                    )
                )

    @api.model
    def _get_rules(self, company):
        """Return the active rules of a company in their order.

        :rtype: list[Rule]
        """
        return [
            Rule(
                rule.id,
                frozenset(rule.source_ids.ids),
                read_matchers(rule.matchers),
                rule.ci_id.id or 0,
                (rule.ci_label or "").strip(),
                rule.service_id.id or 0,
                (rule.service_label or "").strip(),
                rule.impact or "",
                rule.urgency or "",
                rule.team_id.id or 0,
                rule.is_recorded_only,
            )
            for rule in self.search([("company_id", "=", company.id)])
        ]
