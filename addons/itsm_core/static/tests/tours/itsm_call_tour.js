import { registry } from "@web/core/registry";

/** A call by keyboard: keys are pressed where the focus is. */
registry.category("web_tour.tours").add("itsm_call", {
    steps: () => [
        {
            trigger: ".o_itsm_call_systray button",
            run: "press Alt+Shift+l",
        },
        {
            content: "The cursor waits for the caller",
            trigger: ".o_itsm_call [name=partner_id] input:focus",
            run: "edit 030 765432",
        },
        {
            trigger: ".o_itsm_call [name=partner_id] .dropdown-item:contains(Carla Caller)",
        },
        {
            trigger: ".o_itsm_call [name=partner_id] input:focus",
            run: "press Enter",
        },
        {
            content: "Their device is offered",
            trigger: ".o_itsm_call [name=ci_ids]:contains(Scanner 14)",
        },
        {
            trigger: ".o_itsm_call [name=partner_id] input:focus",
            run: "press Tab",
        },
        {
            trigger: ".o_itsm_call [name=affected_partner_id] input:focus",
            run: "press Tab",
        },
        {
            trigger: ".o_itsm_call [name=name] input:focus",
            run: "edit Scanner is dead",
        },
        {
            trigger: ".o_itsm_call [name=name] input:focus",
            run: "press Tab",
        },
        {
            trigger: ".o_itsm_call [name=description] textarea:focus",
            run: "press Tab",
        },
        {
            content: "After the text comes the type; then the arrow keys choose",
            trigger: ".o_itsm_call [name=ticket_type] input:focus",
        },
        {
            trigger: ".o_itsm_call [name=impact] input:first",
            run: "click",
        },
        {
            content: "The priority follows at once",
            trigger: ".o_itsm_call .o_itsm_priority_2",
        },
        {
            trigger: ".o_itsm_call [name=resolution] textarea",
            run: "edit Battery put back.",
        },
        {
            trigger: ".o_itsm_call [name=resolution] textarea",
            run: "press Alt+r",
        },
        {
            trigger: ".o_notification:contains(The call is in HT)",
        },
        {
            trigger: "body:not(:has(.o_itsm_call))",
        },
    ],
});
