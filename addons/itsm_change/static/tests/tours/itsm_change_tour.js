import { registry } from "@web/core/registry";

const STATE = ".o_arrow_button_current";

function press(label) {
    return {
        trigger: `.o_statusbar_buttons button:contains(${label}):not([disabled])`,
        run: "click",
    };
}

function reach(state) {
    return { trigger: `${STATE}:contains(${state})` };
}

function open(page) {
    return { trigger: `.o_notebook .nav-link:contains(${page})`, run: "click" };
}

function fill(field, text) {
    return {
        trigger: `.o_field_widget[name=${field}] :is(input, textarea)`,
        run: `edit ${text}`,
    };
}

/** The planner raises a change, takes its impact, answers, plans, asks. */
registry.category("web_tour.tours").add("itsm_change_raise", {
    steps: () => [
        { trigger: ".o_list_button_add, .o-kanban-button-new", run: "click" },
        fill("name", "Replace the printer"),
        open("Why"),
        fill("reason", "It is worn out."),
        open("Scope and Impact"),
        fill("ci_ids", "prn01"),
        {
            trigger: ".o-autocomplete--dropdown-item:contains(prn01)",
            run: "click",
        },
        { trigger: ".o_form_button_save", run: "click" },
        press("Assess"),
        reach("Assessment"),
        open("Scope and Impact"),
        {
            trigger: "button[name=action_take_impact]",
            run: "click",
        },
        {
            content: "When it was taken is said",
            trigger: ".o_field_widget[name=impact_date]",
        },
    ],
});

/** The implementer begins, does the task and ends the work. */
registry.category("web_tour.tours").add("itsm_change_implement", {
    steps: () => [
        press("Start"),
        reach("Implementation"),
        open("Tasks"),
        {
            trigger: ".o_data_row button:contains(Start)",
            run: "click",
        },
        {
            trigger: ".o_data_row button:contains(Done)",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains(Done):not(:has(button:contains(Done)))",
        },
        press("Done"),
        reach("Review"),
    ],
});

/** The change manager closes it, and not without its outcome. */
registry.category("web_tour.tours").add("itsm_change_close", {
    steps: () => [
        press("Close"),
        {
            trigger: ".modal:contains(Outcome)",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        open("Review"),
        {
            trigger: ".o_field_widget[name=outcome] :is(input, select)",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(Success), option:contains(Success)",
            run: "click",
        },
        fill("lessons", "None."),
        press("Close"),
        reach("Closed"),
    ],
});
