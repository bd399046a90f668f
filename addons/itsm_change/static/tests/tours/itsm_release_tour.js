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

function fill(field, text, within = "") {
    return {
        trigger: `${within} .o_field_widget[name=${field}] :is(input, textarea)`,
        run: `edit ${text}`,
    };
}

/** Record in the dialogue what was built or tested, and see it on its page. */
function prove(name) {
    return [
        press("Record Evidence"),
        fill("name", name, ".modal"),
        fill("note", "See the log of the pipeline.", ".modal"),
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        open("Evidence"),
        { trigger: `.o_data_row:contains(${name}):contains(Passed)` },
    ];
}

/** Deploy to the environment that comes next, and go back to the release. */
function deploy(environment) {
    return [
        press("Plan a Deployment"),
        {
            content: "The next environment is proposed",
            trigger: `.o_field_widget[name=environment_id] input:value(${environment})`,
        },
        { trigger: ".o_form_button_save", run: "click" },
        press("Begin"),
        reach("In Progress"),
        press("Succeeded"),
        reach("Succeeded"),
        {
            trigger: ".o_breadcrumb .o_back_button a, .breadcrumb-item.o_back_button a",
            run: "click",
        },
        open("Deployments"),
        { trigger: `.o_data_row:contains(${environment}):contains(Succeeded)` },
    ];
}

/** The release manager begins a release. */
registry.category("web_tour.tours").add("itsm_release_plan", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        fill("name", "Web shop, spring release"),
        fill("kind_id", "Minor"),
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Minor)",
            run: "click",
        },
        { trigger: ".o_form_button_save", run: "click" },
        press("Build"),
        {
            content: "What is missing is said",
            trigger: ".modal:contains(Please fill in)",
        },
        { trigger: ".modal .btn-primary", run: "click" },
        reach("Planning"),
    ],
});

/** It is built, and who built it shows that by evidence. */
registry.category("web_tour.tours").add("itsm_release_build", {
    steps: () => [press("Build"), reach("Building")],
});
registry.category("web_tour.tours").add("itsm_release_prove", {
    steps: () => prove("Nightly build"),
});

/** It is tested and put to its acceptance. */
registry.category("web_tour.tours").add("itsm_release_test", {
    steps: () => [
        press("Test"),
        reach("Testing"),
        ...prove("Regression test"),
        press("Put to Acceptance"),
        reach("Acceptance"),
        { trigger: ".alert:contains(Waits for the acceptance)" },
    ],
});

/** Who is named refuses, and says why: of a release and of a transition plan. */
registry.category("web_tour.tours").add("itsm_acceptance_refuse", {
    steps: () => [
        press("Refuse Acceptance"),
        fill("reason", "The night shift was not trained.", ".modal"),
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: ".alert:contains(The night shift was not trained.)" },
        { trigger: "body:not(:has(button[name=action_refuse_acceptance]))" },
    ],
});

/** Who is named accepts. */
registry.category("web_tour.tours").add("itsm_acceptance_accept", {
    steps: () => [
        {
            trigger: ".o_statusbar_buttons button[name=action_accept]",
            run: "click",
        },
        { trigger: ".modal:contains(by name) .btn-primary", run: "click" },
        { trigger: ".alert:contains(Accepted by)" },
    ],
});

/** From one environment to the next, and out. */
registry.category("web_tour.tours").add("itsm_release_deploy", {
    steps: () => [
        press("Release for Production"),
        reach("Deployment"),
        ...["Test", "Acceptance", "Production"].flatMap(deploy),
        press("Start Early-Life Support"),
        reach("Early-Life Support"),
    ],
});

/** It is closed, and not without its review. */
registry.category("web_tour.tours").add("itsm_release_close", {
    steps: () => [
        press("Close"),
        { trigger: ".modal:contains(Conclusion of the Review)" },
        { trigger: ".modal .btn-primary", run: "click" },
        fill("review_note", "It brought what was wanted."),
        press("Close"),
        reach("Closed"),
    ],
});
