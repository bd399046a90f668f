"""Models that exist only while a test class runs."""

from odoo.orm.model_classes import add_to_registry
from odoo.orm.models import MetaModel


def load_fake_models(test_class, make):
    """Add the model definitions that `make()` returns to the registry.

    They are defined inside a function, and struck from the list of the add-on's
    models at once, so that no other registry ever loads them. Tables and rows go
    with the transaction of the test class, the models with its clean-up.
    """
    registry = test_class.registry
    definitions = make()
    for definition in definitions:
        MetaModel._module_to_models__["itsm_core"].remove(definition)
        add_to_registry(registry, definition)
    names = [definition._name for definition in definitions]
    registry._setup_models__(test_class.env.cr, names)
    registry.init_models(
        test_class.env.cr, names, {"models_to_check": True, "module": "itsm_core"}
    )
    for definition in definitions:
        test_class.env["ir.model.access"].create(
            {
                "name": definition._name,
                "model_id": test_class.env["ir.model"]._get_id(definition._name),
                "group_id": test_class.env.ref("itsm_core.group_user").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
                "perm_unlink": True,
            }
        )

    def unload():
        for name in names:
            del registry[name]
        registry._setup_models__(test_class.env.cr, [])

    test_class.addClassCleanup(unload)
