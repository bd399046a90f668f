import {_t} from "@web/core/l10n/translation";
import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const INPUT_TYPES = {
    char: "text",
    colleague: "text",
    date: "date",
    float: "text",
    integer: "text",
};

/** The form of a catalogue item: questions, answers as typed, and what is wrong. */
export class ItsmOrderFormField extends Component {
    static template = "itsm_core.ItsmOrderFormField";
    static props = {...standardFieldProps};

    setup() {
        // What stands in the inputs: the record follows, and may be a moment late.
        this.typed = useState({...this.props.record.data[this.props.name]});
    }

    get questions() {
        return this.props.record.data.questions || [];
    }

    problem(question) {
        return (this.props.record.data.problems || {})[question.key];
    }

    inputType(question) {
        return INPUT_TYPES[question.kind] || "text";
    }

    inputMode(question) {
        return {colleague: "email", float: "decimal", integer: "numeric"}[
            question.kind
        ];
    }

    /** Mirror what is typed at once, so that saving in the middle loses nothing. */
    onInput(question, value) {
        this.typed[question.key] = value;
        this.props.record.update({[this.props.name]: {...this.typed}});
    }
}

registry.category("fields").add("itsm_order_form", {
    component: ItsmOrderFormField,
    displayName: _t("Form of a catalogue item"),
    supportedTypes: ["json"],
    fieldDependencies: [
        {name: "questions", type: "json"},
        {name: "problems", type: "json"},
    ],
});
