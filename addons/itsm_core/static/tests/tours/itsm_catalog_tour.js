import {registry} from "@web/core/registry";

/** A manager requests something for a colleague: first with gaps, then complete. */
registry.category("web_tour.tours").add("itsm_catalog_request", {
    steps: () => [
        {
            trigger: ".o_kanban_record:contains(Journey Laptop)",
            run: "click",
        },
        {
            content: "Nothing of what is missing is lost or passed over",
            trigger: "button[name=action_order]",
            run: "click",
        },
        {
            trigger: ".o_field_itsm_order_form .invalid-feedback:contains(Choose one)",
        },
        {
            trigger: "#itsm_order_monitors",
            run: "edit many && press Tab",
        },
        {
            trigger: "#itsm_order_size",
            run: "selectByLabel Large",
        },
        {
            trigger: "button[name=action_order]",
            run: "click",
        },
        {
            trigger: ".invalid-feedback:contains(not a number)",
        },
        {
            content: "What was typed is still there",
            trigger: "#itsm_order_monitors:value(many)",
            run: "edit 2 && press Tab",
        },
        {
            trigger: "div[name=partner_id] input",
            run: "edit Journey Worker",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Journey Worker)",
            run: "click",
        },
        {
            trigger: "button[name=action_order]",
            run: "click",
        },
        {
            content: "The request, which waits for its approval",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Waiting)",
        },
        {
            trigger: ".o_itsm_answers:contains(Large)",
        },
    ],
});

/** The approver finds the request and decides. */
registry.category("web_tour.tours").add("itsm_catalog_approve", {
    steps: () => [
        {
            trigger: ".o_data_row:contains(Journey Laptop) td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_itsm_answers:contains(Large)",
        },
        {
            trigger: "button[name=validate_tier]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
        },
    ],
});
