"""No test is timed: the first one that calls a kernel may have to compile it."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
