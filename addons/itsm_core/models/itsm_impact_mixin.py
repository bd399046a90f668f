from odoo import fields, models
from odoo.exceptions import UserError

from .itsm_impact_answer import ImpactAnswer

#: How far a question goes, in levels.
DEFAULT_DEPTH = 4
MAXIMUM_DEPTH = 20


class ItsmImpactMixin(models.AbstractModel):
    """A record of which can be asked what it affects and what it depends on."""

    _name = "itsm.impact.mixin"
    _description = "ITSM Source of Impact"

    def _impact_start(self):
        """Return the items (`itsm.ci`) where a fault begins."""
        raise NotImplementedError

    def _impact_origin(self):
        """Return the values by which an exclusion refers to the record."""
        raise NotImplementedError

    def _log_impact(self, text):
        self._message_log(body=text)

    def action_open_impact(self):
        """Open the list and the picture of what the record affects."""
        self.ensure_one()
        self._check_impact_access()
        return {
            "type": "ir.actions.client",
            "tag": "itsm_impact",
            "name": self.env._("Impact of %s", self.display_name),
            "context": {"active_model": self._name, "active_id": self.id},
        }

    def get_impact(self, direction="affected", depth=DEFAULT_DEPTH):
        """Tell what the record affects, or what it depends on.

        :param str direction: "affected" or "depends"
        :param int depth: levels to list; the total counts everything
        :return: see ``ImpactAnswer.tell``
        :rtype: dict
        :raise AccessError: the user may not read the record, or no items at all
        """
        self.ensure_one()
        self._check_impact_access()
        self._check_direction(direction)
        depth = max(1, min(int(depth), MAXIMUM_DEPTH))
        exclusions = self._impact_exclusions(direction)
        answer = ImpactAnswer(self.env, self._impact_start(), direction, exclusions)
        return {
            **answer.tell(depth),
            "name": self.display_name,
            "may_exclude": self.has_access("write"),
        }

    def exclude_from_impact(self, direction, ci_id, reason):
        """Leave an item, and what is reached by it alone, out of the impact.

        :param str direction: "affected" or "depends"
        :param int ci_id: the item
        :param str reason: kept with who excluded it and when
        :raise UserError: no reason, or nothing that can be excluded
        """
        self.ensure_one()
        self._check_impact_access("write")
        self._check_direction(direction)
        reason = str(reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why this branch is left out."))
        ci = self.env["itsm.ci"].browse(int(ci_id)).exists()
        ci.check_access("read")
        if not ci or ci in self._impact_start():
            raise UserError(
                self.env._("Exclude an item of the answer, not where it begins.")
            )
        if ci in self._impact_exclusions(direction).ci_id:
            raise UserError(self.env._("“%(name)s” is excluded already.", name=ci.name))
        # sudo: the rows are for nobody to write; who may change the record was asked.
        self.env["itsm.impact.exclusion"].sudo().create(
            {
                **self._impact_origin(),
                "direction": direction,
                "ci_id": ci.id,
                "reason": reason,
            }
        )
        self._log_impact(
            self.env._(
                "Left out of the impact: %(name)s. %(reason)s",
                name=ci.display_name,
                reason=reason,
            )
        )

    def restore_to_impact(self, direction, ci_id):
        """Take an excluded item in again.

        :raise UserError: it is not excluded
        """
        self.ensure_one()
        self._check_impact_access("write")
        self._check_direction(direction)
        exclusions = self._impact_exclusions(direction)
        exclusion = exclusions.filtered(lambda row: row.ci_id.id == ci_id)
        if not exclusion:
            raise UserError(self.env._("This branch is not excluded."))
        exclusion.write(
            {
                "active": False,
                "restored_uid": self.env.uid,
                "restored_date": fields.Datetime.now(),
            }
        )
        self._log_impact(
            self.env._("Taken into the impact again: %s", exclusion.ci_id.display_name)
        )

    def _impact_exclusions(self, direction):
        """Return what is excluded from this record now."""
        domain = [(name, "=", key) for name, key in self._impact_origin().items()]
        # sudo: who may read the record may read what was excluded from it.
        return (
            self.env["itsm.impact.exclusion"]
            .sudo()
            .search([*domain, ("direction", "=", direction)])
        )

    def _check_impact_access(self, operation="read"):
        self.check_access(operation)
        # Customers may read tickets, but no items by any door.
        self.env["itsm.ci"].check_access("read")

    def _check_direction(self, direction):
        if direction not in ("affected", "depends"):
            raise UserError(
                self.env._("Ask what is affected, or what the record depends on.")
            )


class ItsmCi(models.Model):
    _name = "itsm.ci"
    _inherit = ["itsm.ci", "itsm.impact.mixin"]

    def _impact_start(self):
        return self

    def _impact_origin(self):
        return {"origin_ci_id": self.id}

    def _log_impact(self, text):
        self._log_change({self.id: text})


class ItsmService(models.Model):
    _name = "itsm.service"
    _inherit = ["itsm.service", "itsm.impact.mixin"]

    def _impact_start(self):
        return self.ci_id

    def _impact_origin(self):
        return {"origin_ci_id": self.ci_id.id}


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "itsm.impact.mixin"]

    def _impact_start(self):
        return self.ci_ids | self.service_id.ci_id

    def _impact_origin(self):
        return {"ticket_id": self.id}
