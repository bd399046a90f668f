from odoo import models


class HelpdeskTicket(models.Model):
    """What customers are told of the promises for their ticket."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    def _get_portal_promises(self):
        """Return what the customer was promised, for the portal's page.

        Of service level agreements only: what teams and suppliers agreed with us is
        ours.

        :rtype: list[dict]: ``label``; ``when``, naive UTC or False while paused;
            ``status``: open, paused, met or missed
        """
        self.ensure_one()
        self.env["itsm.sla.clock"]._sync_pending()
        metrics = self.env["itsm.sla.clock"]._fields["metric"]
        labels = dict(metrics._description_selection(self.env))
        # sudo: customers have no access to clocks; whoever shows this page has
        # checked the ticket, and neither agreement nor target is told.
        clocks = self.sudo().sla_clock_ids.filtered(
            lambda clock: clock.kind == "sla" and clock.state != "cancelled"
        )
        promises = []
        for metric, label in labels.items():
            # Of a target that was missed and its successor, the one that runs on.
            found = clocks.filtered(lambda clock, m=metric: clock.metric == m).sorted(
                lambda clock: (clock.state in ("running", "paused"), clock.id)
            )[-1:]
            if not found:
                continue
            if found.is_missed:
                status = "missed"
            else:
                status = {"paused": "paused", "stopped": "met"}.get(found.state, "open")
            promises.append({"label": label, "when": found.due, "status": status})
        return promises
