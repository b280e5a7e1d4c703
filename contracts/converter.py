"""How values become Temporal payloads: JSON as pydantic writes it, without what is at its default.

Every client and worker of the farm takes this converter. A history holds a value several times a turn, and half of one
is fields that say nothing. Whoever reads JSON by a schema fills the defaults in, so payloads written in full are read
as well, and any language's worker reads ours.

So a default is part of the contract: changed, it would change what is written in histories already.
"""

from typing import Any

from pydantic_core import SchemaSerializer
from pydantic_core.core_schema import any_schema
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)


class TerseJson(PydanticJSONPlainPayloadConverter):
    """`json/plain`, by pydantic."""

    _serializer = SchemaSerializer(any_schema())

    def to_payload(self, value: Any) -> Payload:
        data = self._serializer.to_json(value, exclude_defaults=True)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=data)


class TersePayloads(CompositePayloadConverter):
    """The SDK's converters, with ours for JSON. None keeps anything, so one set serves all: the SDK makes a new
    converter for each task."""

    _ours = CompositePayloadConverter(
        *(
            TerseJson() if isinstance(each, JSONPlainPayloadConverter) else each
            for each in DefaultPayloadConverter.default_encoding_payload_converters
        )
    ).converters

    def __init__(self) -> None:
        self.converters = self._ours


data_converter = DataConverter(payload_converter_class=TersePayloads)
