"""Taking over a helpdesk_mgmt database, and giving it back.

Everything is a few statements in SQL, so that a helpdesk with a hundred thousand
tickets installs in seconds: columns that exist with values before the models are
loaded are not computed ticket by ticket.
"""

from odoo.tools import SQL

from .models.helpdesk_ticket_stage import DONE_STATES
from .models.itsm_impact_stamp import drop_stamps

#: What the stages of helpdesk_mgmt mean.
STAGE_STATES = {
    "helpdesk_ticket_stage_new": "new",
    "helpdesk_ticket_stage_in_progress": "open",
    "helpdesk_ticket_stage_awaiting": "pending",
    "helpdesk_ticket_stage_done": "closed",
    "helpdesk_ticket_stage_cancelled": "cancelled",
    "helpdesk_ticket_stage_rejected": "cancelled",
}


#: helpdesk_mgmt lets every visitor write stages, which itsm_rules_ticket.xml withdraws.
STAGE_RIGHT = "access_helpdesk_ticket_stage_public"
#: The parameter that remembers that there was something to withdraw.
STAGE_RIGHT_TAKEN = "itsm_core.stage_right_of_visitors_taken"


def pre_init_hook(env):
    """Map the stages and date the tickets that are already there."""
    right = env.ref(f"helpdesk_mgmt.{STAGE_RIGHT}", raise_if_not_found=False)
    if right and right.perm_write:
        env["ir.config_parameter"].set_param(STAGE_RIGHT_TAKEN, "True")
    for statement in (
        "ALTER TABLE helpdesk_ticket_stage ADD COLUMN itsm_state varchar",
        """
        UPDATE helpdesk_ticket_stage
           SET itsm_state = CASE WHEN closed THEN 'closed'
                                 WHEN unattended THEN 'new'
                                 ELSE 'open' END
        """,
        """
        ALTER TABLE helpdesk_ticket
            ADD COLUMN itsm_state varchar,
            ADD COLUMN opened_at timestamp,
            ADD COLUMN state_since timestamp,
            ADD COLUMN resolved_date timestamp,
            ADD COLUMN reopen_count integer,
            ADD COLUMN pending_reason varchar,
            ADD COLUMN impact varchar,
            ADD COLUMN urgency varchar,
            ADD COLUMN customer_replied boolean,
            ADD COLUMN is_closing_announced boolean,
            ADD COLUMN closing_from timestamp
        """,
    ):
        env.cr.execute(statement)
    for name, state in STAGE_STATES.items():
        env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_ticket_stage s
                   SET itsm_state = %s
                  FROM ir_model_data d
                 WHERE d.module = 'helpdesk_mgmt'
                   AND d.name = %s
                   AND d.res_id = s.id
                """,
                state,
                name,
            )
        )
    # The impact and urgency to which the shipped matrix gives the priority that
    # the ticket has, so that no ticket changes its priority by the installation.
    env.cr.execute(
        """
        UPDATE helpdesk_ticket t
           SET itsm_state = COALESCE(s.itsm_state, 'new'),
               opened_at = date_trunc('second', t.create_date),
               state_since = date_trunc('second',
                   COALESCE(t.last_stage_update, t.create_date)),
               closed_date = CASE WHEN s.closed THEN date_trunc('second',
                   COALESCE(t.closed_date, t.last_stage_update, t.write_date)) END,
               resolved_date = CASE WHEN s.itsm_state = 'closed' THEN date_trunc(
                   'second',
                   COALESCE(t.closed_date, t.last_stage_update, t.write_date)) END,
               reopen_count = 0,
               pending_reason = CASE WHEN s.itsm_state = 'pending'
                   THEN 'customer' END,
               impact = CASE t.priority WHEN '3' THEN '1' WHEN '2' THEN '1'
                   WHEN '0' THEN '3' ELSE '2' END,
               urgency = CASE t.priority WHEN '3' THEN '1' WHEN '2' THEN '2'
                   WHEN '0' THEN '3' ELSE '2' END,
               priority = COALESCE(t.priority, '1')
          FROM helpdesk_ticket x
     LEFT JOIN helpdesk_ticket_stage s ON s.id = x.stage_id
         WHERE x.id = t.id
        """
    )


def post_init_hook(env):
    """Rebuild the spans of older tickets from their tracked stage and assignee."""
    env.flush_all()
    _rebuild_spans(env)
    env["helpdesk.ticket"]._recompute_contacts()
    _revoke_file_tokens(env)
    if not env["helpdesk.ticket"].with_context(active_test=False).search([], limit=1):
        env["helpdesk.ticket.stage"]._name_after_states()
    env.invalidate_all()


def uninstall_hook(env):
    """Leave what tickets depend on: the stages that hold them.

    And let go of what is about to be deleted, which the database would refuse
    while tickets refer to it. The tables of the suite go as a whole: row by row,
    those that others point to would be refused.
    """
    env.cr.execute(
        "UPDATE helpdesk_ticket SET resolution_code_id = NULL, service_id = NULL"
    )
    env.cr.execute(
        "DELETE FROM ir_model_data"
        " WHERE module = 'itsm_core'"
        " AND (model = 'helpdesk.ticket.stage' OR model LIKE 'itsm.%')"
    )
    drop_stamps(env)
    # What tier_review_rules.xml shut is base_tier_validation's own again.
    for model in ("review", "definition"):
        for group in ("public", "portal"):
            env.ref(
                f"base_tier_validation.access_tier_{model}_group_{group}"
            ).active = True
    # So is this right, unless the house had withdrawn it before we did.
    parameters = env["ir.config_parameter"]
    right = env.ref(f"helpdesk_mgmt.{STAGE_RIGHT}", raise_if_not_found=False)
    if right and parameters.get_param(STAGE_RIGHT_TAKEN):
        right.perm_write = True
    parameters.set_param(STAGE_RIGHT_TAKEN, False)


def _revoke_file_tokens(env):
    """Make links to files of internal notes useless that got out to customers.

    helpdesk_mgmt gave each file of a ticket a token whenever somebody looked at the
    ticket on the portal. A token that stands in a text stays: an image shown there
    needs it.
    """
    env.cr.execute(
        """
        UPDATE ir_attachment file
           SET access_token = NULL
          FROM helpdesk_ticket ticket
         WHERE file.res_model = 'helpdesk.ticket'
           AND file.res_id = ticket.id
           AND file.access_token IS NOT NULL
           AND POSITION(file.access_token IN COALESCE(ticket.description, '')) = 0
           AND EXISTS (
               SELECT 1
                 FROM message_attachment_rel rel
                 JOIN mail_message message ON message.id = rel.message_id
                WHERE rel.attachment_id = file.id)
           AND NOT EXISTS (
               SELECT 1
                 FROM message_attachment_rel rel
                 JOIN mail_message message ON message.id = rel.message_id
                 LEFT JOIN mail_message_subtype subtype
                        ON subtype.id = message.subtype_id
                WHERE rel.attachment_id = file.id
                  AND (POSITION(file.access_token IN COALESCE(message.body, '')) > 0
                       OR NOT COALESCE(message.is_internal, FALSE)
                          AND subtype.id IS NOT NULL
                          AND NOT COALESCE(subtype.internal, FALSE)))
        """
    )


def _rebuild_spans(env):
    """Write spans for tickets without any, marked as estimated.

    The tracking of stage and assignee tells when they changed. The team, priority,
    service and type of the past are not known: today's are taken, and what the
    stages mean today.
    """
    env.cr.execute(
        """
        CREATE TEMPORARY TABLE tracked ON COMMIT DROP AS
        SELECT m.res_id AS ticket_id,
               date_trunc('second', m.date) AS moment,
               f.name AS field,
               NULLIF(v.old_value_integer, 0) AS old,
               NULLIF(v.new_value_integer, 0) AS new,
               v.id
          FROM mail_tracking_value v
          JOIN mail_message m
            ON m.id = v.mail_message_id AND m.model = 'helpdesk.ticket'
          JOIN ir_model_fields f
            ON f.id = v.field_id AND f.name IN ('stage_id', 'user_id')
        """
    )
    env.cr.execute("CREATE INDEX ON tracked (ticket_id, field, moment, id)")
    env.cr.execute("ANALYZE tracked")
    env.cr.execute(
        SQL(
            """
            WITH moment AS (
                SELECT id AS ticket_id, opened_at AS moment
                  FROM helpdesk_ticket t
                 WHERE NOT EXISTS (SELECT FROM itsm_ticket_span s
                                    WHERE s.ticket_id = t.id)
                 UNION
                SELECT k.ticket_id, GREATEST(k.moment, t.opened_at)
                  FROM tracked k
                  JOIN helpdesk_ticket t ON t.id = k.ticket_id
                 WHERE NOT EXISTS (SELECT FROM itsm_ticket_span s
                                    WHERE s.ticket_id = t.id)
            ), known AS (
                SELECT p.ticket_id, p.moment,
                       %(stage)s AS stage_id, %(user)s AS user_id
                  FROM moment p
                  JOIN helpdesk_ticket t ON t.id = p.ticket_id
            ), named AS (
                SELECT k.ticket_id, k.moment, k.user_id,
                       COALESCE(g.itsm_state, t.itsm_state) AS itsm_state
                  FROM known k
                  JOIN helpdesk_ticket t ON t.id = k.ticket_id
             LEFT JOIN helpdesk_ticket_stage g ON g.id = k.stage_id
            ), fresh AS (
                SELECT *, (itsm_state, user_id) IS NOT DISTINCT FROM (
                           lag(itsm_state) OVER w, lag(user_id) OVER w)
                          AND lag(moment) OVER w IS NOT NULL AS same
                  FROM named
                WINDOW w AS (PARTITION BY ticket_id ORDER BY moment)
            )
            INSERT INTO itsm_ticket_span
                   (ticket_id, start, stop, itsm_state, pending_reason, user_id,
                    team_id, priority, service_id, ticket_type, customer_id,
                    is_estimated)
            SELECT f.ticket_id, f.moment,
                   lead(f.moment) OVER (PARTITION BY f.ticket_id ORDER BY f.moment),
                   f.itsm_state,
                   CASE WHEN f.itsm_state = 'pending' THEN 'customer' END,
                   f.user_id, t.team_id, t.priority, t.service_id, t.ticket_type,
                   t.customer_id, TRUE
              FROM fresh f
              JOIN helpdesk_ticket t ON t.id = f.ticket_id
             WHERE NOT f.same
            """,
            stage=_value_at("stage_id"),
            user=_value_at("user_id"),
        )
    )
    # Where tracking was off for the last change, the ticket itself knows better.
    env.cr.execute(
        "SELECT ticket_id FROM itsm_ticket_span WHERE is_estimated AND stop IS NULL"
    )
    env["itsm.ticket.span"]._record([row[0] for row in env.cr.fetchall()])
    env.cr.execute(
        SQL(
            """
            UPDATE helpdesk_ticket t
               SET reopen_count = r.count
              FROM (SELECT ticket_id, count(*)
                      FROM (SELECT ticket_id, itsm_state, lag(itsm_state) OVER (
                                       PARTITION BY ticket_id ORDER BY start) AS was
                              FROM itsm_ticket_span) s
                     WHERE was = ANY(%(done)s) AND itsm_state <> ALL(%(done)s)
                  GROUP BY ticket_id) r
             WHERE r.ticket_id = t.id
            """,
            done=list(DONE_STATES),
        )
    )


def _value_at(field):
    """Return SQL for the tracked value of a field at ``p.moment``.

    The last change up to then, else what the first later change replaced, else
    what the ticket holds.
    """
    return SQL(
        """
        CASE WHEN EXISTS (SELECT FROM tracked k
                           WHERE k.ticket_id = p.ticket_id AND k.field = %(field)s
                             AND k.moment <= p.moment)
             THEN (SELECT k.new FROM tracked k
                    WHERE k.ticket_id = p.ticket_id AND k.field = %(field)s
                      AND k.moment <= p.moment
                 ORDER BY k.moment DESC, k.id DESC LIMIT 1)
             WHEN EXISTS (SELECT FROM tracked k
                           WHERE k.ticket_id = p.ticket_id AND k.field = %(field)s)
             THEN (SELECT k.old FROM tracked k
                    WHERE k.ticket_id = p.ticket_id AND k.field = %(field)s
                 ORDER BY k.moment, k.id LIMIT 1)
             ELSE t.%(column)s
        END
        """,
        field=field,
        column=SQL.identifier(field),
    )
