"""What a test module needs of the runner: a time limit of its own, and a way to say that it cannot run here."""

DEFAULT_LIMIT = 60


class Skip(Exception):
    """Raised with the reason when something outside the project that the test needs is absent."""


def time_limit(seconds):
    """Decorates a test that needs more, or deserves less, than the default."""

    def set_limit(function):
        function.time_limit = seconds
        return function

    return set_limit


def time_limit_of(function):
    return getattr(function, "time_limit", DEFAULT_LIMIT)
