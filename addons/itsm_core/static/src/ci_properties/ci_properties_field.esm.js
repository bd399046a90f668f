import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {
    PropertiesField,
    propertiesField,
} from "@web/views/fields/properties/properties_field";
import {CiPropertyValue} from "./ci_property_value.esm";

/**
 * The attributes of a configuration item. They are defined on the classes, of which
 * an item sees several at once, so that they cannot be defined from the item.
 */
export class CiPropertiesField extends PropertiesField {
    static components = {...PropertiesField.components, PropertyValue: CiPropertyValue};

    async checkDefinitionWriteAccess() {
        return false;
    }
    _getPropertyEditWarningText() {
        return _t("Attributes are defined on the class, under Configuration, CI Classes.");
    }
}

registry.category("fields").add("itsm_ci_properties", {
    ...propertiesField,
    component: CiPropertiesField,
});
