"""The JSON Schema of the file, by which editors complete and check it."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.policy_file.document import PolicyDocument


class _WrittenKeys(GenerateJsonSchema):
    """A key that need not be written may be left out, but not be left empty."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> dict[str, Any]:
    """For Draft 2020-12. What one value says about another it cannot check; `tierline policy check` does."""
    of_document = PolicyDocument.model_json_schema(schema_generator=_WrittenKeys)
    return {"$schema": GenerateJsonSchema.schema_dialect, **of_document, "title": "Tierline policy"}
