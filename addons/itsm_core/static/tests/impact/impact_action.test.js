import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { click, press, queryAll, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    getService,
    models,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { redirect } from "@web/core/utils/urls";
import { WebClient } from "@web/webclient/webclient";
import { ImpactPicture } from "@itsm_core/impact/impact_picture";

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
}
defineMailModels();
defineModels([Ticket]);

function makeItem(id, level, values = {}) {
    return {
        id,
        level,
        name: `item-${id}`,
        class: "Server",
        icon: "fa-server",
        lifecycle: "in_use",
        criticality: false,
        supports: false,
        service: false,
        incidents: 0,
        parent: level ? 1 : false,
        path: level ? `item-1 → hosts item-${id}` : "",
        excluded: false,
        ...values,
    };
}

function makeAnswer(count, values = {}) {
    const items = [makeItem(1, 0)];
    for (let id = 2; id <= count + 1; id++) {
        items.push(makeItem(id, 1));
    }
    return {
        name: "Ticket 1",
        direction: "affected",
        depth: 4,
        levels: count ? 1 : 0,
        limit: 5000,
        total: count,
        shown: count,
        hidden: 0,
        services: {},
        items,
        links: items.slice(1).map((item) => [1, item.id, "hosts", false]),
        weakened: [],
        exclusions: [],
        may_exclude: true,
        ...values,
    };
}

async function openImpact() {
    // Asked by the systray, whatever is open.
    onRpc("res.users", "review_user_count", () => []);
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "itsm_impact",
        context: { active_model: "helpdesk.ticket", active_id: 7 },
    });
}

const noop = () => {};

test("the list shows what is reached, searches and sorts it", async () => {
    const answer = makeAnswer(3);
    Object.assign(answer.items[2], { name: "Freight ERP", criticality: "1", incidents: 4 });
    onRpc("helpdesk.ticket", "get_impact", () => answer);
    await openImpact();
    expect("tbody tr").toHaveCount(3);
    await contains("th:contains(Open Incidents) button").click();
    expect(queryAllTexts("tbody td:nth-child(2)")[0]).toBe("Freight ERP");
    await contains("th:contains(Criticality) button").click();
    expect(queryAllTexts("tbody td:nth-child(2)")[0]).toBe("Freight ERP");
    await contains(".o_itsm_impact_search").edit("freight");
    expect("tbody tr").toHaveCount(1);
    await contains(".o_itsm_impact_search").edit("nowhere");
    expect("tbody").toHaveText("Nothing in this list holds these words.");
});

test("direction and level are asked of the server", async () => {
    onRpc("helpdesk.ticket", "get_impact", ({ args, kwargs }) => {
        expect.step([args[0][0], kwargs.direction, kwargs.depth].join(" "));
        return makeAnswer(1);
    });
    await openImpact();
    await contains("button:contains(What it depends on)").click();
    await contains(".o_itsm_impact_depth").select("2");
    expect.verifySteps(["7 affected 4", "7 depends 4", "7 depends 2"]);
});

test("a branch is excluded with a reason, and restored", async () => {
    const answer = makeAnswer(1);
    onRpc("helpdesk.ticket", "get_impact", () => answer);
    onRpc("helpdesk.ticket", "exclude_from_impact", ({ args }) => {
        expect.step(args);
        Object.assign(answer, { total: 0, shown: 0 });
        answer.items[1].excluded = true;
        answer.exclusions.push({
            id: 1,
            ci_id: 2,
            name: "item-2",
            reason: "Failover",
            user: "Ada",
            date: "2026-03-02 08:00:00",
            reached: true,
        });
        return true;
    });
    onRpc("helpdesk.ticket", "restore_to_impact", ({ args }) => {
        expect.step(args);
        return true;
    });
    await openImpact();
    await contains(".o_itsm_impact_exclude").click();
    expect(".modal .btn-primary").not.toBeEnabled();
    await contains(".modal input").edit("Failover", { confirm: false });
    await contains(".modal .btn-primary").click();
    expect(".modal").toHaveCount(0);
    expect(".o_itsm_impact_empty").toHaveText("All that would be reached is excluded.");
    expect(".o_itsm_impact_excluded tbody").toHaveText(/Failover[\s\S]*Ada/);
    await contains(".o_itsm_impact_restore").click();
    expect.verifySteps([
        [[7], "affected", 2, "Failover"],
        [[7], "affected", 2],
    ]);
});

test("who may not change the record cannot exclude", async () => {
    onRpc("helpdesk.ticket", "get_impact", () => makeAnswer(2, { may_exclude: false }));
    await openImpact();
    expect("tbody tr").toHaveCount(2);
    expect(".o_itsm_impact_exclude").toHaveCount(0);
});

test("an empty impact says why", async () => {
    onRpc("helpdesk.ticket", "get_impact", () => makeAnswer(0, { items: [] }));
    await openImpact();
    expect(".o_itsm_impact_empty").toHaveText(/^Nothing to start from/);
    await contains("button:contains(Picture)").click();
    expect("svg.o_itsm_impact_svg").toHaveCount(0);
});

test("what holds with less to spare is told, and what the next failure takes down", async () => {
    const weakened = [
        { id: 8, name: "Mail cluster", service: false, left: 0 },
        { id: 9, name: "Web farm", service: false, left: 2 },
    ];
    onRpc("helpdesk.ticket", "get_impact", () => makeAnswer(0, { weakened }));
    await openImpact();
    expect(queryAllTexts(".o_itsm_impact_weakened")).toEqual([
        "Still up, but the next failure takes it down: Mail cluster",
        "Still up, with less to spare: Web farm",
    ]);
});

test("the picture draws nodes that open by click and by keyboard", async () => {
    const openItem = (item) => expect.step(item.name);
    const props = { answer: makeAnswer(3), openItem };
    await mountWithCleanup(ImpactPicture, { props });
    expect(".o_itsm_node").toHaveCount(4);
    expect(".o_itsm_link").toHaveCount(3);
    expect('.o_itsm_node[tabindex="0"]').toHaveCount(1);
    await click('[data-key="item-3"]');
    queryFirst('.o_itsm_node[tabindex="0"]').focus();
    await press("ArrowRight");
    const focused = document.activeElement.dataset.key;
    expect(focused).not.toBe("item-1");
    expect('.o_itsm_node[tabindex="0"]').toHaveAttribute("data-key", focused);
    await press("Enter");
    expect.verifySteps(["item-3", focused]);
});

test("a branch is left out from the picture by click and by keyboard, and restored", async () => {
    const answer = makeAnswer(2);
    onRpc("helpdesk.ticket", "get_impact", () => answer);
    onRpc("helpdesk.ticket", "exclude_from_impact", ({ args }) => {
        expect.step(args);
        const item = answer.items.find(({ id }) => id === args[2]);
        item.excluded = true;
        answer.total = answer.total - 1;
        answer.exclusions.push({
            id: item.id,
            ci_id: item.id,
            name: item.name,
            reason: args[3],
            user: "Ada",
            date: "2026-03-02 08:00:00",
            reached: true,
        });
        return true;
    });
    onRpc("helpdesk.ticket", "restore_to_impact", ({ args }) => {
        expect.step(args);
        return true;
    });
    await openImpact();
    await contains("button:contains(Picture)").click();
    // Where it begins cannot be left out.
    expect(".o_itsm_node_exclude").toHaveCount(2);
    await click('[data-key="item-2"] .o_itsm_node_exclude');
    await animationFrame();
    await contains(".modal input").edit("Has a twin", { confirm: false });
    await contains(".modal .btn-primary").click();
    expect('[data-key="item-2"]').toHaveCount(0);
    expect(".o_itsm_impact_left_out").toHaveText(/item-2/);
    queryFirst('[data-key="item-3"]').focus();
    await press("Delete");
    await animationFrame();
    await contains(".modal input").edit("Is spare", { confirm: false });
    await contains(".modal .btn-primary").click();
    // Nothing is left to be drawn, and what was left out can still be restored.
    expect(".o_itsm_node").toHaveCount(0);
    await contains(".o_itsm_impact_left_out button:first").click();
    expect.verifySteps([
        [[7], "affected", 2, "Has a twin"],
        [[7], "affected", 3, "Is spare"],
        [[7], "affected", 2],
    ]);
});

test("who may not change the record is not offered to leave out in the picture", async () => {
    const answer = makeAnswer(2, { may_exclude: false });
    const props = { answer, openItem: noop, exclude: () => expect.step("excluded") };
    await mountWithCleanup(ImpactPicture, { props });
    expect(".o_itsm_node_exclude").toHaveCount(0);
    queryFirst('[data-key="item-2"]').focus();
    await press("Delete");
    expect.verifySteps([]);
});

test("items that support services have their colour, paler", async () => {
    const answer = makeAnswer(2);
    answer.items[1].supports = "1";
    await mountWithCleanup(ImpactPicture, { props: { answer, openItem: noop } });
    expect('[data-key="item-2"]').toHaveClass(["o_itsm_criticality_1", "o_itsm_node_supports"]);
    expect('[data-key="item-2"]').toHaveAttribute(
        "aria-label",
        "item-2, Server, level 1, supports: Critical"
    );
    expect('[data-key="item-3"]').toHaveClass("o_itsm_criticality_none");
});

test("2,000 items are folded into few nodes, and unfold by a click", async () => {
    const answer = makeAnswer(1999);
    answer.items.slice(0, 300).forEach((item) => (item.class = "Switch"));
    await mountWithCleanup(ImpactPicture, { props: { answer, openItem: noop } });
    expect(queryAll(".o_itsm_node").length).toBeLessThan(201);
    await click('[data-key="1|Switch"]');
    await animationFrame();
    expect(".o_itsm_node").toHaveCount(1 + 299 + 1);
    await click(".o_itsm_unfold_all");
    await animationFrame();
    expect(".o_itsm_node").toHaveCount(2000);
    await click(".o_itsm_fold_again");
    await animationFrame();
    expect(queryAll(".o_itsm_node").length).toBeLessThan(201);
});

test("the picture is coloured by criticality or by open incidents", async () => {
    const answer = makeAnswer(2);
    Object.assign(answer.items[1], { criticality: "1", incidents: 5 });
    await mountWithCleanup(ImpactPicture, { props: { answer, openItem: noop } });
    expect('[data-key="item-2"]').toHaveClass("o_itsm_criticality_1");
    expect('[data-key="item-2"]').toHaveAttribute(
        "aria-label",
        "item-2, Server, level 1, Critical, open incidents: 5"
    );
    await click("button:contains(Open incidents)");
    await animationFrame();
    expect('[data-key="item-2"]').toHaveClass("o_itsm_incidents_3");
    expect('[data-key="item-3"]').toHaveClass("o_itsm_incidents_0");
});

test("loading the page again comes back to the same record", async () => {
    onRpc("res.users", "review_user_count", () => []);
    onRpc("helpdesk.ticket", "get_impact", ({ args }) => {
        expect.step(args[0]);
        return makeAnswer(3);
    });
    redirect("/odoo/7/itsm_impact?active_model=helpdesk.ticket");
    await mountWithCleanup(WebClient);
    await animationFrame();
    expect.verifySteps([[7]]);
    expect("tbody tr").toHaveCount(3);
    expect(".o_breadcrumb").toHaveText("Impact of Ticket 1");
});

test("the address says how the impact is looked at", async () => {
    onRpc("res.users", "review_user_count", () => []);
    onRpc("helpdesk.ticket", "get_impact", ({ kwargs }) => {
        expect.step([kwargs.direction, kwargs.depth]);
        return makeAnswer(3, kwargs);
    });
    redirect(
        "/odoo/7/itsm_impact?active_model=helpdesk.ticket&tab=picture&direction=depends&depth=6"
    );
    await mountWithCleanup(WebClient);
    await animationFrame();
    expect.verifySteps([["depends", 6]]);
    expect(".o_itsm_node").toHaveCount(4);
    await contains("button:contains(What is affected)").click();
    await contains("button:contains(List)").click();
    expect.verifySteps([["affected", 6]]);
    await animationFrame();
    expect(new URL(browser.location).search).toBe(
        "?active_model=helpdesk.ticket&direction=affected&depth=6&tab=list"
    );
});

test("an address that asks for what there is not shows the usual", async () => {
    onRpc("res.users", "review_user_count", () => []);
    onRpc("helpdesk.ticket", "get_impact", ({ kwargs }) => {
        expect.step([kwargs.direction, kwargs.depth]);
        return makeAnswer(3, kwargs);
    });
    redirect(
        "/odoo/7/itsm_impact?active_model=helpdesk.ticket&tab=poem&direction=up&depth=99"
    );
    await mountWithCleanup(WebClient);
    await animationFrame();
    expect.verifySteps([["affected", 4]]);
    expect("tbody tr").toHaveCount(3);
});
