import { registry } from "@web/core/registry";

/** What Kim, a key user of Bluewater, and Nora of Northwind see of a change. */
const add = (name, steps) =>
    registry.category("web_tour.tours").add(`itsm_change_portal_${name}`, {
        steps: () => steps,
    });

const click = (trigger) => ({ trigger, run: "click", expectUnloadPage: true });

const TITLE = "a:contains(New disks for the shop)";
const UNKNOWN = [
    "Replace the disk",
    "Take it out",
    "Storage inside",
    "Mail of Northwind",
    "prn01",
    "CHG0",
];
const nothingInside = {
    content: "Nothing of the inside, and of other customers, is on the page",
    trigger: `body${UNKNOWN.map((text) => `:not(:contains(${text}))`).join("")}`,
};

add("announced", [
    {
        content: "What is to come is counted",
        trigger: ".o_portal_index_card .alert:contains(Planned Work Coming Up) .fw-bold:contains(1)",
    },
    { trigger: ".o_portal_index_card a[title='Planned Work']:not(.alert)" },
    click(".o_portal_index_card .alert"),
    { trigger: "h2:contains(Coming and in progress)" },
    { trigger: "body:not(:contains(Over in the last 30 days))" },
    { trigger: "li:contains(Shop of Bluewater) .badge:contains(Planned)" },
    { trigger: "li:contains(Not available for a time)" },
    nothingInside,
    click(TITLE),
    { trigger: "h1:contains(New disks for the shop)" },
    { trigger: "dd:contains(Shop of Bluewater)" },
    { trigger: "dd:contains(Europe/Berlin)" },
    { trigger: "p:contains(Please log out before eight.)" },
    { trigger: "body:not(:contains(What we told you))" },
    nothingInside,
    click(".breadcrumb-item a:contains(Planned Work)"),
    { trigger: TITLE },
]);

add("delayed", [
    click(TITLE),
    { trigger: ".badge:contains(New time wanted)" },
    { trigger: ".alert-warning:contains(We are looking for another one)" },
    {
        content: "The old time no longer counts",
        trigger: "dd .text-decoration-line-through",
    },
]);

add("moved", [
    click(TITLE),
    { trigger: ".badge:contains(Planned)" },
    { trigger: "body:not(:has(.alert-warning)):not(:has(.text-decoration-line-through))" },
    { trigger: "h2:contains(What we told you)" },
    { trigger: "ul li:nth-child(1) strong:contains(New Time)" },
    { trigger: "ul li:nth-child(2) strong:contains(Planned Work)" },
]);

add("over", [
    { trigger: "body:not(:contains(Coming and in progress))" },
    { trigger: "h2:contains(Over in the last 30 days)" },
    { trigger: "li .badge:contains(Done)" },
    click(TITLE),
    { trigger: "h1:contains(New disks for the shop)" },
    { trigger: "ul li:nth-child(1) strong:contains(Done)" },
    nothingInside,
]);

add("other_home", [
    { trigger: ".o_portal_index_card a[title='Planned Work']" },
    {
        content: "Nothing is to come for this customer: counted, and not shown",
        trigger: "body:not(:has(.o_portal_doc_spinner)) .o_portal_index_card.d-none:not(:visible) .alert:contains(0)",
    },
]);

add("other", [
    {
        content: "The address of the change led to the list",
        trigger: "h1:contains(Planned Work)",
    },
    { trigger: "p:contains(Nothing is planned.)" },
    { trigger: `body:not(:has(${TITLE}))` },
]);
