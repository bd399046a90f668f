import { registry } from "@web/core/registry";
import { CalendarModel } from "@web/views/calendar/calendar_model";
import { calendarView } from "@web/views/calendar/calendar_view";

/**
 * Puts a change back where it was when the server refuses to move it: the calendar
 * alone leaves it on the day on which it was dropped.
 */
export class ItsmChangeCalendarModel extends CalendarModel {
    async updateRecord(...args) {
        try {
            return await super.updateRecord(...args);
        } catch (error) {
            await this.load();
            throw error;
        }
    }
}

registry.category("views").add("itsm_change_calendar", {
    ...calendarView,
    Model: ItsmChangeCalendarModel,
});
