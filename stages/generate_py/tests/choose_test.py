"""Which translator a configuration gets."""

from types import SimpleNamespace

import pytest

from sq_generate.translate.choose import translator_for


def test_a_method_that_only_the_contract_knows_is_no_paid_translation() -> None:
    config = SimpleNamespace(translation=SimpleNamespace(WhichOneof=lambda _: "oracle"))
    with pytest.raises(NotImplementedError, match="oracle has no translator"):
        translator_for(config, work=None)
