"""Needless words, as a check of proselint has them."""
from tools import memoize, preferred_forms_check


@memoize
def check(text):
    """Suggest the preferred forms."""
    err = "needless.words"
    msg = "Use '{}' instead of '{}'."
    words = [
        ["honest", ["perfectly honest", r"honest\s+to\s+goodness"]],  # two of them
        ["near", ['in the neighbourhood of']],
        ["because", ["the reason is that", "on account of(?: the fact that)?"]],
    ]
    return preferred_forms_check(text, words, err, msg)
