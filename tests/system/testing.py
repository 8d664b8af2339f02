"""What a test module needs of the runner: a time limit of its own, and a way to say that it cannot run here."""

DEFAULT_LIMIT = 60

# Time limits are there to end what hangs. They are stated for an idle machine, and a busy or slow one gets so many times more.
PATIENCE = 4


class Skip(Exception):
    """Raised with the reason when something outside the project that the test needs is absent."""


def time_limit(seconds):
    """Decorates a test that needs more, or deserves less, than the default."""

    def set_limit(function):
        function.time_limit = seconds
        return function

    return set_limit


def time_limit_of(function):
    """Seconds, patience included."""
    return PATIENCE * getattr(function, "time_limit", DEFAULT_LIMIT)
