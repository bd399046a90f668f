from . import test_asset_reconciliation
from . import test_inventory_corrections
from . import test_inventory_items
from . import test_inventory_records
from . import test_catalog_goods
