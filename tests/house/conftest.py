"""What the tests of the house share."""

import pytest
import trees


@pytest.fixture(scope="module", autouse=True)
def trees_of_one_file():
    """Keep the source's trees for the tests of one file, and no longer."""
    yield
    trees.forget()
