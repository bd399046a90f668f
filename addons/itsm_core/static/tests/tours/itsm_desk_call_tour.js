import { registry } from "@web/core/registry";

const OPEN_TICKET = ".o_itsm_call [name=open_ticket_ids] button";

/** From the ringing phone to the resolved ticket: first logged, later resolved. */
registry.category("web_tour.tours").add("itsm_desk_call", {
    steps: () => [
        {
            content: "The agent is at the desk's list when the phone rings",
            trigger: ".o_list_view .o_data_row:contains(Label printer is slow)",
        },
        {
            trigger: ".o_itsm_call_systray button",
            run: "press Alt+Shift+l",
        },
        {
            trigger: ".o_itsm_call [name=partner_id] input:focus",
            run: "edit anna@example",
        },
        {
            trigger: ".o_itsm_call [name=partner_id] .dropdown-item:contains(Anna)",
        },
        {
            trigger: ".o_itsm_call [name=partner_id] input:focus",
            run: "press Enter",
        },
        {
            content: "What she rang about before is shown, with its priority and state",
            trigger: `${OPEN_TICKET}:contains(Label printer is slow):contains(P1):contains(Pending)`,
        },
        {
            content: "Finished tickets and those of others are not",
            trigger: `.o_itsm_call:not(:has(${OPEN_TICKET}:contains(Old story))):not(:has(${OPEN_TICKET}:contains(Not hers)))`,
        },
        {
            trigger: ".o_itsm_call [name=ci_ids] .form-check:contains(Scanner 14)",
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
            content: "The old ticket can be chosen by keyboard",
            trigger: `${OPEN_TICKET}:focus`,
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
            run: "edit It fell into the water",
        },
        {
            trigger: ".o_itsm_call [name=ci_ids] input[type=checkbox]",
            run: "click",
        },
        {
            trigger: ".o_itsm_call [name=description] textarea",
            run: "press Alt+q",
        },
        {
            trigger: ".o_notification:contains(The call is in HT)",
        },
        {
            content: "The list behind shows the call",
            trigger:
                "body:not(:has(.o_itsm_call)) .o_list_view .o_data_row td[name=name]:contains(Scanner is dead)",
            run: "click",
        },
        {
            content: "It is the ticket of the agent who took the call",
            trigger: ".o_form_view [name=action_resolve].btn-primary",
            run: "press Alt+Shift+r",
        },
        {
            content: "Nothing resolves without saying how",
            trigger: ".modal [name=action_apply]",
            run: "press Alt+q",
        },
        {
            trigger: ".modal .o_field_invalid[name=resolution]",
        },
        {
            trigger: ".modal [name=resolution_code_id] input",
            run: "edit Solved",
        },
        {
            trigger: ".modal [name=resolution_code_id] .dropdown-item:contains(Solved)",
            run: "click",
        },
        {
            trigger: ".modal [name=resolution] textarea",
            run: "edit A new scanner lies at gate 4.",
        },
        {
            trigger: ".modal [name=resolution] textarea",
            run: "press Alt+q",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_form_view .o_statusbar_status .o_arrow_button_current:contains(Resolved)",
        },
    ],
});
