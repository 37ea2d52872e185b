"""How long calls tell where they are, and how they are stopped.

Every long call takes `progress`: a callable that gets `(step, total, estimate)`. `estimate` is None, or a callable
without arguments that draws the current state (a PIL picture) when, and only when, somebody asks. To stop the call,
return False: it ends with `Cancelled` before the next step, and nothing half-done is left behind.
"""


class Cancelled(Exception):
    """The run was stopped by its `progress` callable."""


def report(progress, step, total, estimate=None):
    """Tell `progress` that `step` of `total` steps are done, and raise `Cancelled` if it returned False.

    Parameters
    ----------
    progress : callable or None
        Gets `(step, total, estimate)`. None is allowed and does nothing.
    step, total : int
        Steps done so far, and in all; `0 <= step <= total`.
    estimate : callable or None
        Draws the current state when called.

    Raises
    ------
    Cancelled
        If `progress` returned False (None and True go on).
    """
    if progress is not None and progress(step, total, estimate) is False:
        raise Cancelled(f"stopped by the progress callable after step {step} of {total}")
