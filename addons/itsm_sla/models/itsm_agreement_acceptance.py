from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..tools.signature_image import NoSignature, check_signature
from .itsm_agreement import CONTENT_FIELDS, EDITABLE_STATES

#: What is said about the acceptance itself.
ACCEPTANCE_FIELDS = ("accepted_by", "accepted_date", "signature")
#: What the other side has said instead of accepting.
DECLINE_FIELDS = ("declined_by_id", "declined_date", "decline_reason")
#: What the other side has read before it accepted.
ACCEPTED_FIELDS = frozenset(
    {*CONTENT_FIELDS, "date_end", "review_months"} - {*ACCEPTANCE_FIELDS}
)
#: Longest name and reason that a person enters on the portal.
MAX_NAME = 100
MAX_REASON = 5000
# Objects that no client can send: who holds one is code of the server.
_SIGNING = object()
_ENTERING = object()
_KEY_NAME = "itsm_acceptance_key"


class ItsmAgreement(models.Model):
    """Accepting an agreement: by signing on the portal, or on paper.

    An acceptance is of what the agreement says. Whoever changes that before it is
    in force makes it void.
    """

    _name = "itsm.agreement"
    _inherit = ["itsm.agreement"]

    declined_by_id = fields.Many2one(
        "res.partner",
        copy=False,
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Who said last what should be different.",
    )
    declined_date = fields.Datetime(string="Declined On", copy=False, readonly=True)
    decline_reason = fields.Text(
        string="What Should Be Different", copy=False, readonly=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("signature") for vals in vals_list):
            raise self._get_signature_error()
        if any(vals.get(name) for vals in vals_list for name in DECLINE_FIELDS):
            raise self._get_decline_error()
        # Nor are they defaults, of a user or in a context.
        given = dict.fromkeys(("signature", *DECLINE_FIELDS), False)
        # Its targets are created along with it and are no change.
        entering = self.with_context(**{_KEY_NAME: _ENTERING})
        agreements = super(ItsmAgreement, entering).create(
            [{**vals, **given} for vals in vals_list]
        )
        return agreements.with_env(self.env)

    def write(self, vals):
        key = self.env.context.get(_KEY_NAME)
        if key is _SIGNING:
            # The key opens this write and nothing that happens inside it.
            unlocked = self.with_context(**{_KEY_NAME: None})
            return super(ItsmAgreement, unlocked).write(vals)
        self._check_acceptance_write(vals)
        if key is _ENTERING:
            return super().write(vals)
        changed = self._filter_changed_content(vals)
        # Who enters content and an acceptance at once means that content.
        entering = self.with_context(
            **{_KEY_NAME: _ENTERING if vals.get("accepted_by") else None}
        )
        result = super(ItsmAgreement, entering).write(vals)
        changed._void_acceptance(keep=vals.get("accepted_by"))
        return result

    def _check_acceptance_write(self, vals):
        """Refuse to write what only signing on the portal writes.

        :raise UserError: with what to do instead
        """
        if "signature" in vals and any(
            agreement.signature != vals["signature"] for agreement in self
        ):
            raise self._get_signature_error()
        if any(
            self._workflow_changed(name, vals[name])
            for name in DECLINE_FIELDS
            if name in vals
        ):
            raise self._get_decline_error()
        names = {"accepted_by", "accepted_date"} & vals.keys()
        if not names:
            return
        # sudo: the picture is a file, which is read after the agreement is.
        for agreement in self.sudo().filtered("signature"):
            if any(agreement._workflow_changed(name, vals[name]) for name in names):
                raise UserError(
                    self.env._(
                        "%(agreement)s was signed on the portal by %(name)s: who "
                        "accepted it, and when, is no longer entered by hand.",
                        agreement=agreement.display_name,
                        name=agreement.accepted_by,
                    )
                )

    def _get_signature_error(self):
        return UserError(
            self.env._(
                "A signature is drawn by the customer on the portal. For one on "
                "paper, enter who accepted the agreement, and when."
            )
        )

    def _get_decline_error(self):
        return UserError(
            self.env._(
                "What should be different is said by the customer on the portal. For "
                "what you heard elsewhere, write a note."
            )
        )

    # ------------------------------------------------------------------
    # Void once something else is promised
    # ------------------------------------------------------------------

    def _filter_changed_content(self, vals):
        """Return the accepted agreements of which `vals` changes what they say."""
        names = ACCEPTED_FIELDS & vals.keys()
        accepted = names and self.filtered(
            lambda agreement: (
                agreement.accepted_by and agreement.state in EDITABLE_STATES
            )
        )
        if not accepted:
            return self.browse()
        return self.browse().union(
            *(accepted._workflow_changed(name, vals[name]) for name in names)
        )

    def _void_acceptance(self, keep=False, why=None):
        """Clear who accepted the agreements: they say something else now.

        :param keep: who has accepted the new content on paper; only a signature
            under the old content goes then
        :param str why: what has changed, where that is not in the agreement
        """
        if self.env.context.get(_KEY_NAME) is _ENTERING:
            return
        names = ("signature",) if keep else ACCEPTANCE_FIELDS
        for agreement in self:
            # sudo: the picture is a file of its own.
            signer, signed = agreement.accepted_by, agreement.sudo().signature
            if agreement.state not in EDITABLE_STATES or not (
                signed if keep else signer
            ):
                continue
            agreement.with_context(**{_KEY_NAME: _SIGNING}).write(
                dict.fromkeys(names, False)
            )
            body = self.env._(
                "The acceptance by %(name)s is void, because the agreement was "
                "changed afterwards. It has to be accepted again.",
                name=signer,
            )
            agreement._message_log(body=f"{body} {why}" if why else body)

    def _check_can_activate(self):
        # Hours that were changed a moment ago were not accepted.
        self.env["resource.calendar"]._tell_agreements()
        return super()._check_can_activate()

    # ------------------------------------------------------------------
    # On the portal
    # ------------------------------------------------------------------

    def _can_be_signed(self):
        """Return whether the customer is asked to accept this agreement."""
        self.ensure_one()
        return (
            self.kind == "sla"
            and self.state == "negotiation"
            and self.active
            and not self.accepted_by
        )

    def _check_can_be_signed(self):
        # Of two key users at the same moment, the second one is turned away.
        self.lock_for_update()
        self.invalidate_recordset()
        if not self._can_be_signed():
            raise UserError(
                self.env._(
                    "This agreement is not waiting for a signature any more. Reload "
                    "the page to see where it stands."
                )
            )

    @api.private
    def accept_on_portal(self, user, name, signature):
        """Accept this agreement for its customer.

        :param user: the key user who signs; the caller has checked who it is
        :param name: as typed
        :param signature: as sent by the browser, a PNG picture in base64
        :raise UserError: with what is wrong
        """
        self._check_can_be_signed()
        name = name if isinstance(name, str) else ""
        name = " ".join(name.replace("\x00", "").split())
        if not name or len(name) > MAX_NAME:
            raise UserError(
                self.env._(
                    "Enter your name in up to %(count)s characters.", count=MAX_NAME
                )
            )
        try:
            picture = check_signature(signature)
        except NoSignature as error:
            raise UserError(
                self.env._("Your signature did not arrive. Please draw it again.")
            ) from error
        self.with_context(**{_KEY_NAME: _SIGNING}).write(
            {
                "accepted_by": name,
                "accepted_date": fields.Date.context_today(
                    self.with_context(tz=user.tz)
                ),
                "signature": picture,
            }
        )
        self.message_post(
            author_id=user.partner_id.id,
            body=self.env._(
                "Accepted and signed on the portal as %(name)s, by the login "
                "%(login)s.",
                name=name,
                login=user.login,
            ),
            message_type="notification",
            partner_ids=self.owner_id.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )

    @api.private
    def decline_on_portal(self, user, reason):
        """Tell the owner why the customer does not accept this agreement.

        :param user: the key user who declines; the caller has checked who it is
        :param str reason: as typed
        :raise UserError: with what is wrong
        """
        self._check_can_be_signed()
        if not reason or len(reason) > MAX_REASON:
            raise UserError(
                self.env._(
                    "Tell us in up to %(count)s characters what should be different.",
                    count=MAX_REASON,
                )
            )
        self.with_context(**{_KEY_NAME: _SIGNING}).write(
            {
                "declined_by_id": user.partner_id.id,
                "declined_date": fields.Datetime.now(),
                "decline_reason": reason,
            }
        )
        self.message_post(
            author_id=user.partner_id.id,
            body=plaintext2html(reason),
            message_type="comment",
            partner_ids=self.owner_id.partner_id.ids,
            subject=self.env._("Not accepted: %(agreement)s", agreement=self.name),
            subtype_xmlid="mail.mt_note",
        )
        activity_type = "itsm_sla.activity_declined"
        if self.owner_id and not self.activity_search([activity_type]):
            self.activity_schedule(activity_type, user_id=self.owner_id.id)
