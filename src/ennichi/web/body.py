"""How JSON bodies are read: by msgspec, to the letter (`"800"` is no number), naming what is wrong by its path."""

import re
from collections.abc import Generator
from typing import Any, ClassVar

import msgspec
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from ennichi.kit.errors import Invalid, Problem

_PLACE = re.compile(r" - at `\$\.?(?P<path>.*)`\Z")


class Malformed(Problem):
    """The body is not JSON."""

    status = 422
    code = "input.malformed"
    message = "The body could not be read."


def decoded(body: bytes, kind: Any) -> Any:
    """The body as that type; Malformed or Invalid."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as problem:
        raise Invalid(_field(str(problem))) from problem
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Malformed from problem


class StrictBody(AbstractDTO[Any]):
    """Decodes the body of a request into the type of the handler's `data`."""

    _types: ClassVar[dict[str, Any]] = {}

    @classmethod
    def create_for_field_definition(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        backend_cls: Any = None,  # noqa: ARG003 (the base's)
    ) -> None:
        """Remember the type of this handler's body."""
        cls._types[handler_id] = field_definition.annotation

    def decode_bytes(self, value: bytes) -> Any:
        """The body as that type; Malformed or Invalid."""
        return decoded(value, self._types[self.asgi_connection.route_handler.handler_id])

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003 (the base's)
        schema_creator: Any,
    ) -> Reference | Schema:
        """The type as it is."""
        schema: Reference | Schema = schema_creator.for_field_definition(field_definition)
        return schema

    @classmethod
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003 (the base's)
        """Any type msgspec can decode."""
        return True

    @classmethod
    def generate_field_definitions(
        cls,
        model_type: type[Any],  # noqa: ARG003 (the base's)
    ) -> Generator[DTOFieldDefinition, None, None]:
        """None: nothing is renamed or left out."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:  # noqa: ARG003 (the base's)
        """No field is treated apart."""
        return False


def _field(problem: str) -> tuple[str, str]:
    """Where and what, from a message such as "Expected `int`, got `str` - at `$.price`"."""
    place = _PLACE.search(problem)
    return (place["path"], problem[: place.start()]) if place else ("", problem)
