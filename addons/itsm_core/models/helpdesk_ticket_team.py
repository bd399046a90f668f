from odoo import api, models, tools
from odoo.exceptions import UserError

from .helpdesk_ticket_stage import ITSM_STATES


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    @api.model
    @tools.ormcache("team_id", "company_id")
    def _get_first_stage_id(self, team_id, company_id):
        """Return the id of the stage in which tickets of a team begin, or False.

        :param team_id: id, or False for tickets without team
        :param int company_id: of the tickets without team
        """
        # sudo: which stages there are is no secret of the team.
        team = (
            self.browse(team_id)
            .sudo()
            .with_context(active_test=True)
            .with_company(company_id)
        )
        return team._get_applicable_stages()[:1].id

    @api.model
    def _get_stages_by_state(self, tickets, state):
        """Return the stage that stands for a state in each ticket's team.

        :param tickets: ``helpdesk.ticket`` records
        :param str state: one of ``ITSM_STATES``
        :return: ``{ticket: stage}``
        :raise UserError: where a team has no such stage
        """
        # Portal users move their own tickets through routes that checked them;
        # which stages there are is no secret of the team.
        stages = (
            self.env["helpdesk.ticket.stage"]
            .sudo()
            .search([("itsm_state", "=", state)])
        )
        result = {}
        for ticket in tickets:
            company = (
                ticket.company_id if not ticket.team_id else ticket.team_id.company_id
            )
            fitting = stages.filtered(
                lambda stage, t=ticket, c=company: (
                    stage.company_id in (c, c.browse())
                    and (not stage.team_ids or t.team_id in stage.team_ids)
                )
            )
            if not fitting:
                labels = dict(ITSM_STATES)
                raise UserError(
                    self.env._(
                        "No stage of %(team)s means '%(state)s'. Ask a process "
                        "manager to add one under Settings / Stages.",
                        team=ticket.team_id.name or self.env._("tickets without team"),
                        state=labels[state],
                    )
                )
            result[ticket] = fitting[0].sudo(False)
        return result

    # ------------------------------------------------------------------
    # Hooks into Odoo
    # ------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            # Other stages are open to the team now.
            self.env.registry.clear_cache()
        return result
