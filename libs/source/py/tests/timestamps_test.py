"""Times as logs write them."""

from datetime import UTC, datetime

import pytest

from sq_source.timestamps import microseconds


@pytest.mark.parametrize(
    "value",
    [
        "2024-12-10T01:00:00Z",
        "2024-12-10 02:00:00+01:00",
        "2024-12-10T01:00",
        " 2024-12-10T01:00:00.000Z ",
        1733792400,
        1733792400.0,
        "1733792400",
        1733792400_000,
        1733792400_000_000,
        1733792400_000_000_000,
        datetime(2024, 12, 10, 1, tzinfo=UTC),
        datetime(2024, 12, 10, 1),
    ],
)
def test_timestamps(value):
    assert microseconds(value) == 1733792400_000_000


@pytest.mark.parametrize("value", ["", "soon", None, True, [], float("nan"), 1e300])
def test_values_that_are_not_times(value):
    with pytest.raises(ValueError, match="."):
        microseconds(value)
