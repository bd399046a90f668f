import { _t } from "@web/core/l10n/translation";

/** What it means to the business when a service is down, worst first. */
export const CRITICALITIES = {
    1: _t("Critical"),
    2: _t("High"),
    3: _t("Medium"),
    4: _t("Low"),
};

/** How critical an item is: by itself if it is a service, else by what stands on it. */
export function describeCriticality({ criticality, supports }) {
    if (criticality) {
        return CRITICALITIES[criticality];
    }
    return supports ? _t("supports: %s", CRITICALITIES[supports]) : "";
}
