import {PropertyValue} from "@web/views/fields/properties/property_value";

const NUMBERS = ["integer", "float"];

/**
 * A number that nobody recorded is empty, and emptied again when it is deleted. Without
 * this it reads 0, as if somebody had counted and found none.
 */
export class CiPropertyValue extends PropertyValue {
    get displayValue() {
        const isUnset = this.propertyValue !== 0 && !this.propertyValue;
        if (NUMBERS.includes(this.props.type) && isUnset) {
            return "";
        }
        return super.displayValue;
    }

    async onValueChange(newValue) {
        if (NUMBERS.includes(this.props.type) && !String(newValue).trim()) {
            return this.props.onChange(false);
        }
        return super.onValueChange(newValue);
    }
}
