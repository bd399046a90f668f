"""What of the graph of items has changed since it was last read.

Every statement that changes any of it leaves a random stamp, by triggers of the
database: so it does not matter whether it came through the ORM, by SQL or by a foreign
key, and what is rolled back takes its stamp with it. Stamps are added and never
changed, so nobody waits for anybody. A part of the graph is as it was while its stamps
are. Relations come in portions, by their number; items and groups are one part each.
"""

from odoo.tools import SQL

#: A portion is the relations whose numbers are alike but for so many bits.
PORTION_BITS = 12
#: The part that items out of use are, and the part that redundancy groups are.
STATES, GROUPS = -1, -2

#: For each event on relations: what the rows are called that it touched. Those that a
#: truncation removes have no name.
ROWS = {
    "INSERT": ("new_rows",),
    "UPDATE": ("old_rows", "new_rows"),
    "DELETE": ("old_rows",),
    "TRUNCATE": (),
}


def stamp_relations(env):
    """Have relations leave stamps from now on, and stamp all of them anew."""
    _make_table(env)
    for event, tables in ROWS.items():
        rows = SQL(" UNION ").join(
            SQL("SELECT id >> %s FROM %s", PORTION_BITS, SQL.identifier(table))
            for table in tables
        )
        body = SQL(
            "INSERT INTO itsm_impact_stamp (part) SELECT DISTINCT * FROM (%s) AS part",
            rows,
        )
        if not tables:
            body = SQL("DELETE FROM itsm_impact_stamp WHERE part >= 0")
        _make_trigger(env, "itsm_ci_relation", event, body, tables)
    # PostgreSQL would expect a portion for each relation, and would not pack them in
    # parallel.
    env.cr.execute(
        SQL(
            """
            CREATE STATISTICS IF NOT EXISTS itsm_ci_relation_portion
                ON (id >> %(bits)s) FROM itsm_ci_relation;
            DELETE FROM itsm_impact_stamp WHERE part >= 0;
            INSERT INTO itsm_impact_stamp (part)
            SELECT DISTINCT id >> %(bits)s FROM itsm_ci_relation
            """,
            bits=PORTION_BITS,
        )
    )


def stamp_states(env):
    """Have items leave stamps when they come, go, or change their state."""
    update = "UPDATE OF active, lifecycle_state"
    _stamp_whole(env, STATES, "itsm_ci", ("INSERT", update, "DELETE", "TRUNCATE"))


def stamp_groups(env):
    """Have redundancy groups leave stamps."""
    events = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
    _stamp_whole(env, GROUPS, "itsm_ci_redundancy", events)


def _stamp_whole(env, part, table, events):
    _make_table(env)
    stamp = SQL("INSERT INTO itsm_impact_stamp (part) VALUES (%s)", part)
    for event in events:
        _make_trigger(env, table, event, stamp)
    env.cr.execute(stamp)


def _make_table(env):
    env.cr.execute(
        """
        CREATE TABLE IF NOT EXISTS itsm_impact_stamp (
            part integer NOT NULL,
            stamp bigint NOT NULL DEFAULT uuid_hash_extended(gen_random_uuid(), 0)
        )
        """
    )


def _make_trigger(env, table, event, body, rows=()):
    """Have a statement follow every statement of a kind.

    :param rows: what it calls the rows that were touched
    """
    name = f"{table}_stamp_{event.split()[0].lower()}"
    referencing = SQL(" ").join(
        SQL("%s TABLE AS %s", SQL(rows_name[:3]), SQL.identifier(rows_name))
        for rows_name in rows
    )
    env.cr.execute(
        SQL(
            """
            CREATE OR REPLACE FUNCTION %(name)s() RETURNS trigger LANGUAGE plpgsql AS
            $stamp$ BEGIN %(body)s; RETURN NULL; END $stamp$;
            DROP TRIGGER IF EXISTS %(name)s ON %(table)s;
            CREATE TRIGGER %(name)s AFTER %(event)s ON %(table)s %(referencing)s
            FOR EACH STATEMENT EXECUTE FUNCTION %(name)s()
            """,
            name=SQL.identifier(name),
            table=SQL.identifier(table),
            body=body,
            event=SQL(event),
            referencing=SQL("REFERENCING %s", referencing) if rows else SQL(),
        )
    )


def drop_stamps(env):
    """Remove the triggers, their functions and the stamps."""
    for table in ("itsm_ci_relation", "itsm_ci", "itsm_ci_redundancy"):
        for event in ROWS:
            name = SQL.identifier(f"{table}_stamp_{event.lower()}")
            env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s CASCADE", name))
    env.cr.execute("DROP TABLE IF EXISTS itsm_impact_stamp")


def read_stamps(env):
    """Return ``{part: stamp}`` as it is in this transaction, as far as it is flushed.

    The part is the portion of relations, `STATES` or `GROUPS`; stamps are to be
    compared only.
    """
    rows = env.execute_query(
        SQL(
            "SELECT part, count(*), bit_xor(stamp) FROM itsm_impact_stamp GROUP BY part"
        )
    )
    return {part: tuple(stamp) for part, *stamp in rows}


def merge_stamps(env):
    """Leave one stamp for each part: a new one where it had several."""
    env.cr.execute(
        """
        WITH many AS (
            SELECT part FROM itsm_impact_stamp GROUP BY part HAVING count(*) > 1),
        gone AS (
            DELETE FROM itsm_impact_stamp WHERE part IN (SELECT part FROM many))
        INSERT INTO itsm_impact_stamp (part)
        SELECT part FROM many
        """
    )
