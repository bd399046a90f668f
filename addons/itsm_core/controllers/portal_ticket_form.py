import uuid

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import plaintext2html

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController

from .portal_tools import TicketFinder, to_id, to_text

MAX_FILES = 10
MEGABYTE = 1024 * 1024
#: Megabytes, and the system parameter that sets another number.
DEFAULT_FILE_SIZE = 10
FILE_SIZE_PARAMETER = "itsm_core.portal_file_size"
MAX_SUBJECT = 200
MAX_DESCRIPTION = 50_000
TEXTS = ("subject", "description", "affected")
CHOICES = ("ticket_type", "impact", "urgency")
ICONS = {
    "incident": "fa-wrench",
    "request": "fa-plus-circle",
    "complaint": "fa-comment",
}
#: Where the session keeps which forms were sent, and the tickets they became.
SENT_KEY = "itsm_sent_forms"
SENT_AT_MOST = 20
RECORDS = ("service", "team", "category", "follow_up")


class PortalTicketForm(TicketFinder, HelpdeskTicketController):
    """The form with which customers raise a ticket."""

    @http.route(methods=["GET", "POST"])
    def create_new_ticket(self, **kw):
        form = self._read_form(kw)
        previous, _token = self._find_ticket(form["follow_up"])
        if previous:
            form["ticket_type"] = form["ticket_type"] or previous.ticket_type
            form["service"] = form["service"] or previous.service_id.id
        return self._render_form(form)

    @http.route(methods=["POST"])
    def submit_ticket(self, **kw):
        form = self._read_form(kw)
        # Sent again by the back button: it is the same ticket.
        sent = request.session.get(SENT_KEY) or {}
        known, _token = self._find_ticket(sent.get(form["form_key"]))
        if known:
            return request.redirect(self._get_ticket_url(known, message="received"))
        files = [
            file
            for file in request.httprequest.files.getlist("attachment")
            if file.filename
        ]
        errors = self._check_form(form) | self._check_files(files)
        if errors:
            return self._render_form(form, errors, files_lost=bool(files))
        try:
            with request.env.cr.savepoint():
                ticket = self._create_ticket(form, files)
        except UserError as error:
            return self._render_form(form, {"form": str(error)}, files_lost=bool(files))
        newest = list(sent.items())[1 - SENT_AT_MOST :]
        request.session[SENT_KEY] = {**dict(newest), form["form_key"]: ticket.id}
        return request.redirect(self._get_ticket_url(ticket, message="received"))

    # ------------------------------------------------------------------
    # What can be chosen
    # ------------------------------------------------------------------

    def _get_choices(self):
        """Return the words in which customers say what the desk files under."""
        return {
            "ticket_type": {
                "incident": self.env._("Something does not work"),
                "request": self.env._("I need something"),
                "complaint": self.env._("I want to complain"),
            },
            "impact": {
                "3": self.env._("Only me, or one person"),
                "2": self.env._("Several people or a team"),
                "1": self.env._("A whole site, or our own customers"),
            },
            "urgency": {
                "3": self.env._("It can wait: work goes on"),
                "2": self.env._("It slows us down"),
                "1": self.env._("We cannot work at all"),
            },
        }

    def _get_services(self):
        return request.env.user.partner_id._get_published_services(request.env.company)

    def _get_teams(self):
        if not request.env.company.helpdesk_mgmt_portal_select_team:
            return request.env["helpdesk.ticket.team"]
        # sudo: customers have no access to teams and choose among those shown
        return (
            request.env["helpdesk.ticket.team"]
            .sudo()
            .search(self._get_portal_choice_domain())
        )

    def _get_categories(self, **kw):
        if not request.env.company.helpdesk_mgmt_portal_select_category:
            return request.env["helpdesk.ticket.category"]
        # sudo: as for teams
        return (
            request.env["helpdesk.ticket.category"]
            .sudo()
            .search(self._get_portal_choice_domain())
        )

    def _get_portal_choice_domain(self):
        return [
            ("show_in_portal", "=", True),
            ("company_id", "in", [False, request.env.company.id]),
        ]

    # ------------------------------------------------------------------
    # What was typed
    # ------------------------------------------------------------------

    def _read_form(self, kw):
        """Return what the browser sent, made safe: texts, known choices, ids."""
        form = {name: to_text(kw.get(name)) for name in TEXTS}
        for name, choices in self._get_choices().items():
            form[name] = kw.get(name) if kw.get(name) in choices else ""
        form.update({name: to_id(kw.get(name)) for name in RECORDS})
        form["form_key"] = to_text(kw.get("form_key"))[:36] or str(uuid.uuid4())
        return form

    def _check_form(self, form):
        """Return what is wrong: messages by the name of the field."""
        company = request.env.company
        errors = {}
        if not form["subject"]:
            errors["subject"] = self.env._("Say in a few words what it is about.")
        elif len(form["subject"]) > MAX_SUBJECT:
            errors["subject"] = self.env._(
                "Keep the subject below %(count)s characters and put the rest into "
                "the description.",
                count=MAX_SUBJECT,
            )
        if not form["description"]:
            errors["description"] = self.env._(
                "Describe it, so that we need not ask back."
            )
        elif len(form["description"]) > MAX_DESCRIPTION:
            errors["description"] = self.env._(
                "Keep the description below %(count)s characters and attach the rest "
                "as a file.",
                count=MAX_DESCRIPTION,
            )
        if not form["ticket_type"]:
            errors["ticket_type"] = self.env._("Choose one.")
        if form["service"] not in [0, *self._get_services().ids]:
            errors["service"] = self.env._("This service is not offered any more.")
        if form["affected"] and not self._find_affected(form):
            errors["affected"] = self.env._(
                "We know no colleague of yours with this address. Leave the field "
                "empty and say in the description who is affected."
            )
        for name, records, required in (
            (
                "team",
                self._get_teams(),
                company.helpdesk_mgmt_portal_team_id_required,
            ),
            (
                "category",
                self._get_categories(),
                company.helpdesk_mgmt_portal_category_id_required,
            ),
        ):
            if form[name] and form[name] not in records.ids:
                errors[name] = self.env._("This one is not offered any more.")
            elif records and required and not form[name]:
                errors[name] = self.env._("Choose one.")
        return errors

    def _check_files(self, files):
        limit = self._get_file_megabytes()
        if len(files) > MAX_FILES:
            return {
                "attachment": self.env._(
                    "Attach %(count)s files at most.", count=MAX_FILES
                )
            }
        too_large = [
            file.filename for file in files if self._get_size(file) > limit * MEGABYTE
        ]
        if too_large:
            return {
                "attachment": self.env._(
                    "%(files)s: larger than %(limit)s MB. Send a smaller file, or tell "
                    "us where to find it.",
                    files=", ".join(too_large),
                    limit=limit,
                )
            }
        return {}

    def _get_file_megabytes(self):
        """Return the largest size of one file in megabytes.

        Small enough that Odoo, which drops larger requests without a word about
        what was typed, takes as many files as may be attached.
        """
        parameters = request.env["ir.config_parameter"].sudo()
        return to_id(parameters.get_param(FILE_SIZE_PARAMETER)) or DEFAULT_FILE_SIZE

    def _get_size(self, file):
        file.stream.seek(0, 2)
        size = file.stream.tell()
        file.stream.seek(0)
        return size

    def _find_affected(self, form):
        """Return the colleague with the address typed, or an empty recordset."""
        return request.env.user.partner_id._find_itsm_colleague(form["affected"])

    # ------------------------------------------------------------------
    # Creating
    # ------------------------------------------------------------------

    def _create_ticket(self, form, files):
        # sudo: customers have no right to create tickets but by this form, which
        # sets nothing that they could not choose.
        ticket = (
            request.env["helpdesk.ticket"]
            .sudo()
            .create(self._prepare_submit_ticket_vals(**form))
        )
        ticket.message_subscribe(partner_ids=request.env.user.partner_id.ids)
        request.env["ir.attachment"].sudo().create(
            [
                {
                    "name": file.filename,
                    "raw": file.read(),
                    "res_model": ticket._name,
                    "res_id": ticket.id,
                }
                for file in files
            ]
        )
        return ticket

    def _prepare_submit_ticket_vals(self, **form):
        """Return the values of a ticket for a form that was read and checked."""
        partner = request.env.user.partner_id
        service = self._get_services().browse(form["service"])
        channel = request.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_channel_web", raise_if_not_found=False
        )
        affected = self._find_affected(form) if form["affected"] else partner
        previous, _token = self._find_ticket(form["follow_up"])
        vals = {
            "affected_partner_id": affected.id if affected != partner else False,
            "category_id": form["category"],
            "channel_id": channel and channel.id,
            "company_id": request.env.company.id,
            "description": plaintext2html(form["description"]),
            "follow_up_of_id": previous.id,
            "name": form["subject"],
            "partner_email": partner.email,
            "partner_id": partner.id,
            "partner_name": partner.name,
            "service_id": service.id,
            "team_id": form["team"] or service.team_id.id,
            "ticket_type": form["ticket_type"],
            "user_id": False,
        }
        vals.update({name: form[name] for name in ("impact", "urgency") if form[name]})
        return vals

    # ------------------------------------------------------------------
    # Page
    # ------------------------------------------------------------------

    def _render_form(self, form, errors=None, files_lost=False):
        values = self._get_create_new_ticket_values()
        follow_up, _token = self._find_ticket(form["follow_up"])
        values.update(
            choices=self._get_choices(),
            errors=errors or {},
            files_lost=files_lost,
            file_size=self._get_file_megabytes(),
            follow_up=follow_up,
            form=form,
            icons=ICONS,
            max_files=MAX_FILES,
            max_subject=MAX_SUBJECT,
            max_upload_size=self._get_file_megabytes() * MEGABYTE,
            page_name="new_ticket",
            services=self._get_services(),
        )
        return request.render("helpdesk_mgmt.portal_create_ticket", values)
