from odoo import api, models


class ItsmCachedPolicyMixin(models.AbstractModel):
    """Rules that are read from the cache of the registry (``tools.ormcache``).

    The cache is emptied before a change and after it: what reads the rules while they
    change would fill it with what held before.
    """

    _name = "itsm.cached.policy.mixin"
    _description = "Cached Policy"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        rules = super().create(vals_list)
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        self.env.registry.clear_cache()
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
