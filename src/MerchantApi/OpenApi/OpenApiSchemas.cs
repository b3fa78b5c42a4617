using System.Collections.Frozen;
using Google.Api;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.OpenApi;

namespace PayCore.MerchantApi;

/// <summary>
/// The schemas of messages as they stand in JSON. A message of an answer has every field that is always written as required; a message of a request has those
/// that the contract marks as required, and knows no others, as the strict walk does.
/// </summary>
/// <param name="document">Where the schemas of messages and enumerations are collected.</param>
internal sealed class OpenApiSchemas(OpenApiDocument document)
{
    /// <summary>The largest whole number that every JSON reader keeps exact.</summary>
    private const string IntegerMax = "9007199254740991";

    /// <summary>A message of an answer, by reference.</summary>
    public IOpenApiSchema Answer(MessageDescriptor message) => Component(message.Name, () => Object(message, FrozenSet<string>.Empty, IsAlwaysWritten));

    /// <summary>A request's body.</summary>
    /// <param name="message">The request message.</param>
    /// <param name="pathFields">Fields that the path sets; they are not part of the body.</param>
    public IOpenApiSchema Body(MessageDescriptor message, IReadOnlySet<string> pathFields) => Component(message.Name, () => Object(message, pathFields, IsRequired));

    /// <summary>The value of a field.</summary>
    public IOpenApiSchema Value(FieldDescriptor field)
    {
        if (field.IsMap)
        {
            return new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Single(field.MessageType.FindFieldByNumber(2)), Description = field.Words() };
        }

        return field.IsRepeated
            ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = Single(field), Description = field.Words() }
            : Single(field);
    }

    /// <summary>The contract says that a caller must give it.</summary>
    public static bool IsRequired(FieldDescriptor field) =>
        field.GetOptions()?.GetExtension(FieldBehaviorExtensions.FieldBehavior)?.Contains(FieldBehavior.Required) == true;

    private static bool IsAlwaysWritten(FieldDescriptor field) => !field.HasPresence;

    private OpenApiSchema Object(MessageDescriptor message, IReadOnlySet<string> without, Func<FieldDescriptor, bool> isRequired)
    {
        var fields = message.Fields.InDeclarationOrder().Where(f => !without.Contains(f.Name)).ToList();
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = message.Words(),
            Properties = fields.ToDictionary(f => f.JsonName, Value),
            Required = fields.Where(isRequired).Select(f => f.JsonName).ToHashSet(),
            AdditionalPropertiesAllowed = false,
        };
        if (message.Oneofs.Any(o => !o.IsSynthetic && o.Fields.Count == fields.Count))
        {
            // The whole message is one choice.
            (schema.MinProperties, schema.MaxProperties) = (1, 1);
        }

        return schema;
    }

    private IOpenApiSchema Single(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Enum => Described(Enumeration(field.EnumType), field),
        FieldType.Message when field.MessageType.FullName == Timestamp.Descriptor.FullName =>
            new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time", Description = field.Words() },
        FieldType.Message => Described(Answer(field.MessageType), field),
        FieldType.Int64 => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer, Format = "int64", Minimum = "-" + IntegerMax, Maximum = IntegerMax, Description = field.Words(),
        },
        FieldType.Int32 => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = field.Words() },
        FieldType.Bool => new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = field.Words() },
        FieldType.String => new OpenApiSchema { Type = JsonSchemaType.String, Description = field.Words() },
        _ => throw new NotSupportedException($"{field.FullName} has a type that the merchant API does not use yet."),
    };

    private OpenApiSchemaReference Enumeration(EnumDescriptor type) => Component(type.ContainingType is { } outer ? outer.Name + type.Name : type.Name, () => new OpenApiSchema
    {
        Type = JsonSchemaType.String,
        Description = string.Join("\n", [type.Words(), .. type.Values.Skip(1).Select(v => $"- `{v.Name}`: {v.Words()}")]).Trim(),
        // The zero value stands for "not given", which JSON says by leaving the member out; an answer never has it.
        Enum = [.. type.Values.Skip(1).Select(v => System.Text.Json.Nodes.JsonValue.Create(v.Name))],
    });

    /// <summary>A reference with words of its own, where the field says more than its type.</summary>
    private static IOpenApiSchema Described(IOpenApiSchema schema, FieldDescriptor field)
    {
        if (schema is OpenApiSchemaReference reference && field.Words() is { } words)
        {
            reference.Description = words;
        }

        return schema;
    }

    private OpenApiSchemaReference Component(string name, Func<OpenApiSchema> make)
    {
        var schemas = document.Components!.Schemas!;
        if (!schemas.ContainsKey(name))
        {
            // Its place first: a message may hold itself.
            schemas[name] = new OpenApiSchema();
            schemas[name] = make();
        }

        return new OpenApiSchemaReference(name, document);
    }
}
