"""What goes wrong when a gradient is to be differentiated again."""


class NoRuleError(ValueError):
    """An op has no derivative that can be differentiated again."""
