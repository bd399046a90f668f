import { registry } from "@web/core/registry";

/** One click takes an article that is offered on a ticket. */
registry.category("web_tour.tours").add("itsm_knowledge_desk", {
    steps: () => [
        {
            content: "The article is offered, and used",
            trigger: ".o_itsm_articles tr:contains(Reset the badge) button:contains(Use)",
            run: "click",
        },
        {
            content: "It is not offered any more",
            trigger: ".o_form_view:not(:has(.o_itsm_articles tr:contains(Reset the badge)))",
        },
        {
            trigger: ".nav-link:contains(Resolution)",
            run: "click",
        },
        {
            content: "It is linked",
            trigger: "[name=article_ids] .o_tag:contains(Reset the badge)",
        },
        {
            content: "Its text is the resolution",
            trigger: "[name=resolution] textarea:value(Turn the key twice.)",
        },
    ],
});

/** A customer searches, reads, and says that it did not help, then that it did. */
registry.category("web_tour.tours").add("itsm_knowledge_portal", {
    steps: () => [
        {
            trigger: "input[name=search]",
            run: "edit badge",
        },
        {
            trigger: "form[role=search] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".list-group a:contains(Reset the badge)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#vote button[value=no][aria-pressed=false]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#vote:has(button[value=no][aria-pressed=true]) button[value=yes]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#vote button[value=yes][aria-pressed=true]",
        },
    ],
});
