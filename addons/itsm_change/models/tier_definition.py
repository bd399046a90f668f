import ast

from odoo import api, fields, models
from odoo.fields import Domain


class TierDefinition(models.Model):
    """A rule of who approves, told in words to those who work by it."""

    _name = "tier.definition"
    _inherit = ["tier.definition"]

    asked_words = fields.Char(string="Approved By", compute="_compute_words")
    condition_words = fields.Char(string="When", compute="_compute_words")

    @api.model
    def _get_tier_validation_model_names(self):
        names = super()._get_tier_validation_model_names()
        return [
            *names,
            "itsm.change",
            "itsm.change.template",
            "itsm.transition.plan",
        ]

    @api.depends(
        "review_type",
        "reviewer_id",
        "reviewer_group_id",
        "reviewer_field_id",
        "definition_domain",
        "model",
    )
    def _compute_words(self):
        for tier in self:
            # sudo: names of groups and fields, which hide nothing.
            named = tier.sudo()
            tier.asked_words = {
                "individual": named.reviewer_id.name,
                "group": named.reviewer_group_id.name,
                "field": named.reviewer_field_id.field_description,
            }.get(tier.review_type)
            tier.condition_words = tier._describe_condition()

    def _describe_condition(self):
        """Return the domain of a rule in words, or as it is where words fail."""
        self.ensure_one()
        written = self.definition_domain or "[]"
        if self.model not in self.env:
            return written
        try:
            domain = Domain(ast.literal_eval(written))
            return self._describe_domain(domain) or self.env._("always")
        except (ValueError, SyntaxError, KeyError):
            # Domains may have names of their own, such as that of the user.
            return written

    def _describe_domain(self, domain):
        """Return words for a domain, empty for one that all records fit.

        :raise ValueError: for what has no words here
        """
        if domain.is_true():
            return ""
        operator = getattr(domain, "OPERATOR", None)
        if operator in ("&", "|"):
            parts = [self._describe_domain(child) for child in domain.children]
            if operator == "&":
                return self.env._(" and ").join(parts)
            return "({})".format(self.env._(" or ").join(parts))
        if not hasattr(domain, "field_expr"):
            raise ValueError(domain)
        return self._describe_leaf(domain)

    def _describe_leaf(self, leaf):
        field = self.env[self.model]._fields[leaf.field_expr]
        label = field._description_string(self.env)
        if leaf.operator in ("=", "!=", "in", "not in"):
            return self._describe_choice(field, label, leaf)
        words = {
            ">=": self.env._("%(field)s from %(value)s"),
            ">": self.env._("%(field)s above %(value)s"),
            "<=": self.env._("%(field)s up to %(value)s"),
            "<": self.env._("%(field)s below %(value)s"),
        }
        if leaf.operator not in words:
            raise ValueError(leaf)
        return words[leaf.operator] % {"field": label, "value": leaf.value}

    def _describe_choice(self, field, label, leaf):
        is_list = leaf.operator in ("in", "not in")
        values = list(leaf.value) if is_list else [leaf.value]
        is_not = leaf.operator in ("!=", "not in")
        if values in ([True], [False]):
            has_it = values[0] != is_not
            if field.type == "boolean":
                text = self.env._("%s") if has_it else self.env._("not %s")
            else:
                text = self.env._("%s set") if has_it else self.env._("no %s")
            return text % label
        if field.type == "selection":
            choices = dict(field._description_selection(self.env))
            # In the order of the field: a domain keeps them in none.
            values = [words for key, words in choices.items() if key in values]
        elif field.type not in ("char", "text", "integer", "float", "monetary"):
            raise ValueError(leaf)
        text = (
            self.env._("%(field)s: not %(values)s")
            if is_not
            else "%(field)s: %(values)s"
        )
        return text % {
            "field": label,
            "values": "/".join(map(str, values)),
        }
