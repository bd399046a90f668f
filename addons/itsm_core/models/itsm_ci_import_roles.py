"""What the columns of a file of items or relations can mean."""

from odoo.tools.translate import LazyTranslate

from ..tools.ci_matching import make_key

_lt = LazyTranslate(__name__)

#: Fields of items that a column can fill, with other headings they are known by.
FIELD_ROLES = {
    "name": ("ci", "item", "ci name"),
    "serial_number": ("serial", "serial no", "serial no.", "s/n", "sn"),
    "asset_tag": ("asset number", "inventory number"),
    "lifecycle_state": ("status", "state", "lifecycle state"),
    "environment": ("stage",),
    "owner_id": ("owner",),
    "user_partner_id": ("user",),
    "customer_id": (),
    "supplier_id": ("vendor",),
    "location": ("site", "room"),
    "version": (),
    "purchase_date": ("purchased", "bought on"),
    "purchase_cost": ("cost", "price"),
    "warranty_date": ("warranty", "warranty until"),
}
CLASS = "class"
ATTRIBUTE = "attribute"
RELATION = "relation"

ITEM_ROLES = [
    ("name", "Name"),
    ("serial_number", "Serial Number"),
    ("asset_tag", "Asset Tag"),
    (CLASS, "Class"),
    ("lifecycle_state", "Lifecycle"),
    ("environment", "Environment"),
    ("owner_id", "Responsible"),
    ("user_partner_id", "Used By"),
    ("customer_id", "Customer"),
    ("supplier_id", "Supplier"),
    ("location", "Location"),
    ("version", "Version"),
    ("purchase_date", "Purchase Date"),
    ("purchase_cost", "Purchase Cost"),
    ("warranty_date", "Warranty End"),
    (ATTRIBUTE, "Attribute"),
    (RELATION, "Relation to Another Item"),
]
RELATION_ROLES = [
    ("source", "First Item"),
    ("source_class", "Class of the First Item"),
    ("type", "Relation"),
    ("target", "Second Item"),
    ("target_class", "Class of the Second Item"),
    ("note", "Note"),
]
#: Other headings of files of relations.
RELATION_HEADINGS = {
    "source": ("source", "from"),
    "source_class": ("source class", "first class"),
    "type": ("relation type", "type"),
    "target": ("target", "to"),
    "target_class": ("target class", "second class"),
}
REQUIRED = {"relation": ("source", "type", "target")}
#: Roles that one column alone can have.
SINGLE = {*dict(ITEM_ROLES), *dict(RELATION_ROLES)} - {ATTRIBUTE, RELATION}
#: Words for yes and no in files, besides English ones.
WORDS = (_lt("yes"), _lt("no"))


def guess_role(header, kind, labels):
    """Return the role of a column by its heading, or None.

    :param str kind: "item" or "relation"
    :param dict labels: ``{role: label}`` in the language of the user
    """
    key = make_key(header)
    if kind == "relation":
        roles, others = dict(RELATION_ROLES), RELATION_HEADINGS
    else:
        roles, others = dict(ITEM_ROLES), {CLASS: ("ci class",), **FIELD_ROLES}
    for role, label in roles.items():
        if role in (ATTRIBUTE, RELATION):
            continue
        names = (role, label, labels.get(role, ""), *others.get(role, ()))
        if key in map(make_key, names):
            return role
    return None
