import { _t } from "@web/core/l10n/translation";

/**
 * Tell a length of service time in hours and minutes, cut off to the minute.
 *
 * Not in days: how many hours a day of service time has depends on its calendar.
 *
 * @param {number} seconds not negative
 * @returns {string} such as "59 h 00 min" or "45 min"
 */
export function formatServiceTime(seconds) {
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    if (!hours) {
        return _t("%(minutes)s min", { minutes });
    }
    return _t("%(hours)s h %(minutes)s min", {
        hours,
        minutes: String(minutes % 60).padStart(2, "0"),
    });
}
