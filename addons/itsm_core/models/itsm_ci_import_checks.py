from .itsm_ci_import_cells import RefusedRowError
from .itsm_ci_import_roles import CLASS

#: Rows or items that a sentence names.
NAMED = 3


class ItemChecks:
    """What keeps a row from being used, in the words of a row.

    An item refuses the same when it is written; here it is told beforehand.
    """

    def _check_class(self, cells):
        if CLASS not in cells:
            return
        found = self._classes.find(cells[CLASS])
        if found.others:
            raise RefusedRowError(
                self.env._(
                    "There are several classes “%(class)s”. Write one of: %(names)s.",
                    **{"class": cells[CLASS]},
                    names=", ".join(found.others),
                )
            )
        if not found.class_id:
            raise RefusedRowError(
                self.env._(
                    "There is no class “%(class)s”. Write a name as under "
                    "Configuration, CI Classes, or add the class there.",
                    **{"class": cells[CLASS][:80]},
                )
            )

    def _check_new_class(self, item, ci_class):
        """A class below the present one adds attributes; any other loses some."""
        if not ci_class.parent_path.startswith(item.class_id.parent_path):
            raise RefusedRowError(
                self.env._(
                    "“%(item)s” has this serial number and is of the class “%(old)s”, "
                    "which “%(new)s” is not part of. Correct the row, or change the "
                    "class on the item.",
                    item=item.name,
                    old=item.class_id.complete_name,
                    new=ci_class.complete_name,
                )
            )

    def _check_plan(self, plan, item, ci_class):
        """Refuse what an item would refuse, in the words of a row."""
        if plan.outcome == "unchanged":
            return
        if ci_class.is_service:
            raise RefusedRowError(
                self.env._(
                    "“%(class)s” is a class of services. Create and change services "
                    "under Configuration, Services.",
                    **{"class": ci_class.complete_name},
                )
            )
        if item and not item.active:
            raise RefusedRowError(
                self.env._("“%s” is archived. Restore it first.", item.name)
            )
        labels = self.Ci._workflow_states()
        old = item.lifecycle_state or self.Ci._workflow_first()
        if plan.state == old:
            plan.state = None
        if plan.state and (old, plan.state) not in self._moves:
            raise RefusedRowError(
                self.env._(
                    "An item that is “%(old)s” cannot become “%(new)s”.",
                    old=labels[old],
                    new=labels[plan.state],
                )
            )
        locked = set(self._locked.get(old, ()))
        written = {*plan.values, *(["properties"] if plan.attributes else [])}
        if locked & written and not plan.state:
            raise RefusedRowError(
                self.env._(
                    "“%(item)s” is “%(state)s” and can no longer be changed. Move it "
                    "on first.",
                    item=item.name,
                    state=labels[old],
                )
            )
        bought = plan.values.get("purchase_date") or item.purchase_date
        warranty = plan.values.get("warranty_date") or item.warranty_date
        if bought and warranty and warranty < bought:
            raise RefusedRowError(
                self.env._("The warranty ends before the item was purchased.")
            )

    def _explain(self, answer, line):
        """Return why no item, or no single one, is meant."""
        cells = line["cells"]
        values = {
            "serial": cells.get("serial_number", ""),
            "name": cells.get("name", ""),
            "others": self._list(answer.others),
            "count": len(answer.others),
        }
        match answer.code:
            case "serial_twice":
                return self.env._(
                    "Row %(others)s has the serial number “%(serial)s”, too. Leave one "
                    "of them in the file.",
                    **values,
                )
            case "serial_ambiguous":
                return self.env._(
                    "%(count)s items have the serial number “%(serial)s”. Correct them "
                    "first.",
                    **values,
                )
            case "name_twice":
                return self.env._(
                    "Row %(others)s has the name “%(name)s” and the same class. Write "
                    "the serial number of each.",
                    **values,
                )
            case "name_ambiguous":
                return self.env._(
                    "%(count)s items of this class have the name “%(name)s”. Write the "
                    "serial number that one of them has.",
                    **values,
                )
            case "no_name" if not cells.get("serial_number"):
                return self.env._(
                    "The row has neither a serial number nor a name. Fill in one of "
                    "them."
                )
            case "no_name":
                return self.env._(
                    "No item has the serial number “%(serial)s”, and a new one needs a "
                    "name.",
                    **values,
                )
        return self.env._(
            "The row names no class, which a new item needs. Fill in the class, or "
            "choose one for such rows."
        )

    def _list(self, numbers):
        text = ", ".join(map(str, numbers[:NAMED]))
        return text + ", …" if len(numbers) > NAMED else text
