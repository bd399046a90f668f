import json
from collections import defaultdict

from psycopg2 import Error

from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger


class ItemStore:
    """Writes the items of a batch by the ordinary way, with their history.

    Where the batch is refused as a whole, by a constraint that no check of rows knows,
    its rows are written one by one, and those that are refused are told.
    """

    def __init__(self, env, run):
        self.env = env
        self.run = run
        # Whoever imports ten thousand items does not follow each of them.
        self.Ci = env["itsm.ci"].with_context(
            active_test=False,
            mail_auto_subscribe_no_notify=True,
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
        )

    def store(self, plans):
        """Write plans; those that are refused become so."""
        wanted = [plan for plan in plans if plan.outcome in ("new", "changed")]
        store_or_refuse(self.env, wanted, self._store)

    def _store(self, plans):
        self._create([plan for plan in plans if plan.outcome == "new"])
        self._change([plan for plan in plans if plan.outcome == "changed"])

    def _create(self, plans):
        if not plans:
            return
        items = self.Ci.create(
            [
                {
                    "company_id": self.run.company_id.id,
                    **plan.values,
                    **({"properties": plan.attributes} if plan.attributes else {}),
                }
                for plan in plans
            ]
        )
        items._log_change(
            {
                item.id: self.env._("Created by the %s.", self._tell(plan))
                for item, plan in zip(items, plans, strict=True)
            }
        )
        self._move(zip(items, plans, strict=True))
        for item, plan in zip(items, plans, strict=True):
            plan.item_ref = item.id

    def _change(self, plans):
        items = self.Ci.browse([plan.item_ref for plan in plans])
        # At once for all, so that writing them one by one asks for nothing.
        items._track_prepare(items._fields)
        for item, plan in zip(items, plans, strict=True):
            item._track_set_log_message(
                self.env._("Changed by the %s.", self._tell(plan))
            )
        pairs = list(zip(items, plans, strict=True))
        # An item that leaves its final state can be changed only then.
        locked = [pair for pair in pairs if pair[0].lifecycle_state == "retired"]
        self._move(locked)
        groups = defaultdict(list)
        for item, plan in pairs:
            values = {**plan.values}
            if plan.attributes:
                values["properties"] = plan.attributes
            groups[json.dumps(values, sort_keys=True, default=str)].append(
                (item.id, values)
            )
        for same in groups.values():
            if same[0][1]:
                self.Ci.browse([item_id for item_id, _values in same]).with_prefetch(
                    items._prefetch_ids
                ).write(same[0][1])
        self._move([pair for pair in pairs if pair not in locked])

    def _move(self, pairs):
        """Move items along their lifecycle, as the rows say."""
        moves = defaultdict(list)
        for item, plan in pairs:
            if plan.state:
                moves[plan.state].append(item.id)
        for state, ids in moves.items():
            self.Ci.browse(ids)._set_state(state)

    def _tell(self, plan):
        return self.env._(
            "import of “%(file)s”, row %(row)s",
            file=self.run.file_name,
            row=plan.row,
        )


def store_or_refuse(env, plans, store):
    """Store plans at once, or where that fails one by one.

    :param store: called with a list of plans
    """
    if not plans:
        return
    try:
        _try(env, plans, store)
    except (UserError, Error) as error:
        if isinstance(error, Error) and error.pgcode and error.pgcode[:2] == "40":
            # Somebody else was faster: the whole call is repeated.
            raise
        if len(plans) == 1:
            _refuse(env, plans[0], error)
            return
        for plan in plans:
            store_or_refuse(env, [plan], store)


def _try(env, plans, store):
    # The database tells of what it refuses, which is no error of the server.
    with mute_logger("odoo.sql_db"), env.cr.savepoint():
        store(plans)


def _refuse(env, plan, error):
    plan.outcome, plan.item_ref = "refused", None
    if isinstance(error, Error):
        plan.message = env._("The database refuses it: %s", str(error).split("\n")[0])
    elif isinstance(error, AccessError):
        plan.message = env._("You have no right to change this item.")
    else:
        plan.message = " ".join(str(error).split())
