/**
 * The record that a client action is about.
 *
 * It is kept in the address, so that the screen comes back when the page is loaded
 * again, as browsers on phones do by themselves, and can be sent to somebody.
 *
 * @param {Object} props of a client action, opened with a context or from its address
 * @returns {{model: (string|undefined), id: (number|undefined)}}
 */
export function recordOf({ action, updateActionState }) {
    // From the address, what was kept in it comes as params.
    const { active_model: model, active_id: id } = { ...action.params, ...action.context };
    if (model && id) {
        updateActionState({ active_model: model, active_id: id });
    }
    return { model, id };
}
