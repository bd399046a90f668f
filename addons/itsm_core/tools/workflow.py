"""Declarations of a workflow: which moves exist and what each one asks for.

Plain data without an environment, so that a workflow can be read and checked
without a database. ``itsm.workflow.mixin`` enforces it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Transition:
    """One declared move of a workflow, from any of `sources` to `target`.

    :param sources: state or states the move starts from.
    :param target: state the move ends in.
    :param required: names of fields that must hold a value. A tuple inside the
        tuple means "at least one of these".
    :param groups: XML ids of groups; the user needs one of them. Empty: anyone
        who may write the record.
    :param check: name of a method of the model. It is called with the records
        that are about to move and raises a ``UserError`` where they may not.
    :param stamp: names of Date or Datetime fields (UTC) set to now by the move, and
        by nobody else.
    :param clear: names of fields emptied by the move.
    """

    sources: tuple[str, ...]
    target: str
    required: tuple = ()
    groups: tuple[str, ...] = ()
    check: str = ""
    stamp: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()

    def __post_init__(self):
        if isinstance(self.sources, str):
            object.__setattr__(self, "sources", (self.sources,))


def index_transitions(transitions):
    """Return ``{(source, target): Transition}``.

    :raise ValueError: where two transitions declare the same move.
    """
    index = {}
    for transition in transitions:
        for source in transition.sources:
            key = (source, transition.target)
            if key in index:
                raise ValueError(f"The move {source} -> {key[1]} is declared twice.")
            index[key] = transition
    return index
