import { registry } from "@web/core/registry";
import {
    JournalDashboardGraphField,
    journalDashboardGraphField,
} from "@web/views/fields/journal_dashboard_graph/journal_dashboard_graph_field";

/**
 * Bars of counts by week, with a scale. Unlike the graph of dashboards it follows the
 * record when another one is opened in the same form.
 */
export class WeekGraphField extends JournalDashboardGraphField {
    renderChart() {
        this.data = JSON.parse(this.props.record.data[this.props.name] || "[]");
        if (this.data.length) {
            super.renderChart();
        }
    }

    getBarChartConfig() {
        const config = super.getBarChartConfig();
        config.options.scales.y = {beginAtZero: true, ticks: {precision: 0}};
        return config;
    }
}

registry.category("fields").add("itsm_week_graph", {
    ...journalDashboardGraphField,
    component: WeekGraphField,
});
