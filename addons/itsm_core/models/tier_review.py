from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.uninstall import guard_unlink

# The key to the reviews of guarded records. See itsm_workflow_mixin.
_KEY = object()
_KEY_NAME = "itsm_review_key"


class TierReview(models.Model):
    """Reviews of records under ``itsm.approval.mixin`` are evidence.

    Only the mixin writes them: clients cannot create, change or delete them,
    whatever they send and whoever they are.
    """

    _inherit = "tier.review"

    active = fields.Boolean(
        default=True, help="An approval that was withdrawn is kept, but archived."
    )
    is_guarded = fields.Boolean(
        compute="_compute_is_guarded",
        store=True,
        help="The record is under the approval rules of the IT service management.",
    )
    company_id = fields.Many2one(
        "res.company",
        related=None,
        compute="_compute_company_id",
        store=True,
        readonly=True,
    )

    @api.model
    def _guarded_models(self):
        """Return the names of the models whose reviews are locked."""
        registry = self.env.registry
        names = registry.descendants(["itsm.approval.mixin"], "_inherit")
        return {name for name in names if not registry[name]._abstract}

    @api.depends("model")
    def _compute_is_guarded(self):
        guarded = self._guarded_models()
        for review in self:
            review.is_guarded = review.model in guarded

    @api.depends("model", "res_id", "definition_id.company_id")
    def _compute_company_id(self):
        # A rule shared by all companies must not show the reviews of one to the
        # others: the company is that of the record.
        ids_by_model = defaultdict(set)
        for review in self.filtered("is_guarded"):
            ids_by_model[review.model].add(review.res_id)
        companies = {}
        for model, ids in ids_by_model.items():
            for record in self.env[model].browse(ids).exists():
                company = record[record._tier_validation_company_field]
                companies[model, record.id] = company
        for review in self:
            review.company_id = (
                companies.get((review.model, review.res_id))
                or review.definition_id.company_id
            )

    @api.depends(lambda self: [*self._get_reviewer_fields(), "model", "res_id"])
    def _compute_reviewer_ids(self):
        guarded = self.filtered("is_guarded")
        # One write for all that have the same reviewers.
        for reviewers, reviews in guarded.grouped(
            lambda review: review._get_reviewers()
        ).items():
            reviews.reviewer_ids = reviewers
        return super(TierReview, self - guarded)._compute_reviewer_ids()

    def _get_reviewers(self):
        """Return the users who may decide: for guarded records, four eyes always."""
        if not self.is_guarded:
            return super()._get_reviewers()
        # sudo: who may approve does not depend on what the current user may read.
        review = self.sudo()
        record = self.env[review.model].sudo().browse(review.res_id)
        reviewers = record._approval_reviewers(review.definition_id)
        return (reviewers - review.requested_by).with_env(self.env)

    # Guard

    def _with_key(self):
        return self.with_context(**{_KEY_NAME: _KEY})

    def _check_guard(self):
        """Raise an ``AccessError`` where guarded reviews are touched by a client."""
        if self.env.context.get(_KEY_NAME) is _KEY:
            return
        if any(model in self._guarded_models() for model in self.mapped("model")):
            raise AccessError(
                self.env._(
                    "Approvals cannot be written. Use the buttons of the form to ask "
                    "for an approval or to decide on it."
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        # Checked on the result, so that no default can smuggle in the model.
        reviews = super().create(vals_list)
        reviews._check_guard()
        return reviews

    def write(self, vals):
        self._check_guard()
        result = super().write(vals)
        if "model" in vals:
            self._check_guard()
        return result

    @guard_unlink
    def _unlink_except_guarded(self):
        if any(model in self._guarded_models() for model in self.mapped("model")):
            raise AccessError(
                self.env._("Approvals are evidence and cannot be deleted.")
            )

    def _update_review_status(self):
        # Promotes what has its turn, by the rules alone: safe for any caller, and
        # not to be put off by one.
        keyed = self._with_key().with_context(
            tier_validation_defer_compute_can_review=False
        )
        return super(TierReview, keyed)._update_review_status()

    def _send_review_reminder(self):
        # Notes the date of the reminder.
        return super(TierReview, self._with_key())._send_review_reminder()
