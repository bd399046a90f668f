from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.impact import spread
from .itsm_impact_graph import ImpactGraph

SCOPE_FIELDS = ("scope", "service_id", "class_id", "location", "domain", "company_id")

#: What may follow a location so that the rest is a place within it.
WITHIN = (",", ";", "/", " /", " -")


class ItsmCiScopeMixin(models.AbstractModel):
    """A record that is about some of the items, said in one of several ways.

    An adopter belongs to a company (``company_id``, required) and has a name.
    """

    _name = "itsm.ci.scope.mixin"
    _description = "Scope of Configuration Items"

    scope = fields.Selection(
        [
            ("service", "A service and all that it depends on"),
            ("class", "A class and those below it"),
            ("location", "A location and all within it"),
            ("filter", "A filter"),
        ],
        default="service",
        required=True,
    )
    service_id = fields.Many2one("itsm.service", check_company=True, index=True)
    class_id = fields.Many2one("itsm.ci.class", index=True)
    location = fields.Char(
        help="The beginning of the location, as it is recorded on the items: “Data "
        "centre 2” holds “Data centre 2, rack 14” too."
    )
    domain = fields.Char(string="Filter", default="[]")

    @api.constrains("domain")
    def _check_domain(self):
        for record in self:
            try:
                self.env["itsm.ci"]._search(record._get_filter(), limit=1)
            except (SyntaxError, TypeError, ValueError) as error:
                raise ValidationError(
                    self.env._(
                        "The filter of “%(name)s” cannot be understood. Choose it "
                        "anew.",
                        name=record.name,
                    )
                ) from error

    def _get_filter(self):
        return Domain(literal_eval(self.domain or "[]"))

    def _get_scope_domain(self):
        """Return the domain of the items that the scope holds now."""
        self.ensure_one()
        domain = Domain("company_id", "in", (False, self.company_id.id))
        if self.scope == "service":
            graph = ImpactGraph(self.env, upstream=True)
            walk = spread(graph.alive(self.service_id.ci_id.ids), graph)
            return domain & Domain("id", "in", list(set().union(*walk.levels)))
        if self.scope == "class":
            return domain & Domain("class_id", "child_of", self.class_id.ids)
        if self.scope == "location":
            return domain & self._get_location_domain()
        return domain & self._get_filter()

    def _get_location_domain(self):
        location = (self.location or "").strip().rstrip(",/;").strip()
        if not location:
            return Domain.FALSE
        for character in "\\%_":
            location = location.replace(character, f"\\{character}")
        return Domain.OR(
            [Domain("location", "=ilike", location)]
            + [Domain("location", "=ilike", f"{location}{end}%") for end in WITHIN]
        )

    def _find_items(self):
        """Return the items that the scope holds now, and that the user may read."""
        return self.env["itsm.ci"].search(self._get_scope_domain())
