from datetime import datetime, time, timedelta
from pathlib import Path

from odoo import api, models
from odoo.fields import Command
from odoo.tools import file_path, plaintext2html

#: Days before production: to the build, to the environments before it.
BUILT, TESTED, TRIED = timedelta(days=14), timedelta(days=10), timedelta(days=5)
#: What comes after the states in which a release is made ready.
OUT = ("support", "closed")


class ItsmDemoReleases(models.AbstractModel):
    """Loads the releases of the demo story.

    Called by the loader of the changes and by nothing else.
    """

    _name = "itsm.demo.releases"
    _description = "Releases of the Demo Story"

    @api.model
    def _load(self, changes, keys, clock):
        """Load the releases with true dates, in the states they reached.

        :param dict changes: changes of the story by key
        :param dict keys: what ``itsm.demo.changes`` finds
        :param clock: ``StoryClock``
        """
        # Here, so that nothing of the story is imported but to load it.
        from ..demo.releases import read_releases

        for told in read_releases(Path(file_path("itsm_change/demo"))):
            told = {**told, "changes": {key: changes[key] for key in told["changes"]}}
            first = next(iter(told["changes"].values()))
            out = first.planned_start or clock.now
            release = self._plan(told, keys, out)
            ready = min(out, clock.now)
            begun = ready - BUILT - timedelta(days=7)
            if told["state"] != "draft":
                self._make_ready(release, told, keys, ready)
                self._deploy(release, told, keys, clock.now)
            if told["state"] == "acceptance":
                release._tell_what_is_due()
            if told["state"] in OUT:
                self._finish(release, told, keys)
            self._set(release, create_date=begun)
            self._set(
                release.message_ids, date=max(begun, release.closed_date or begun)
            )

    @api.model
    def _set(self, records, **values):
        """Put values of the story's time where those of today were written."""
        if records:
            self.env["itsm.demo"]._set_columns(records, **values)

    @api.model
    def _plan(self, told, keys, out):
        owner = self.env["res.users"].browse(keys["user"][told["owner"]])
        release = (
            self.env["itsm.release"]
            .with_user(owner)
            .create(
                {
                    "name": told["name"],
                    "kind_id": self.env.ref(
                        f"itsm_change.release_kind_{told['kind']}"
                    ).id,
                    "owner_id": owner.id,
                    "builder_id": keys["user"][told["builder"]],
                    "acceptor_id": keys["user"][told["acceptor"]],
                    "planned_date": (out + timedelta(days=told["planned"])).date(),
                    "service_ids": [
                        Command.set([keys["service"][key] for key in told["services"]])
                    ],
                    "problem_ids": [
                        Command.set([keys["problem"][key] for key in told["problems"]])
                    ],
                    "copy_ids": [
                        Command.create({"version_id": self._find_version(*copy)})
                        for copy in told["copies"]
                    ],
                    "description": plaintext2html(told["description"]),
                    "backout_plan": told["backout"] and plaintext2html(told["backout"]),
                    "note_title": told["title"],
                    "note_body": told["notes"] and plaintext2html(told["notes"]),
                }
            )
        )
        for change in told["changes"].values():
            change.sudo().release_id = release
        return release.with_user(self.env.user)

    @api.model
    def _find_version(self, software, version):
        """Return the id of a version in the library, which tells its checksum."""
        return (
            self.env["itsm.software.version"]
            .search([("software_id.name", "=", software), ("name", "=", version)])
            .id
        )

    @api.model
    def _make_ready(self, release, told, keys, out):
        """Take over how it was built, tested and accepted."""
        builder = keys["user"][told["builder"]]
        release._load_state("building")
        self._show(
            release, "build", "Pipeline", builder, out - BUILT, told["description"]
        )
        release._load_state("testing")
        self._show(release, "test", "Functions", builder, out - TESTED, told["tests"])
        release._load_state("acceptance")
        if told["customer"]:
            who, words = told["customer"]
            people = self.env["itsm.demo"]._find_keys("demo_person_", "res.partner")
            self._show(
                release,
                "customer",
                "Trial",
                keys["user"][told["owner"]],
                out - TRIED,
                words,
                partner_id=people[who],
            )
        if told["state"] in OUT:
            self._accept(release, told, keys, out)

    @api.model
    def _accept(self, release, told, keys, out):
        release._write_facts(
            {
                "accepted_by_id": keys["user"][told["acceptor"]],
                "accepted_date": out - timedelta(days=2),
            }
        )
        release._load_state("deployment")

    @api.model
    def _show(self, release, kind, name, user_id, date, note, **values):
        self.env["itsm.release.evidence"]._load(
            [
                {
                    "release_id": release.id,
                    "kind": kind,
                    "name": name,
                    "note": note,
                    "recorded_by_id": user_id,
                    "date": date,
                    **values,
                }
            ]
        )

    @api.model
    def _deploy(self, release, told, keys, now):
        """Bring each build to the environments, as far as it came."""
        test, stage, production = (
            self.env.ref(f"itsm_change.environment_{name}")
            for name in ("test", "acceptance", "production")
        )
        builder = keys["user"][told["builder"]]
        for place, (key, result, words) in enumerate(told["deployments"]):
            change = told["changes"][key]
            start = change.actual_start or change.planned_start
            stop = change.actual_stop or change.planned_stop
            if place:
                self._build_again(release, told, keys, start)
            for environment, days in [(test, TESTED), (stage, TRIED)]:
                if told["skip"] or (result == "planned" and environment == stage):
                    continue
                day = datetime.combine((min(start, now) - days).date(), time(10))
                self._bring(release, environment, builder, day, None, "succeeded", "")
            self._bring(
                release, production, builder, start, stop, result, words, told["skip"]
            )

    @api.model
    def _build_again(self, release, told, keys, start):
        """Take over the next build: it is tested and accepted anew."""
        release._load_state("building")
        release._write_facts({"build_number": release.build_number + 1})
        self._make_ready(release, told, keys, start)

    @api.model
    def _bring(
        self, release, environment, user_id, start, stop, result, words, skip=False
    ):
        stop = stop or start + timedelta(hours=1)
        deployment = self.env["itsm.deployment"].create(
            {
                "release_id": release.id,
                "environment_id": environment.id,
                "user_id": user_id,
                "planned_start": start,
                "planned_stop": stop,
                "skip_reason": skip or False,
            }
        )
        if result == "planned":
            return
        facts = {
            "is_production": environment.is_production,
            "build_number": release.build_number,
            "actual_start": start,
        }
        baselines = (
            {"before": start, "after": stop} if environment.is_production else {}
        )
        for name, moment in baselines.items():
            baseline = deployment._take_baseline(f"{deployment.display_name}: {name}")
            baseline.owner_id = release.owner_id
            self._set(baseline, frozen_date=moment, create_date=moment)
            facts[f"baseline_{name}_id"] = baseline.id
        deployment._load_state("running", **facts)
        deployment._load_state(
            result,
            actual_stop=stop,
            **{"backout_note" if result == "backed_out" else "note": words},
        )
        self._set(deployment, create_date=start - timedelta(days=1))
        self._set(deployment.message_ids, date=stop)
        if result == "backed_out":
            release._load_state("backed_out", backed_out_date=stop, backout_note=words)

    @api.model
    def _finish(self, release, told, keys):
        """Take over early-life support, its notes and its review."""
        last = release.deployment_ids.filtered(
            lambda one: one.is_production and one.state == "succeeded"
        )
        out = last.actual_stop
        until = (out + timedelta(days=14)).date()
        release._write_facts({"deployed_date": out, "support_until": until})
        release._load_state("support")
        if told["title"]:
            release.with_user(release.owner_id).action_publish_note()
            self._set(release.note_ids, date=out)
        if told["verdict"]:
            who, verdict, words = told["verdict"]
            self.env["itsm.release.emergency.review"]._load(
                [
                    {
                        "release_id": release.id,
                        "verdict": verdict,
                        "note": words,
                        "recorded_by_id": keys["user"][who],
                        "date": out + timedelta(days=3),
                    }
                ]
            )
        if told["state"] == "closed":
            release._load_state(
                "closed",
                closed_date=datetime.combine(until + timedelta(days=2), time(9)),
                review_note=told["review"],
            )
