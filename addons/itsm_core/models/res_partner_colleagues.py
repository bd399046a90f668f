from odoo import fields, models
from odoo.tools import email_normalize


class ResPartner(models.Model):
    """Whose colleague somebody is, and who leads whom."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    itsm_manager_id = fields.Many2one(
        "res.users",
        string="Line Manager",
        domain=[("share", "=", False)],
        index="btree_not_null",
        groups="base.group_user",
        help="Approves what is requested for this person, or for everybody in this "
        "company who has no manager of their own.",
    )

    def _get_itsm_colleagues(self, domain=()):
        """Return the contacts of the same customer, or company where it is none.

        :param domain: whom to look for among them
        :return: contacts in superuser mode
        """
        self.ensure_one()
        # sudo: customers have no access to contacts; the caller looks for somebody
        # whom the user named.
        partner = self.sudo()
        customer = partner.itsm_customer_id
        same = fields.Domain("itsm_customer_id", "=", customer.id)
        if not customer:
            same = fields.Domain(
                "commercial_partner_id", "=", partner.commercial_partner_id.id
            )
        return partner.search(same & fields.Domain(domain))

    def _find_itsm_colleague(self, address):
        """Return the colleague with an e-mail address, or an empty recordset.

        :param str address: the whole address: nobody is shown a list
        """
        self.ensure_one()
        normalized = email_normalize(address or "")
        if not normalized:
            return self.sudo().browse()
        return self._get_itsm_colleagues([("email_normalized", "=", normalized)])[:1]

    def _get_itsm_managers(self, besides):
        """Return who leads this person: the next above who has no part in it.

        :param besides: contacts who cannot decide, as they asked
        :return: ``res.users``, empty where nobody is known
        """
        self.ensure_one()
        # sudo: who leads whom is kept on contacts that the user need not see.
        person = self.sudo()
        excluded = person | besides.sudo()
        seen = person.browse()
        while person and person not in seen:
            seen |= person
            manager = person._get_itsm_manager()
            if manager and manager.active and manager.partner_id not in excluded:
                return manager.with_env(self.env)
            # The manager's own manager, or the unit's.
            person = manager.partner_id or person.parent_id
        return self.env["res.users"]

    def _get_itsm_manager(self):
        """Return the manager of this contact alone. Extended where HR knows."""
        self.ensure_one()
        return self.itsm_manager_id
