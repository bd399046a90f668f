import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const PANEL = ".o_itsm_sla_panel";

/** Choose a record by typing part of its name. */
const choose = (field, text) => [
    { trigger: `.o_form_view [name=${field}] input`, run: `edit ${text}` },
    {
        trigger: `.o-autocomplete--dropdown-menu .dropdown-item:contains(${text})`,
        run: "click",
    },
];

/** Apply a filter of the list of tickets, look, and take it away again. */
const filter = (name, ...steps) => [
    { trigger: ".o_searchview_dropdown_toggler", run: "click" },
    { trigger: `.o_filter_menu .o_menu_item:contains(${name})`, run: "click" },
    { trigger: `.o_searchview_facet:contains(${name})` },
    ...steps,
    {
        trigger: `.o_searchview_facet:contains(${name}) .o_facet_remove`,
        run: "click",
    },
    { trigger: `.o_searchview:not(:has(.o_facet_values:contains(${name})))` },
];

/** A service level manager writes an agreement and sends it to the customer. */
tours.add("itsm_sla_day_offer", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_form_view [name=name] input", run: "edit Scanning by day" },
        ...choose("partner_id", "Bluewater Foods"),
        {
            trigger: "[name=target_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        { trigger: ".modal [name=hours] input", run: "edit 4:30" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        {
            trigger: "body:not(:has(.modal)) [name=target_ids] td:contains(04:30)",
        },
        { trigger: ".o_form_button_save", run: "click" },
        {
            content: "It got its number",
            trigger: ".o_form_saved [name=reference]:contains(SLA)",
        },
        { trigger: "button[name=action_set_state]:contains(Negotiate)", run: "click" },
        { trigger: ".o_arrow_button_current:contains(In Negotiation)" },
    ],
});

/** The key user reads the agreement on the portal, and signs it. */
tours.add("itsm_sla_day_sign", {
    steps: () => [
        {
            trigger: ".list-group a:contains(Scanning by day)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "td:contains(4 h 30 min)" },
        {
            content: "It is read from its beginning: the form has not taken the focus",
            trigger: "#sign .o_web_sign_name_input:not(:focus)",
        },
        { trigger: "#sign .o_web_sign_name_input", run: "edit Kim Keys" },
        {
            trigger: "#sign .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains(You have accepted this agreement)" },
    ],
});

/** The manager puts it into force. */
tours.add("itsm_sla_day_activate", {
    steps: () => [
        {
            trigger: "button[name=action_set_state]:contains(Activate)",
            run: "click",
        },
        { trigger: ".o_arrow_button_current:contains(Active)" },
    ],
});

/** An agent sees how a ticket stands, waits for the customer, and resolves it. */
tours.add("itsm_sla_day_work", {
    steps: () => [
        { trigger: `${PANEL}:contains(h):contains(left):contains(Scanning by day)` },
        { trigger: "button[name=action_pend]", run: "click" },
        { trigger: ".modal [name=pending_reason] label:contains(Customer)", run: "click" },
        { trigger: ".modal [name=question] textarea", run: "edit Which gate is it?" },
        { trigger: ".modal [name=action_apply]", run: "click" },
        {
            content: "Paused since when, and why",
            trigger: `body:not(:has(.modal)) ${PANEL}:contains(Paused):contains(Since):contains(Customer)`,
        },
        { trigger: "button[name=action_resume]", run: "click" },
        { trigger: `${PANEL}:contains(left):not(:contains(Paused))` },
        { trigger: "button[name=action_resolve]", run: "click" },
        { trigger: ".modal [name=resolution_code_id] input", run: "edit Solved" },
        {
            trigger: ".modal [name=resolution_code_id] .dropdown-item:contains(Solved)",
            run: "click",
        },
        { trigger: ".modal [name=resolution] textarea", run: "edit New battery." },
        { trigger: ".modal [name=action_apply]", run: "click" },
        { trigger: `body:not(:has(.modal)) ${PANEL}:contains(Met)` },
    ],
});

const ROW = ".o_data_row";

/** What is missed, due soon or paused is found in the list. */
tours.add("itsm_sla_day_filters", {
    steps: () => [
        { trigger: `${ROW}:contains(Late)` },
        ...filter(
            "Target Missed",
            { trigger: `.o_list_view:not(:has(${ROW}:contains(Soon)))` },
            { trigger: `${ROW}:contains(Late)` }
        ),
        ...filter(
            "Due Within 2 Hours",
            { trigger: `.o_list_view:not(:has(${ROW}:contains(Late)))` },
            { trigger: `${ROW}:contains(Soon)` }
        ),
        ...filter(
            "Clock Paused",
            { trigger: `.o_list_view:not(:has(${ROW}:contains(Soon)))` },
            { trigger: `${ROW}:contains(Waiting)` }
        ),
    ],
});
