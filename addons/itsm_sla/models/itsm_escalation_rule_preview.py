from odoo import api, fields, models

from .itsm_escalation_rule import CONDITION_FIELDS, EFFECT_FIELDS, NOTIFY_ROLES


class ItsmEscalationRule(models.Model):
    """A rule as one reads it aloud."""

    _name = "itsm.escalation.rule"
    _inherit = ["itsm.escalation.rule"]

    preview = fields.Text(string="In Words", compute="_compute_preview")

    @api.depends(
        *CONDITION_FIELDS,
        *EFFECT_FIELDS,
        "activity_summary",
        "activity_user_id",
        "warn_customer",
    )
    @api.depends_context("lang")
    def _compute_preview(self):
        for rule in self:
            effects = rule._get_effect_sentences() or [
                self.env._("Nothing happens yet: say what it does.")
            ]
            rule.preview = "\n".join(
                [rule._get_condition_sentence(), *(f"– {text}" for text in effects)]
            )

    def _get_label(self, name):
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels.get(self[name], "")

    def _get_condition_sentence(self):
        if self.percent < 100:
            moment = self.env._(
                "When %(percent)s %% of the time is used", percent=self.percent
            )
        elif self.percent == 100:
            moment = self.env._("When the time is up")
        else:
            moment = self.env._(
                "When the time is over by %(percent)s %%", percent=self.percent - 100
            )
        parts = [self._get_label(name) for name in ("metric", "kind") if self[name]]
        parts = parts or [self.env._("any target")]
        of_ticket = [
            self._get_label(name) for name in ("priority", "ticket_type") if self[name]
        ]
        names = ", ".join(self.service_ids.mapped("display_name"))
        if names:
            of_ticket.append(self.env._("about %(services)s", services=names))
        names = ", ".join(self.team_ids.mapped("name"))
        if names:
            of_ticket.append(self.env._("with %(teams)s", teams=names))
        if of_ticket:
            return self.env._(
                "%(moment)s (%(target)s), for tickets that are %(conditions)s:",
                moment=moment,
                target=", ".join(parts),
                conditions=", ".join(of_ticket),
            )
        return self.env._(
            "%(moment)s (%(target)s), for every ticket:",
            moment=moment,
            target=", ".join(parts),
        )

    def _get_effect_sentences(self):
        sentences = []
        if self.raise_field:
            sentences.append(
                self.env._(
                    "%(field)s is raised by one.", field=self._get_label("raise_field")
                )
            )
        if self.reassign_on_duty:
            team = self.reassign_team_id.name or self.env._("the ticket's team")
            sentences.append(
                self.env._("The ticket goes to who is on duty for %(team)s.", team=team)
            )
        elif self.reassign_team_id:
            sentences.append(
                self.env._(
                    "The ticket goes to %(team)s.", team=self.reassign_team_id.name
                )
            )
        told = [
            self._fields[name]._description_string(self.env)
            for name in NOTIFY_ROLES
            if self[name]
        ]
        told += self.notify_user_ids.mapped("name")
        if told:
            sentences.append(
                self.env._("Notified: %(people)s.", people=", ".join(told))
            )
        if self.activity_role:
            who = self._get_label("activity_role")
            if self.activity_role == "user" and self.activity_user_id:
                who = self.activity_user_id.name
            sentences.append(
                self.env._(
                    "An activity for today, “%(summary)s”: %(who)s.",
                    summary=self.activity_summary or self.name or "",
                    who=who,
                )
            )
        if self.warn_customer:
            sentences.append(
                self.env._(
                    "The requester is warned by mail, where the agreement says so."
                )
            )
        return sentences
