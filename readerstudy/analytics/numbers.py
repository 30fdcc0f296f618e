"""How a number of the report is written for people. What does not exist is a dash; its reason is said beside."""

NOTHING = "–"
MINUS = "−"


def percent(fraction: float | None, digits: int = 2) -> str:
    return NOTHING if fraction is None else f"{100 * fraction:.{digits}f} %"


def percent_interval(low: float | None, high: float | None) -> str:
    """`(69.0 to 78.3)`: one digit, for the interval deserves no more."""
    return "" if low is None or high is None else f"({_signed_zero(100 * low)} to {_signed_zero(100 * high)})"


def points(difference: float | None, digits: int = 2) -> str:
    """A change in percentage points, always with its sign."""
    if difference is None:
        return NOTHING
    return f"{100 * difference:+.{digits}f}".replace("-", MINUS)


def decimal(value: float | None, digits: int = 2) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}".replace("-", MINUS)


def decimal_interval(low: float | None, high: float | None, digits: int = 2) -> str:
    return "" if low is None or high is None else f"({decimal(low, digits)} to {decimal(high, digits)})"


def p_value(p: float | None) -> str:
    if p is None:
        return NOTHING
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def degrees(df: float | None) -> str:
    return "∞" if df is None else f"{df:.1f}"


def seconds(ms: float | None) -> str:
    return NOTHING if ms is None else f"{ms / 1000:.1f}"


def _signed_zero(value: float) -> str:
    return f"{value:.1f}".replace("-0.0", "0.0").replace("-", MINUS)
