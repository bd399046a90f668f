import { registry } from "@web/core/registry";

const STATE = ".o_arrow_button_current";

/** The chair of the board opens a meeting, votes and decides, and closes it. */
registry.category("web_tour.tours").add("itsm_change_board", {
    steps: () => [
        {
            trigger: "button[name=action_fill_agenda]:contains(Fill the Agenda)",
            run: "click",
        },
        {
            content: "What waits for the board is up",
            trigger: ".o_data_row:contains(To Be Decided)",
        },
        {
            trigger: "button:contains(Open the Meeting)",
            run: "click",
        },
        {
            trigger: `${STATE}:contains(In Session)`,
        },
        {
            trigger: "button:contains(Walk Through)",
            run: "click",
        },
        {
            trigger: "button:contains(I Am for It)",
            run: "click",
        },
        {
            content: "The vote is counted",
            trigger: ".o_field_widget[name=for_count]:contains(1)",
        },
        {
            content: "What would always be refused is not offered",
            trigger: ".o_statusbar_buttons:not(:contains(Take Note))",
        },
        {
            trigger: ".o_statusbar_buttons button:contains(Refuse)",
            run: "click",
        },
        {
            content: "Not without a reason",
            trigger: ".modal:contains(Write down the reason)",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=reason] textarea",
            run: "edit Not tested at all.",
        },
        {
            trigger: ".o_statusbar_buttons button:contains(Refuse)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=decision]:contains(Refused)",
        },
        {
            trigger: ".o_statusbar_buttons button:contains(Next Point)",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button:contains(Approve)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=decision]:contains(Approved)",
        },
        {
            content: "After the last point, the meeting",
            trigger: ".o_statusbar_buttons button:contains(Next Point)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=attendee_ids] input",
            run: "edit chair",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(chair)",
            run: "click",
        },
        {
            trigger: "button:contains(Close the Meeting)",
            run: "click",
        },
        {
            trigger: `${STATE}:contains(Closed)`,
        },
    ],
});
