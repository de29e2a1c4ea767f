"""The finished plan that the tests of the app show, too."""

from tests.ui.conftest import planned

__all__ = ["planned"]
