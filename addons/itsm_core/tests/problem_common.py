from .common import DeskCase
from .refusal_case import RefusalCase


class ProblemCase(RefusalCase, DeskCase):
    """A service whose incidents have a cause, and people who look for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service, cls.other_service = cls.env["itsm.service"].create(
            [{"name": "Label Printing"}, {"name": "E-mail"}]
        )
        cls.printer, cls.other_printer = cls.env["itsm.ci"].create(
            [
                {
                    "name": name,
                    "class_id": cls.env.ref("itsm_core.ci_class_printer").id,
                }
                for name in ("zebra-01", "zebra-02")
            ]
        )
        cls.cause = cls.env.ref("itsm_core.problem_cause_software")

    def _problem(self, **values):
        return (
            self.env["itsm.problem"]
            .with_user(self.agent)
            .create(
                {
                    "name": "Labels stop printing",
                    "service_id": self.service.id,
                    "ci_ids": [(6, 0, self.printer.ids)],
                    **values,
                }
            )
        )

    def _known(self, **values):
        """Return a known error."""
        problem = self._problem(
            **{
                "cause_id": self.cause.id,
                "root_cause": "The spooler leaks memory.",
                "workaround": "<p>Restart the spooler.</p>",
                **values,
            }
        )
        problem.action_set_state("investigating")
        problem.action_set_state("known_error")
        return problem

    def _resolved(self, **values):
        problem = self._known(solution="Update of the spooler.", **values)
        problem.action_set_state("fix")
        problem.action_set_state("resolved")
        return problem

    def _incident(self, **values):
        return self._create_ticket(**{"ticket_type": "incident", **values})
