from odoo import models

from .itsm_agreement import MANAGER

ACTIVITY = "itsm_sla.activity_exclusion"


class ItsmSlaMiss(models.Model):
    """Those who decide about an exclusion hear of it, and so does who asked."""

    _name = "itsm.sla.miss"
    _inherit = ["itsm.sla.miss"]

    def _set_state(self, target, **values):
        asked = {miss: miss.requested_by_id for miss in self}
        result = super()._set_state(target, **values)
        if target == "requested":
            self._ask_deciders()
        else:
            # sudo: the activities of others end with the decision.
            self.sudo().activity_unlink([ACTIVITY])
        if target in ("excluded", "refused"):
            self._tell_requesters(asked)
        return result

    def _get_deciders(self):
        """Return ``{miss: users}`` who may decide, and have no part in the matter.

        Whoever answers for the agreement alone, if that is one of them.
        """
        # sudo: asks who may decide, and who had the tickets.
        misses = self.sudo()
        managers = (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    (
                        "all_group_ids",
                        "in",
                        [self.env.ref(name).id for name in MANAGER],
                    ),
                    ("share", "=", False),
                ]
            )
        )
        workers = misses.ticket_id._get_workers()
        deciders = {}
        for miss in misses:
            company = miss.company_id
            users = managers.filtered(
                lambda user, company=company: company in user.company_ids
            )
            users -= workers[miss.ticket_id] | miss.requested_by_id
            owner = miss.agreement_id.owner_id
            deciders[miss] = owner if owner in users else users
        return deciders

    def _ask_deciders(self):
        """Have those decide who may."""
        by_user = {}
        for miss, users in self._get_deciders().items():
            for user in users:
                by_user.setdefault(user, miss.browse())
                by_user[user] |= miss
        for user, misses in by_user.items():
            misses.activity_schedule(ACTIVITY, user_id=user.id)

    def _tell_requesters(self, asked):
        """Tell those who asked for an exclusion what was decided.

        :param dict asked: ``{miss: user who asked}``
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for miss in self:
            miss.message_notify(
                body=self.env._(
                    "%(user)s decided: %(decision)s",
                    user=self.env.user.name,
                    decision=labels[miss.state],
                ),
                partner_ids=asked[miss].partner_id.ids,
                subject=self.env._(
                    "Exclusion of %(miss)s: %(decision)s",
                    miss=miss.display_name,
                    decision=labels[miss.state],
                ),
            )
