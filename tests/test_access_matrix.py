"""Who may do what with which model, for every model of the suite.

A model that comes in has to take a place in the tables below: either it belongs to a
company, then say how to make a record of it, or it is configuration of all companies.
Nothing is open to customers unless it is listed.
"""

from base64 import b64encode
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.itsm_core.tools.event_payload import read_delivery

OURS = ("itsm.", "helpdesk.")

#: What portal users reach at all, and how. Which records and fields, is tested with
#: the add-on (``test_ticket_access`` and ``test_portal_doors`` of itsm_core, and
#: ``test_agreement_access`` and ``test_portal_service_reports`` of itsm_sla).
OPEN_TO_PORTAL = {
    "helpdesk.ticket": {"read"},
    "itsm.agreement": {"read"},
    "itsm.service.report.issue": {"read"},
}

#: Access rights that helpdesk_mgmt gives to portal or public users and that a record
#: rule takes back, so that they are whole again where the suite is uninstalled.
TAKEN_BACK = {
    "helpdesk.ticket.category",
    "helpdesk.ticket.stage",
    "helpdesk.ticket.team",
}

#: Configuration that all companies share.
WITHOUT_COMPANY = {
    "itsm.catalog.category",
    "itsm.change.category",
    "itsm.ci.attribute",
    "itsm.ci.class",
    "itsm.ci.relation.type",
    "itsm.import.profile",
    "itsm.import.profile.column",
    "itsm.import.profile.value",
}

#: Dialogues that ask and change nothing, so that auditors have them, too.
QUESTIONS = {
    "itsm.ci.baseline.comparison",
    "itsm.ci.baseline.difference",
    "itsm.software.balance.day",
}

#: The form in which every employee, auditors included, asks for something.
FORMS_OF_EMPLOYEES = {"itsm.catalog.order.wizard"}

#: Not shown to auditors: personal settings.
NOT_FOR_AUDITORS = {"itsm.change.feed"}


def make(model, **values):
    """Return a maker of records that have the field ``company_id`` themselves."""
    return lambda case, company: case.env[model].create(
        {"company_id": company.id, **values}
    )


def make_ticket(case, company):
    return make("helpdesk.ticket", name="Ticket", description="Text")(case, company)


def make_article_vote(case, company):
    page = make("document.page", name="Article", itsm_audience="staff")(case, company)
    return case.env["itsm.article.vote"].create(
        {"page_id": page.id, "user_id": case.env.uid, "is_helpful": True}
    )


def make_ci(case, company, service=False):
    ci_class = case.env["itsm.ci.class"].search([("is_service", "=", service)], limit=1)
    model = "itsm.service" if service else "itsm.ci"
    return make(model, name="Item", class_id=ci_class.id)(case, company)


def make_ci_relation(case, company):
    return case.env["itsm.ci.relation"].create(
        {
            "source_id": make_ci(case, company).id,
            "target_id": make_ci(case, company).id,
            "type_id": case.env["itsm.ci.relation.type"].search([], limit=1).id,
        }
    )


def make_asset_reconciliation(case, company):
    """Make what the report says of an equipment that is no item."""
    equipment = make("maintenance.equipment", name="Equipment")(case, company)
    case.env.flush_all()
    return case.env["itsm.asset.reconciliation"].search(
        [("equipment_id", "=", equipment.id)]
    )


def make_ci_baseline(case, company):
    """Freeze an item, as somebody of the company."""
    ci = make_ci(case, company)
    baseline = make(
        "itsm.ci.baseline",
        name="Baseline",
        scope="filter",
        domain=f"[('id', '=', {ci.id})]",
    )(case, company)
    baseline._set_state("frozen")
    return baseline


def make_ci_audit(case, company):
    """Audit an item that is not found, while something else is."""
    ci = make_ci(case, company)
    ci._set_state("in_use")
    audit = make(
        "itsm.ci.audit",
        name="Audit",
        scope="filter",
        domain=f"[('id', '=', {ci.id})]",
    )(case, company)
    audit._set_state("in_progress")
    audit.record_scan("Something else")
    audit._set_state("reconciliation")
    return audit


def make_change(case, company, part=None):
    """Make a change with a line of each kind, or return one of its lines."""
    ci = make_ci(case, company)
    make_risk_answer(case, company)
    change = make(
        "itsm.change",
        name="Change",
        ci_ids=[(6, 0, ci.ids)],
        task_ids=[(0, 0, {"name": "Task"})],
        effect_ids=[(0, 0, {"ci_id": ci.id, "text": "2"})],
    )(case, company)
    return change[part] if part else change


def make_chair(case, company):
    """Return somebody of a company who may lead its meetings."""
    login = f"matrix_chair_{company.id}"
    chair = case.env["res.users"].search([("login", "=", login)])
    return chair or new_test_user(
        case.env,
        login,
        groups="itsm_change.group_change_manager",
        company_id=company.id,
        company_ids=[(6, 0, company.ids)],
    )


def make_meeting(case, company):
    change = make_change(case, company)
    return make(
        "itsm.change.meeting",
        owner_id=make_chair(case, company).id,
        member_ids=False,
        line_ids=[(0, 0, {"change_id": change.id})],
    )(case, company)


def make_vote(case, company):
    line = make_meeting(case, company).line_ids
    # Loaded as history: votes are cast by members alone.
    return case.env["itsm.change.vote"]._load(
        [
            {
                "line_id": line.id,
                "user_id": case.env.uid,
                "vote": "for",
                "recorded_by_id": case.env.uid,
                "date": "2026-06-17 12:00:00",
            }
        ]
    )


def make_emergency_review(case, company):
    change = make_change(case, company)
    # Loaded as history: nobody reviews what was not carried out.
    return case.env["itsm.change.emergency.review"]._load(
        [
            {
                "change_id": change.id,
                "verdict": "justified",
                "note": "It was on fire.",
                "recorded_by_id": case.env.uid,
                "date": "2026-06-17 12:00:00",
            }
        ]
    )


def make_change_announcement(case, company):
    """Announce a change to a customer of its service, who gets a mail."""
    service = make_ci(case, company, service=True)
    service.customer_ids = case.env["res.partner"].create(
        {"name": "Customer", "email": "c@example.com", "is_itsm_customer": True}
    )
    case.env["itsm.change.announcement"]._tell(
        [
            {
                "change_id": make_change(case, company).id,
                "kind": "announced",
                "title": "Work",
                "text": "Text",
                "effect": "none",
                "start": "2026-03-02 08:00:00",
                "stop": "2026-03-02 09:00:00",
                "service_ids": [Command.set(service.ids)],
            }
        ]
    )
    return case.env["itsm.change.announcement"].search([], limit=1)


def make_event(case, company, model="itsm.event"):
    """Deliver an event, or return what comes with it."""
    source = make("itsm.event.source", name="Monitoring", code=f"of-{company.id}")
    source = case.env["itsm.event.source"].search(
        [("company_id", "=", company.id)]
    ) or source(case, company)
    events = read_delivery(b'{"id": "1", "title": "Down"}')
    case.env["itsm.event"]._store(source.id, company.id, events)
    return case.env[model].search([("source_id", "=", source.id)], limit=1)


def make_change_feed(case, _company):
    """Make the calendar address of somebody who works for the other company alone."""
    return case.env["itsm.change.feed"].create({"user_id": case.insider.id})


def make_transition_plan(case, company, part=None):
    """Make a transition plan with a line of each kind, or return one of its lines."""
    plan = make(
        "itsm.transition.plan",
        name="Plan",
        cost_ids=[Command.create({"name": "Cost", "estimate": 1})],
        outcome_ids=[
            Command.create({"name": "Out", "unit": "%", "due_date": "2027-01-01"})
        ],
        party_ids=[Command.create({"role": "Role", "duty": "Duty"})],
    )(case, company)
    return plan[part][:1] if part else plan


def make_transition_template(case, company, kind="retire"):
    return make(
        "itsm.transition.template",
        name="Template",
        kind=kind,
        line_ids=[Command.create({"name": "Criterion"})],
    )(case, company)


def make_release(case, company):
    kind = case.env["itsm.release.kind"].search([], limit=1)
    return make("itsm.release", name="Release", kind_id=kind.id)(case, company)


def make_release_evidence(case, company):
    return case.env["itsm.release.evidence"]._load(
        [
            {
                "release_id": make_release(case, company).id,
                "name": "Build",
                "recorded_by_id": case.env.uid,
                "date": "2026-01-01 08:00:00",
            }
        ]
    )


def make_release_copy(case, company):
    software = make("itsm.software", name="Released", owner_id=case.insider.id)(
        case, company
    )
    version = case.env["itsm.software.version"].create(
        {
            "software_id": software.id,
            "name": "1",
            "location": "/library",
            "checksum": "a" * 64,
        }
    )
    return case.env["itsm.release.copy"].create(
        {"release_id": make_release(case, company).id, "version_id": version.id}
    )


def make_release_note(case, company):
    return case.env["itsm.release.note"].create(
        {
            "release_id": make_release(case, company).id,
            "title": "New",
            "body": "<p>Something.</p>",
        }
    )


def make_release_report(case, company):
    """Make what the measures say of a release that was in production."""
    release = make_release(case, company)
    release._load_state("support", deployed_date="2026-03-02 08:00:00")
    case.env.flush_all()
    return case.env["itsm.release.report"].search([("release_id", "=", release.id)])


def make_release_emergency_review(case, company):
    return case.env["itsm.release.emergency.review"]._load(
        [
            {
                "release_id": make_release(case, company).id,
                "verdict": "justified",
                "note": "It burnt.",
                "recorded_by_id": case.env.uid,
                "date": "2026-01-01 08:00:00",
            }
        ]
    )


def make_deployment(case, company):
    return case.env["itsm.deployment"].create(
        {
            "release_id": make_release(case, company).id,
            "environment_id": case.env["itsm.environment"].search([], limit=1).id,
            "user_id": False,
        }
    )


def make_change_window(case, company):
    return make(
        "itsm.change.window",
        name="Window",
        sunday=True,
        ci_ids=[(6, 0, make_ci(case, company).ids)],
    )(case, company)


def make_change_template_task(case, company):
    template = make("itsm.change.template", name="Template")(case, company)
    return case.env["itsm.change.template.task"].create(
        {"template_id": template.id, "name": "Task"}
    )


def make_risk_answer(case, company):
    question = make(
        "itsm.risk.question",
        name="Question",
        answer_ids=[(0, 0, {"name": n, "points": n}) for n in (1, 2)],
    )(case, company)
    return question.answer_ids[0]


def make_ci_use(case, company):
    ci = make_ci(case, company)
    ci.user_partner_id = case.insider.partner_id
    return ci.use_ids


def make_ci_redundancy(case, company):
    ci = make_ci(case, company)
    return case.env["itsm.ci.redundancy"].create({"name": "Group", "ci_id": ci.id})


def make_software(case, company, model="itsm.software"):
    """Make software of a company with a licence, a version and an installation."""
    software = make("itsm.software", name=f"For {model}", owner_id=case.insider.id)(
        case, company
    )
    licence = make(
        "itsm.ci",
        name="Licence",
        class_id=case.env.ref("itsm_core.ci_class_licence").id,
    )(case, company)
    records = (
        software,
        case.env["itsm.licence.entitlement"].create(
            {"software_id": software.id, "licence_id": licence.id}
        ),
        case.env["itsm.software.version"].create(
            {"software_id": software.id, "name": "1"}
        ),
        case.env["itsm.software.installation"].create(
            {"software_id": software.id, "ci_id": make_ci(case, company).id}
        ),
    )
    return next(record for record in records if record._name == model)


def make_impact_exclusion(case, company):
    ticket = make_ticket(case, company)
    ci = make_ci(case, company)
    ticket.exclude_from_impact("affected", ci.id, "Reason")
    return case.env["itsm.impact.exclusion"].search([("ci_id", "=", ci.id)])


def make_change_difference(case, company):
    change = make_change(case, company)
    return case.env["itsm.change.difference"].create(
        {
            "change_id": change.id,
            "ci_id": change.ci_ids[:1].id or make_ci(case, company).id,
            "key": "version",
            "kind": "changed",
        }
    )


def make_change_trend(case, company):
    change = make_change(case, company)
    change._load_state("closed", actual_stop=datetime(2026, 1, 5, 12))
    return case.env["itsm.change.trend"].search([("change_id", "=", change.id)])


def make_problem(case, company, part=None):
    problem = make(
        "itsm.problem",
        name="Problem",
        why_ids=[Command.create({"question": "Why?", "answer": "So."})],
    )(case, company)
    return problem[part] if part else problem


def make_agreement(case, company):
    return make(
        "itsm.agreement",
        name="Agreement",
        date_start="2020-01-01",
        target_ids=[Command.create({"hours": 4})],
    )(case, company)


def make_volume(case, company, model="itsm.agreement.volume"):
    """Make an expected volume, or what a report shows of it once it is agreed."""
    partner = case.env["res.partner"].create(
        {"name": "Customer", "is_itsm_customer": True}
    )
    agreement = make(
        "itsm.agreement",
        name="Agreement",
        date_start="2020-01-01",
        accepted_by="Boss",
        accepted_date="2020-01-01",
        partner_id=partner.id,
        target_ids=[Command.create({"hours": 4})],
        volume_ids=[Command.create({"expected": 4})],
    )(case, company)
    if model == "itsm.agreement.volume":
        return agreement.volume_ids
    agreement._set_state("negotiation", owner_id=case.env.uid)
    agreement._set_state("active")
    make("helpdesk.ticket", name="Ticket", description="Text", partner_id=partner.id)(
        case, company
    )
    return case.env[model].search([("agreement_id", "=", agreement.id)], limit=1)


def make_demand(case, company):
    """Make the forecast of a service that had a ticket some weeks ago."""
    with freeze_time("2026-03-02 08:00:00"):
        make(
            "helpdesk.ticket",
            name="Ticket",
            description="Text",
            service_id=make_ci(case, company, service=True).id,
        )(case, company)
    return case.env["itsm.demand.forecast"]._forecast(company)


def make_sla_clock(case, company):
    in_force = [("company_id", "=", company.id), ("state", "=", "active")]
    if not case.env["itsm.agreement"].search(in_force):
        agreement = make_agreement(case, company)
        agreement._set_state("negotiation")
        agreement._set_state("active")
    return make_ticket(case, company).sla_clock_ids


def make_missed_target(case, company, model="itsm.sla.attainment"):
    """Make what a report shows of a clock that has run out."""
    clock = make_sla_clock(case, company)
    case.env.flush_all()
    case.env.cr.execute(
        "UPDATE itsm_sla_clock SET due = '2020-01-02' WHERE id = %s", clock.ids
    )
    clock.invalidate_recordset()
    return case.env[model].search([("target_id", "=", clock.target_id.id)], limit=1)


def make_sla_miss(case, company):
    row = make_missed_target(case, company)
    return case.env["itsm.sla.miss"].create(
        {"ticket_id": row.ticket_id.id, "target_id": row.target_id.id}
    )


def make_sla_prediction(case, company, metric="resolution"):
    """Make what was learned of clocks, with a curve."""
    return case.env["itsm.sla.prediction"].create(
        {
            "company_id": company.id,
            "kind": "sla",
            "metric": metric,
            "priority": "1",
            "refreshed_at": "2026-03-02 01:30:00",
            "curve_ids": [Command.create({"finished": [3600], "lapsed": []})],
        }
    )


def make_escalation(case, company):
    """Make the record of a rule that acted on a ticket."""
    rule = case.env["itsm.escalation.rule"].create(
        {"name": "Rule", "company_id": company.id, "notify_assignee": True}
    )
    ticket = make_ticket(case, company)
    target = make_agreement(case, company).target_ids
    case.env.flush_all()
    case.env.cr.execute(
        "INSERT INTO itsm_escalation"
        " (rule_id, ticket_id, target_id, company_id, round)"
        " VALUES (%s, %s, %s, %s, '1970-01-01') RETURNING id",
        [rule.id, ticket.id, target.id, company.id],
    )
    return case.env["itsm.escalation"].browse(case.env.cr.fetchone()[0])


def make_customer_escalation(case, company):
    return case.env["itsm.customer.escalation"].create(
        {
            "ticket_id": make_ticket(case, company).id,
            "date": "2026-03-02 08:00:00",
            "level": 1,
            "reason": "Nobody answers",
            "user_id": case.insider.id,
        }
    )


def make_satisfaction(case, company):
    ticket = make_ticket(case, company)
    case.env["rating.rating"].create(
        {
            "res_model_id": case.env["ir.model"]._get_id("helpdesk.ticket"),
            "res_id": ticket.id,
        }
    )
    return case.env["itsm.satisfaction"].search([("ticket_id", "=", ticket.id)])


def make_service_review(case, company):
    customer = case.env["res.partner"].create(
        {"name": "Customer", "is_itsm_customer": True}
    )
    return make("itsm.service.review", name="Review", partner_id=customer.id)(
        case, company
    )


def make_service_report(case, company):
    return make(
        "itsm.service.report",
        name="Report",
        purpose="Shows how it goes",
        audience="internal",
        date_from="2020-01-01",
    )(case, company)


def make_service_report_issue(case, company):
    """Make an issue that counts a ticket, without its paper."""
    ticket = make_ticket(case, company)
    last_month = ticket.create_date.replace(day=1) - timedelta(days=1)
    case.env.flush_all()
    case.env.cr.execute(
        "UPDATE helpdesk_ticket SET opened_at = %s WHERE id = %s",
        [last_month, ticket.id],
    )
    ticket.invalidate_recordset()
    report = make_service_report(case, company)
    report.date_from = last_month
    issues = case.registry["itsm.service.report.issue"]
    with patch.object(issues, "_render_pdf", lambda _issue: b"%PDF"):
        return report._make_issue(report._get_next_period())


def make_service_report_figure(case, company):
    issue = make_service_report_issue(case, company)
    return case.env["itsm.service.report.figure"].search(
        [("issue_id", "=", issue.id)], limit=1
    )


def make_catalog_item(case, company, part=None):
    """Make a catalogue item with a line of each kind, or return one of these."""
    item = make(
        "itsm.catalog.item",
        name="Item",
        is_published=True,
        category_id=case.env["itsm.catalog.category"].create({"name": "Shelf"}).id,
        question_ids=[Command.create({"name": "Question"})],
        step_ids=[Command.create({"name": "Step"})],
    )(case, company)
    return item[part] if part else item


def make_catalog_order(case, company):
    """Request an item in a company, as somebody who works there."""
    person = case.insider.partner_id
    item = make_catalog_item(case, company).with_company(company)
    return item._make_order({}, {}, person, person)


def make_priority_rule(case, company):
    return make("itsm.priority.rule", impact="1", urgency="1", priority="3")(
        case, company
    )


def make_ci_import(case, company):
    """Make an import of items with one column and one row."""
    run = make("itsm.ci.import", data=b64encode(b"Name,Class\nx,Server\n"))(
        case, company
    )
    run.with_context(allowed_company_ids=company.ids).action_read()
    run.column_ids[1].unlink()
    return run


def make_ci_import_line(case, company):
    run = make("itsm.ci.import", data=b64encode(b"Name,Class\nx,Server\n"))(
        case, company
    )
    run = run.with_context(allowed_company_ids=company.ids)
    run.action_read()
    run.action_check()
    return case.env["itsm.ci.import.line"].search([("import_id", "=", run.id)])


def make_import_problem(case, company):
    import_ = make("itsm.import", file_name="a.csv")(case, company)
    problems = case.env["itsm.import.problem"]
    values = {
        name: problems._fields[name].get_values(case.env)[0]
        for name in ("kind", "code")
    }
    return problems.create({"import_id": import_.id, "line": 2, **values})


def make_major_ticket(case, company):
    """Make a ticket that is a major incident, of which top management is told."""
    company.itsm_management_partner_ids = case.env["res.partner"].create(
        {"name": "Boss", "email": "boss@example.com"}
    )
    ticket = make_ticket(case, company)
    ticket._declare_major(case.env.user)
    return ticket


def make_major_rule(case, company):
    return make(
        "itsm.major.rule",
        name="Rule",
        min_priority="3",
        major_manager_id=case.insider.id,
    )(case, company)


def make_announcement(case, company):
    service = make_ci(case, company, service=True)
    return case.env["itsm.announcement"].create(
        {"ticket_id": make_major_ticket(case, company).id, "service_id": service.id}
    )


def make_major_update(case, company):
    return make_major_ticket(case, company).major_update_ids


def make_major_notice(case, company):
    return make_major_update(case, company).notice_ids


def make_duty_shift(case, company):
    team = make("helpdesk.ticket.team", name="Team")(case, company)
    team.user_ids = case.insider
    return case.env["itsm.duty.shift"].create(
        {
            "team_id": team.id,
            "user_id": case.insider.id,
            "start": "2026-03-02 08:00:00",
            "stop": "2026-03-02 16:00:00",
        }
    )


def make_absence(case, _company):
    """Make an absence of somebody who works for the other company alone."""
    return case.env["itsm.absence"].create(
        {
            "user_id": case.insider.id,
            "start": "2026-03-02 08:00:00",
            "stop": "2026-03-02 16:00:00",
        }
    )


def of_ticket(model):
    """Return a maker of the records that come with a ticket."""

    def maker(case, company):
        ticket = make_ticket(case, company)
        case.env.flush_all()
        return case.env[model].search([("ticket_id", "=", ticket.id)], limit=1)

    return maker


def make_handover(case, company):
    """Make what a report shows of a ticket that went to another team."""
    teams = [make("helpdesk.ticket.team", name="Team")(case, company) for _ in "ab"]
    with freeze_time("2026-03-02 08:00:00"):
        ticket = make_ticket(case, company)
        ticket.team_id = teams[0]
        case.env.flush_all()
    ticket.team_id = teams[1]
    return case.env["itsm.ticket.handover"].search([("ticket_id", "=", ticket.id)])


def make_resolution(case, company):
    ticket = make_ticket(case, company)
    code = case.env.ref("itsm_core.resolution_solved")
    ticket._itsm_move("resolved", resolution_code_id=code.id, resolution="Done.")
    return case.env["itsm.ticket.resolution"].search([("ticket_id", "=", ticket.id)])


#: How to make a record of each model that belongs to a company.
MAKERS = {
    "itsm.article.vote": make_article_vote,
    "itsm.knowledge.gap": make(
        "itsm.knowledge.gap", name="words", source="desk", date="2026-03-02"
    ),
    "itsm.change": make_change,
    "itsm.change.announcement": make_change_announcement,
    "itsm.change.difference": make_change_difference,
    "itsm.change.effect": lambda case, company: make_change(
        case, company, "effect_ids"
    ),
    "itsm.change.emergency.review": make_emergency_review,
    "itsm.change.feed": make_change_feed,
    "itsm.change.notice": lambda case, company: (
        make_change_announcement(case, company).notice_ids
    ),
    "itsm.change.meeting": make_meeting,
    "itsm.change.meeting.line": lambda case, company: (
        make_meeting(case, company).line_ids
    ),
    "itsm.change.policy": make("itsm.change.policy"),
    "itsm.change.risk.answer": lambda case, company: make_change(
        case, company, "risk_answer_ids"
    )[:1],
    "itsm.change.task": lambda case, company: make_change(case, company, "task_ids"),
    "itsm.change.template": make("itsm.change.template", name="Template"),
    "itsm.change.template.task": make_change_template_task,
    "itsm.change.trend": make_change_trend,
    "itsm.change.vote": make_vote,
    "itsm.change.window": make_change_window,
    "itsm.deployment": make_deployment,
    "itsm.environment": make("itsm.environment", name="Environment"),
    "itsm.release": make_release,
    "itsm.release.copy": make_release_copy,
    "itsm.release.emergency.review": make_release_emergency_review,
    "itsm.release.evidence": make_release_evidence,
    "itsm.release.kind": make("itsm.release.kind", name="Kind", code="KND"),
    "itsm.release.note": make_release_note,
    "itsm.release.policy": make("itsm.release.policy"),
    "itsm.release.report": make_release_report,
    "itsm.transition.cost": lambda case, company: make_transition_plan(
        case, company, "cost_ids"
    ),
    "itsm.transition.criterion": lambda case, company: make_transition_plan(
        case, company, "criterion_ids"
    ),
    "itsm.transition.outcome": lambda case, company: make_transition_plan(
        case, company, "outcome_ids"
    ),
    "itsm.transition.party": lambda case, company: make_transition_plan(
        case, company, "party_ids"
    ),
    "itsm.transition.plan": make_transition_plan,
    "itsm.transition.template": make_transition_template,
    "itsm.transition.template.line": lambda case, company: (
        make_transition_template(case, company, "change").line_ids
    ),
    "itsm.risk.answer": make_risk_answer,
    "itsm.risk.question": lambda case, company: (
        make_risk_answer(case, company).question_id
    ),
    "helpdesk.ticket": make_ticket,
    "helpdesk.ticket.category": make("helpdesk.ticket.category", name="Category"),
    "helpdesk.ticket.channel": make("helpdesk.ticket.channel", name="Channel"),
    "helpdesk.ticket.stage": make("helpdesk.ticket.stage", name="Stage"),
    "helpdesk.ticket.tag": make("helpdesk.ticket.tag", name="Tag"),
    "helpdesk.ticket.team": make("helpdesk.ticket.team", name="Team"),
    "itsm.absence": make_absence,
    "itsm.action": make("itsm.action", name="Action"),
    "itsm.agreement": make_agreement,
    "itsm.agreement.target": lambda case, company: (
        make_agreement(case, company).target_ids
    ),
    "itsm.agreement.volume": make_volume,
    "itsm.announcement": make_announcement,
    "itsm.anonymization": make("itsm.anonymization", kind="request"),
    "itsm.asset.reconciliation": make_asset_reconciliation,
    "itsm.catalog.item": make_catalog_item,
    "itsm.catalog.order": make_catalog_order,
    "itsm.catalog.order.step": lambda case, company: (
        make_catalog_order(case, company).step_ids
    ),
    "itsm.catalog.question": lambda case, company: make_catalog_item(
        case, company, "question_ids"
    ),
    "itsm.catalog.step": lambda case, company: make_catalog_item(
        case, company, "step_ids"
    ),
    "itsm.ci": make_ci,
    "itsm.ci.audit": make_ci_audit,
    "itsm.ci.audit.difference": lambda case, company: make_ci_audit(
        case, company
    ).difference_ids[:1],
    "itsm.ci.audit.finding": lambda case, company: (
        make_ci_audit(case, company).finding_ids
    ),
    "itsm.ci.audit.item": lambda case, company: (
        make_ci_audit(case, company).expected_ids
    ),
    "itsm.ci.baseline": make_ci_baseline,
    "itsm.ci.import": make("itsm.ci.import"),
    "itsm.ci.import.column": lambda case, company: (
        make_ci_import(case, company).column_ids
    ),
    "itsm.ci.import.line": make_ci_import_line,
    "itsm.ci.baseline.item": lambda case, company: (
        make_ci_baseline(case, company).item_ids
    ),
    "itsm.ci.redundancy": make_ci_redundancy,
    "itsm.ci.relation": make_ci_relation,
    "itsm.ci.use": make_ci_use,
    "itsm.customer.escalation": make_customer_escalation,
    "itsm.demand.forecast": make_demand,
    "itsm.demand.point": lambda case, company: make_demand(case, company).point_ids[:1],
    "itsm.duty.shift": make_duty_shift,
    "itsm.event": make_event,
    "itsm.event.arrival": lambda case, company: make_event(
        case, company, "itsm.event.arrival"
    ),
    "itsm.event.rule": make("itsm.event.rule", name="Rule", impact="1"),
    "itsm.event.silence": make(
        "itsm.event.silence", name="Quiet", matchers="a=b", stop="2100-01-01 00:00:00"
    ),
    "itsm.event.source": make("itsm.event.source", name="Source", code="source"),
    "itsm.escalation": make_escalation,
    "itsm.escalation.rule": make(
        "itsm.escalation.rule", name="Rule", notify_assignee=True
    ),
    "itsm.impact.exclusion": make_impact_exclusion,
    "itsm.import": make("itsm.import", file_name="a.csv"),
    "itsm.import.problem": make_import_problem,
    "itsm.licence.entitlement": lambda case, company: make_software(
        case, company, "itsm.licence.entitlement"
    ),
    "itsm.major.notice": make_major_notice,
    "itsm.major.rule": make_major_rule,
    "itsm.major.update": make_major_update,
    "itsm.miss.reason": make("itsm.miss.reason", name="Reason"),
    "itsm.priority.rule": make_priority_rule,
    "itsm.problem": make_problem,
    "itsm.problem.cause": make("itsm.problem.cause", name="Cause"),
    "itsm.problem.proposal": lambda case, company: make(
        "itsm.problem.proposal",
        key="ci:1",
        found_at=datetime(2026, 3, 2),
        period_start=datetime(2026, 2, 2),
        period_stop=datetime(2026, 3, 2),
    )(case, company),
    "itsm.problem.why": lambda case, company: make_problem(case, company, "why_ids"),
    "itsm.resolution.code": make("itsm.resolution.code", name="Code"),
    "itsm.satisfaction": make_satisfaction,
    "itsm.sla.attainment": make_missed_target,
    "itsm.sla.attainment.month": lambda case, company: make_missed_target(
        case, company, "itsm.sla.attainment.month"
    ),
    "itsm.sla.clock": make_sla_clock,
    "itsm.service.report": make_service_report,
    "itsm.service.report.figure": make_service_report_figure,
    "itsm.service.report.issue": make_service_report_issue,
    "itsm.service.review": make_service_review,
    "itsm.sla.curve": lambda case, company: (
        make_sla_prediction(case, company, "response").curve_ids
    ),
    "itsm.sla.prediction": make_sla_prediction,
    "itsm.sla.miss": make_sla_miss,
    "itsm.service": lambda case, company: make_ci(case, company, service=True),
    "itsm.software": make_software,
    "itsm.software.installation": lambda case, company: make_software(
        case, company, "itsm.software.installation"
    ),
    "itsm.software.version": lambda case, company: make_software(
        case, company, "itsm.software.version"
    ),
    "itsm.ticket.age": of_ticket("itsm.ticket.age"),
    "itsm.ticket.day": of_ticket("itsm.ticket.day"),
    "itsm.ticket.day.change": of_ticket("itsm.ticket.day.change"),
    "itsm.ticket.flow": of_ticket("itsm.ticket.flow"),
    "itsm.ticket.handover": make_handover,
    "itsm.ticket.resolution": make_resolution,
    "itsm.ticket.span": of_ticket("itsm.ticket.span"),
    "itsm.workload.month": lambda case, company: make_volume(
        case, company, "itsm.workload.month"
    ),
    "itsm.workload.ticket": lambda case, company: make_volume(
        case, company, "itsm.workload.ticket"
    ),
}


@tagged("post_install", "-at_install")
class TestAccessMatrix(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = [
            cls.env[name]
            for name, model in sorted(cls.env.registry.items())
            if name.startswith(OURS) and not model._abstract
        ]
        cls.records = [model for model in cls.models if not model._transient]
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.portal = cls._make_user("portal", "base.group_portal")
        cls.employee = cls._make_user("employee", "base.group_user")
        cls.agent = cls._make_user("agent", "itsm_core.group_user")
        cls.manager = cls._make_user("manager", "itsm_core.group_manager")
        cls.auditor = cls._make_user("auditor", "itsm_core.group_auditor")
        cls.public = cls.env.ref("base.public_user")
        cls.insider = cls._make_user(
            "insider",
            "base.group_system,itsm_core.group_auditor,itsm_core.group_manager",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )

    @classmethod
    def _make_user(cls, name, groups, **values):
        return new_test_user(cls.env, f"matrix_{name}", groups=groups, **values)

    def _get_granted(self, model, user):
        return {
            operation
            for operation in ("read", "write", "create", "unlink")
            if model.with_user(user).browse().has_access(operation)
        }

    # ------------------------------------------------------------------
    # Access rights
    # ------------------------------------------------------------------

    def test_every_model_has_access_rights_for_named_groups(self):
        for model in self.models:
            rights = self.env["ir.model.access"].search(
                [("model_id.model", "=", model._name)]
            )
            with self.subTest(model._name):
                self.assertTrue(rights, "Nobody can use this model")
                for right in rights.filtered(lambda right: not right.group_id):
                    self.assertFalse(
                        right.perm_read
                        or right.perm_write
                        or right.perm_create
                        or right.perm_unlink,
                        "Open to everybody, the public included",
                    )

    def test_customers_reach_what_is_listed_and_nothing_else(self):
        for model in self.models:
            for user in (self.portal, self.public):
                allowed = (
                    OPEN_TO_PORTAL.get(model._name, set())
                    if user == self.portal
                    else set()
                )
                granted = self._get_granted(model, user)
                with self.subTest(model=model._name, user=user.login):
                    if granted - allowed and model._name in TAKEN_BACK:
                        self._check_no_record_left(model, user, granted)
                    else:
                        self.assertEqual(granted, allowed)

    def _check_no_record_left(self, model, user, granted):
        self.assertLessEqual(granted, {"read"})
        rules = self.env["ir.rule"].with_user(user)
        for operation in ("read", "write"):
            domain = rules._compute_domain(model._name, operation)
            self.assertFalse(model.sudo().search(domain))

    def test_auditors_read_everything_and_change_nothing(self):
        for model in self.models:
            granted = self._get_granted(model, self.auditor)
            with self.subTest(model._name):
                if model._name in FORMS_OF_EMPLOYEES:
                    continue
                if model._name in QUESTIONS:
                    self.assertIn("read", granted)
                elif model._transient:
                    self.assertFalse(granted, "A dialogue is for those who act")
                elif model._name not in NOT_FOR_AUDITORS:
                    self.assertEqual(granted, {"read"})

    def test_employees_change_nothing(self):
        for model in self.models:
            if model._name in FORMS_OF_EMPLOYEES:
                self.assertTrue(model._transient)
                continue
            with self.subTest(model._name):
                self.assertLessEqual(self._get_granted(model, self.employee), {"read"})

    # ------------------------------------------------------------------
    # Record rules
    # ------------------------------------------------------------------

    def test_every_model_has_its_place_in_the_tables(self):
        names = {model._name for model in self.records}
        self.assertEqual(
            names - MAKERS.keys() - WITHOUT_COMPANY,
            set(),
            "Add the model to MAKERS, or to WITHOUT_COMPANY if companies share it.",
        )
        for name in names & WITHOUT_COMPANY:
            with self.subTest(name):
                self.assertNotIn("company_id", self.env[name]._fields)

    def test_rules_can_be_evaluated_for_everyone(self):
        for model in self.records:
            for user in (self.portal, self.employee, self.agent, self.auditor):
                if "read" in self._get_granted(model, user):
                    with self.subTest(model=model._name, user=user.login):
                        model.with_user(user).search([], limit=1)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_nobody_sees_records_of_another_company(self):
        for name, maker in MAKERS.items():
            if name not in self.env:
                continue
            record = maker(self, self.other_company)
            self.env.flush_all()
            with self.subTest(name):
                self.assertTrue(record)
                self._check_seen(record, self.insider, True)
            for user in (
                self.portal,
                self.employee,
                self.agent,
                self.manager,
                self.auditor,
            ):
                with self.subTest(model=name, user=user.login):
                    self._check_seen(record, user, False)

    def _check_seen(self, record, user, expected):
        """Check all the ways in which a client finds or opens a record."""
        self.env.invalidate_all()
        record = record.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        model = record.browse()
        doors = {
            "search": lambda: model.search([("id", "=", record.id)]).ids,
            "search_read": lambda: model.search_read([("id", "=", record.id)], ["id"]),
            "name_search": lambda: model.name_search(
                "", domain=[("id", "=", record.id)]
            ),
            "search_count": lambda: model.search_count([("id", "=", record.id)]),
            "web_search_read": lambda: model.web_search_read(
                [("id", "=", record.id)], {"id": {}}
            )["records"],
            "formatted_read_group": lambda: model.formatted_read_group(
                [("id", "=", record.id)], [], ["__count"]
            )[0]["__count"],
            "read": lambda: record.read(["display_name"]),
            "web_read": lambda: record.web_read({"display_name": {}}),
        }
        for door, ask in doors.items():
            try:
                seen = bool(ask())
            except AccessError:
                seen = False
            self.assertEqual(seen, expected, door)
