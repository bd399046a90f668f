import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { Deferred, animationFrame } from "@odoo/hoot-mock";
import { click, edit, press, queryAllTexts } from "@odoo/hoot-dom";
import {
    defineModels,
    getService,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { redirect } from "@web/core/utils/urls";
import { WebClient } from "@web/webclient/webclient";

class Audit extends models.Model {
    _name = "itsm.ci.audit";
}
class Finding extends models.Model {
    _name = "itsm.ci.audit.finding";
}
defineMailModels();
defineModels([Audit, Finding]);

const CODE = ".o_itsm_audit_code";

function makeProgress(values = {}) {
    return {
        name: "Depot",
        state: "in_progress",
        may_record: true,
        expected: 3,
        found: 0,
        surplus: 0,
        completion: 0,
        ...values,
    };
}

async function openScan(values) {
    // Asked by the systray, whatever is open.
    onRpc("res.users", "review_user_count", () => []);
    onRpc("itsm.ci.audit", "get_scan_progress", () => makeProgress(values));
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "itsm_ci_audit_scan",
        context: { active_model: "itsm.ci.audit", active_id: 7 },
    });
}

async function scan(code) {
    await click(CODE);
    await edit(code);
    await press("Enter");
    await animationFrame();
}

function answer(code) {
    return {
        outcome: "expected",
        finding: 1,
        name: code,
        text: `${code} is expected.`,
        progress: makeProgress({ found: 1, completion: 33 }),
    };
}

test("scans are sent one after the other, in their order", async () => {
    const gates = [new Deferred(), new Deferred()];
    let count = 0;
    onRpc("itsm.ci.audit", "record_scan", async ({ args }) => {
        expect.step(args[1]);
        await gates[count++];
        return answer(args[1]);
    });
    await openScan();
    await scan("A");
    await scan("B");
    expect(`${CODE}:focus`).toHaveCount(1);
    expect(CODE).toHaveValue("");
    expect.verifySteps(["A"]);
    gates[0].resolve();
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["B"]);
    gates[1].resolve();
    await animationFrame();
    await animationFrame();
    expect(".o_itsm_audit_scan_row[data-outcome=expected]").toHaveCount(2);
    expect(".o_itsm_audit_progress").toHaveText("1 of 3 found, 0 surplus");
});

test("a code that could not be sent stays, and is sent again", async () => {
    let works = false;
    onRpc("itsm.ci.audit", "record_scan", ({ args }) => {
        if (!works) {
            throw new Error("down");
        }
        return answer(args[1]);
    });
    await openScan();
    await scan("A");
    await animationFrame();
    expect(".o_itsm_audit_scan_row[data-outcome=failed]").toHaveCount(1);
    expect(queryAllTexts(".o_itsm_audit_last")[0]).toMatch(/A was not recorded/);
    works = true;
    await click("button:contains(Send Again)");
    await animationFrame();
    await animationFrame();
    expect(".o_itsm_audit_scan_row[data-outcome=expected]").toHaveCount(1);
    expect(".o_itsm_audit_scan_row").toHaveCount(1);
});

test("who may only read sees how far it is, and no input", async () => {
    await openScan({ may_record: false, found: 2 });
    expect(CODE).toHaveCount(0);
    expect(".alert").toHaveText(/you may only\s+read it/);
    expect(".o_itsm_audit_progress").toHaveText("2 of 3 found, 0 surplus");
});

test("loading the page again comes back to the same audit", async () => {
    onRpc("res.users", "review_user_count", () => []);
    onRpc("itsm.ci.audit", "get_scan_progress", ({ args }) => {
        expect.step(args[0]);
        return makeProgress();
    });
    redirect("/odoo/7/itsm_ci_audit_scan?active_model=itsm.ci.audit");
    await mountWithCleanup(WebClient);
    await animationFrame();
    expect.verifySteps([[7]]);
    expect(CODE).toHaveCount(1);
    expect(".o_breadcrumb").toHaveText("Scan: Depot");
});
