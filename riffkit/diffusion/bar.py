"""The progress bar that long calls show when somebody is watching."""

import contextlib
import sys

from riffkit.progress import report

DELAY = 0.7  # seconds before a bar appears: short calls stay quiet


@contextlib.contextmanager
def shown(progress, name=""):
    """A progress callable for one long call.

    Parameters
    ----------
    progress : callable, bool or None
        A callable is used as it is. None shows a bar in terminals and notebooks and is silent in scripts and pipes;
        True always shows one, False never.
    name : str
        Stands before the bar.

    Yields
    ------
    callable or None
    """
    if callable(progress):
        yield progress
    elif progress is False or (progress is None and not _watched()):
        yield None
    elif progress in (None, True):
        with contextlib.closing(_bar(name)) as bar:

            def show(step, total, estimate=None):
                bar.total = total
                bar.update(step - bar.n)

            yield show
    else:
        raise TypeError(f"progress is {progress!r}, expected a callable taking (step, total, estimate), True or False")


def part(progress, done, steps, total):
    """`progress` for a part of a call: its steps are counted as `steps` of `total`, after the first `done`."""
    if progress is None:
        return None
    return lambda step, of, estimate=None: report(progress, done + steps * step // max(of, 1), total, estimate)


def _in_notebook():
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _watched():
    return _in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def _bar(name):
    from tqdm.std import tqdm

    if _in_notebook():
        with contextlib.suppress(ImportError):
            import ipywidgets  # noqa: F401
            from tqdm.notebook import tqdm
    return tqdm(desc=name, total=0, delay=DELAY, leave=False)
