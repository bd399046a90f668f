import { Component, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { CRITICALITIES, describeCriticality } from "./impact_words";

const PAGE = 80;

/** What was reached, a row each: how it was reached, and how bad that is. */
export class ImpactList extends Component {
    static template = "itsm_core.ImpactList";
    static components = { Pager };
    static props = {
        answer: Object,
        openItem: Function,
        exclude: Function,
        restore: Function,
    };

    setup() {
        this.state = useState({ search: "", sort: "level", descending: false, offset: 0 });
        this.limit = PAGE;
        this.criticalities = CRITICALITIES;
        this.describeCriticality = describeCriticality;
        this.columns = [
            { name: "level", label: _t("Level") },
            { name: "name", label: _t("Item") },
            { name: "class", label: _t("Class") },
            { name: "criticality", label: _t("Criticality") },
            { name: "incidents", label: _t("Open Incidents") },
            { name: "path", label: _t("How It Is Reached") },
        ];
    }

    get rows() {
        const { search, sort, descending } = this.state;
        const words = search.toLowerCase();
        const sign = descending ? -1 : 1;
        return this.props.answer.items
            .filter((item) => item.level && !item.excluded)
            .filter((item) =>
                `${item.name}\n${item.class}\n${item.path}`.toLowerCase().includes(words)
            )
            .sort(
                (a, b) => sign * compare(getKey(a, sort), getKey(b, sort)) || a.level - b.level
            );
    }

    /** The page, as far as rows are left after searching. */
    getPage(rows) {
        if (this.state.offset >= rows.length) {
            this.state.offset = 0;
        }
        return rows.slice(this.state.offset, this.state.offset + PAGE);
    }

    sortBy(name) {
        // Numbers of incidents are looked at from the top.
        const first = name === "incidents";
        this.state.descending = this.state.sort === name ? !this.state.descending : first;
        this.state.sort = name;
        this.state.offset = 0;
    }

    getSort(name) {
        if (this.state.sort !== name) {
            return "none";
        }
        return this.state.descending ? "descending" : "ascending";
    }

    onSearch(ev) {
        this.state.search = ev.target.value;
        this.state.offset = 0;
    }

    onPage({ offset }) {
        this.state.offset = offset;
    }

    excludeLabel(item) {
        return _t("Exclude the branch of %s", item.name);
    }

    formatDate(text) {
        return toLocaleDateTimeString(deserializeDateTime(text));
    }
}

/** What a row is sorted by; services go before what supports them. */
function getKey(item, name) {
    if (name !== "criticality") {
        return item[name];
    }
    return item.criticality || (item.supports ? `${item.supports} supports` : false);
}

/** Nothing, such as no criticality, comes last. */
function compare(a, b) {
    if (a === b) {
        return 0;
    }
    if (a === false || b === false) {
        return a === false ? 1 : -1;
    }
    return typeof a === "string" ? a.localeCompare(b) : a - b;
}
