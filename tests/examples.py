"""How many examples the properties try: the same few in each run, and many new ones for who looks for trouble."""

from hypothesis import HealthCheck, settings

MANY_TIMES = 20


def register() -> None:
    """`pytest --hypothesis-profile=explore` looks further; without it a red build has its cause in what was changed."""
    # How fast an example is depends on the machine, and says nothing of the code.
    always = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("tierline", parent=always, derandomize=True)
    settings.register_profile("explore", parent=always)
    settings.load_profile("tierline")


def up_to(examples: int) -> int:
    """As many, or many times more when exploring."""
    return examples * MANY_TIMES if settings.get_current_profile_name() == "explore" else examples
