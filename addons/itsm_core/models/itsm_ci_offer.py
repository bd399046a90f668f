from odoo import api, models
from odoo.fields import Domain

#: Name of the context key with the person for whom items are looked up.
OFFER_FOR = "itsm_offer_for"


class ItsmCi(models.Model):
    """Which items are offered first when somebody needs help."""

    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    @api.model
    def _used_by_domain(self, people):
        """Return the domain of what these people work with."""
        return Domain("user_partner_id", "in", people.ids) & Domain(
            "lifecycle_state", "!=", "retired"
        )

    @api.model
    def _offer_domains(self, person):
        """Return domains of what may concern a person, nearest first.

        What they work with; what their department or customer has; anything.
        """
        theirs = Domain("user_partner_id", "parent_of", person.ids)
        if customer := person.itsm_customer_id:
            theirs |= Domain("customer_id", "=", customer.id)
        return [
            self._used_by_domain(person),
            theirs & Domain("lifecycle_state", "!=", "retired"),
            Domain.TRUE,
        ]

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find items, those of the person in the context (`itsm_offer_for`) first.

        The person changes the order alone: nothing is found that would not be found
        without, and nothing is left out but by the limit.
        """
        person = self._get_offer_person()
        if not person:
            return super().name_search(name, domain, operator, limit)
        domain = Domain(domain or Domain.TRUE)
        found = []
        for offer in self._offer_domains(person):
            room = limit and limit - len(found)
            if limit and room <= 0:
                break
            others = Domain("id", "not in", [ci_id for ci_id, _name in found])
            found += super().name_search(name, domain & offer & others, operator, room)
        return found

    @api.model
    def _get_offer_person(self):
        """Return the person in the context, as far as the user may read them."""
        person_id = self.env.context.get(OFFER_FOR)
        if not isinstance(person_id, int) or not self.has_access("read"):
            return self.env["res.partner"]
        people = self.env["res.partner"].with_context(active_test=False)
        return people.search([("id", "=", person_id)])
