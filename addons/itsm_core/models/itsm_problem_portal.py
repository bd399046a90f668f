from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext, is_html_empty

from .itsm_impact_graph import ImpactGraph
from .itsm_problem import KNOWN_STATES


class ItsmProblem(models.Model):
    """What customers read about a known error on their portal, in words of its own."""

    _name = "itsm.problem"
    _inherit = ["itsm.problem"]

    is_on_portal = fields.Boolean(
        string="On the Portal",
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Customers of its services read title and text below while it is a known "
        "error. They see nothing else of the problem.",
    )
    portal_title = fields.Char(
        string="Title for Customers",
        copy=False,
        tracking=True,
        help="What they notice, in words of customers. They see no other title.",
    )
    portal_body = fields.Html(
        string="Text for Customers",
        copy=False,
        sanitize_style=True,
        help="How they go on working meanwhile. Workaround and cause stay inside.",
    )
    portal_service_ids = fields.Many2many(
        "itsm.service",
        string="Customers Of",
        compute="_compute_portal_service_ids",
        help="Its service and those that stand on its items, where they are live and "
        "published. Their customers read it.",
    )
    is_known = fields.Boolean(string="Is a Known Error", compute="_compute_is_known")

    @api.depends("state")
    def _compute_is_known(self):
        for problem in self:
            problem.is_known = problem.state in KNOWN_STATES

    @api.depends("service_id", "ci_ids", "company_id")
    def _compute_portal_service_ids(self):
        """Find the services in a few queries, however many problems there are."""
        standing = self._find_services_on_items()
        Service = self.env["itsm.service"]
        for problem in self:
            services = Service.browse(standing.get(problem._origin.id, ()))
            services |= problem.service_id._origin
            problem.portal_service_ids = services.filtered_domain(
                Service._get_published_domain()
                & Domain("company_id", "in", (False, problem.company_id.id))
            )

    def _find_services_on_items(self):
        """Return ``{id: ids of services}`` that stand on the items of problems.

        All that is reached, be there others that share the work or not: who stands on
        a redundant item has use for the workaround, too. Branches that were left out
        of the impact of a problem are left out here.
        """
        ids = self._origin.filtered("ci_ids").ids
        if not ids:
            return {}
        self.env["itsm.problem"].flush_model(["ci_ids"])
        self.env["itsm.impact.exclusion"].flush_model()
        self.env["itsm.service"].flush_model(["ci_id"])
        graph = ImpactGraph(self.env)
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE reached(problem_id, ci_id) AS (
                    SELECT start.problem_id, start.ci_id
                      FROM itsm_problem_ci_rel start
                      JOIN itsm_ci item ON item.id = start.ci_id
                     WHERE start.problem_id = ANY(%(ids)s)
                       AND item.active AND item.lifecycle_state <> 'retired'
                     UNION
                    SELECT reached.problem_id, edge.consumer
                      FROM reached
                      JOIN (%(edges)s) edge ON edge.supplier = reached.ci_id
                      JOIN itsm_ci item ON item.id = edge.consumer
                     WHERE item.active AND item.lifecycle_state <> 'retired'
                       AND NOT EXISTS (
                           SELECT 1 FROM itsm_impact_exclusion excluded
                            WHERE excluded.problem_id = reached.problem_id
                              AND excluded.ci_id = edge.consumer
                              AND excluded.direction = 'affected'
                              AND excluded.active)
                )
                SELECT reached.problem_id, array_agg(service.id)
                  FROM reached
                  JOIN itsm_service service ON service.ci_id = reached.ci_id
                 GROUP BY reached.problem_id
                """,
                ids=ids,
                edges=graph.edges(),
            )
        )
        return dict(rows)

    @api.constrains("is_on_portal", "portal_title", "portal_body")
    def _check_portal_words(self):
        for problem in self.filtered("is_on_portal"):
            if not (problem.portal_title or "").strip() or is_html_empty(
                problem.portal_body
            ):
                raise ValidationError(
                    self.env._(
                        "Customers see nothing of %(problem)s but the title and the "
                        "text for customers. Write both, or take it off the portal.",
                        problem=problem.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    @api.model
    def _get_portal_known_errors(self, problem_id=None, words=""):
        """Return the known errors that the current user may read, the newest first.

        Superuser mode: customers have no access to problems. Pages show values of
        these records alone, by ``_get_portal_values``.

        :param int problem_id: only this one, if it is among them
        :param str words: only those that say all of these words to customers
        """
        domain = (
            Domain("is_on_portal", "=", True)
            & Domain("state", "in", KNOWN_STATES)
            & Domain("active", "=", True)
            & Domain("company_id", "in", self.env.user.company_ids.ids)
        )
        if problem_id is not None:
            domain &= Domain("id", "=", problem_id)
        own = self.env["itsm.service"]._get_portal_domain()
        # sudo: see above. What follows leaves what concerns the customer.
        known = (
            self.sudo()
            .search(domain, order="known_error_date desc, id desc")
            .filtered(lambda problem: problem.portal_service_ids.filtered_domain(own))
        )
        wanted = words.lower().split()
        return known.filtered(
            lambda problem: all(word in problem._get_portal_words() for word in wanted)
        )

    def _get_portal_words(self):
        """Return what customers can search for, in lower case."""
        self.ensure_one()
        return f"{self.portal_title} {html2plaintext(self.portal_body)}".lower()

    def _get_portal_values(self):
        """Return what the page of a customer shows of a known error.

        In superuser mode. Names of services are those of the customer alone.
        """
        self.ensure_one()
        own = self.env["itsm.service"]._get_portal_domain()
        return {
            "id": self.id,
            "title": self.portal_title,
            "body": self.portal_body,
            "since": self.known_error_date,
            "is_being_fixed": self.state == "fix",
            "services": self.portal_service_ids.filtered_domain(own).mapped("name"),
        }
