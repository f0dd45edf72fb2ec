"""Which methods the cases of a design can bear, and why not the others."""

from collections.abc import Sequence

from studies.definition import MorrisDesign, Nsga2Design, SaltelliDesign, Study
from studies.definition.design import DifferentialEvolutionDesign, OneAtATimeDesign
from studies.sensitivity.answers import Method, SensitivityRefused


def list_supported(study: Study) -> tuple[Method, ...]:
    """Return the methods that a study's design can bear, the one that says most first."""
    design = study.design
    if isinstance(design, MorrisDesign):
        return ("morris", "regression")
    if isinstance(design, SaltelliDesign):
        return ("sobol", "regression", "pawn", "delta")
    if isinstance(design, OneAtATimeDesign):
        return ()
    if isinstance(design, Nsga2Design | DifferentialEvolutionDesign):
        return ("regression",)
    return ("regression", "pawn", "delta")


def check_method(study: Study, method: Method) -> None:
    """Refuse a method that a study's design cannot bear.

    Raises:
        SensitivityRefused: with the reason and the methods that it can.
    """
    supported = list_supported(study)
    if method in supported:
        return
    way_out = f"Choose {_list_choice(supported)}." if supported else ""
    raise SensitivityRefused("method", f"{explain_refusal(study, method)} {way_out}".strip(), supported)


def explain_refusal(study: Study, method: Method) -> str:
    """Return why a design cannot bear a method, and which design could."""
    design = study.design.method
    if isinstance(study.design, OneAtATimeDesign):
        return (
            "In a one_at_a_time design each case varies one parameter and leaves the others as the model has them:"
            " nothing can be said of them together. Compare the cases with the baseline, or submit a `morris` design."
        )
    if method == "morris":
        return (
            f"Elementary effects need trajectories, in which one parameter moves at a time; a {design} design has none."
            " Submit the study with a `morris` design."
        )
    if method == "sobol":
        return (
            f"Sobol' indices need the crossed samples of a `saltelli` design; a {design} design has none."
            " Submit the study with a `saltelli` design."
        )
    if isinstance(study.design, MorrisDesign):
        return f"The cases of a morris design are not independent of each other, as {method} needs them."
    return (
        f"An optimiser's cases crowd where the metric is good: they are no sample of the parameters, as {method} needs."
    )


def _list_choice(methods: Sequence[str]) -> str:
    return methods[0] if len(methods) == 1 else f"{', '.join(methods[:-1])} or {methods[-1]}"
