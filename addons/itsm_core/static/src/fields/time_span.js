import { _t } from "@web/core/l10n/translation";

/**
 * Tell a length of time in the two units that matter, rounded down.
 *
 * @param {number} seconds not negative
 * @returns {string} such as "3 d 4 h", "2 h 5 min" or "12 min"
 */
export function formatTimeSpan(seconds) {
    const minutes = Math.floor(seconds / 60);
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);
    if (days) {
        return hours % 24
            ? _t("%(days)s d %(hours)s h", { days, hours: hours % 24 })
            : _t("%s d", days);
    }
    if (hours) {
        return minutes % 60
            ? _t("%(hours)s h %(minutes)s min", { hours, minutes: minutes % 60 })
            : _t("%s h", hours);
    }
    return minutes ? _t("%s min", minutes) : _t("under a minute");
}
