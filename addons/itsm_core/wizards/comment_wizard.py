from odoo import models
from odoo.exceptions import UserError


class CommentWizard(models.TransientModel):
    _inherit = "comment.wizard"

    def add_comment(self):
        reviews = self.review_ids
        if self.res_model not in reviews._guarded_models():
            return super().add_comment()
        record = self.env[self.res_model].browse(self.res_id)
        if not reviews or reviews - record._approval_turn():
            raise UserError(record._approval_no_turn_message())
        keyed = self.with_env(reviews._with_key().env)
        return super(CommentWizard, keyed).add_comment()
