"""For the scripts in this folder, which run inside Odoo's virtual environment."""

from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config


@contextmanager
def environment(config_file, database):
    """An Odoo environment as superuser; committed at the end, unless it fails."""
    config.parse_config(["-c", config_file, "-d", database], setup_logging=True)
    with Registry(database).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})
