using System.ComponentModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace PayCore.Configuration;

/// <summary>A member of a document that is a secret: it is written and never shown.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>A member of a document that is a key or certificate: PEM as a rule, several lines, and not to be changed lightly.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PemAttribute : Attribute;

/// <summary>What a member is in Chinese, for forms; <see cref="DescriptionAttribute"/> says it in English.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ChineseAttribute(string text) : Attribute
{
    /// <summary>The words.</summary>
    public string Text { get; } = text;
}

/// <summary>
/// The shape of a document as JSON Schema, for who fills one in without knowing its class: the command line and the console. The words of
/// <see cref="DescriptionAttribute"/> stand as <c>description</c>, those of <see cref="ChineseAttribute"/> as
/// <c>x-description-zh</c>, a <see cref="SecretAttribute"/> as <c>"writeOnly": true</c>, a <see cref="PemAttribute"/> as <c>"contentMediaType": "application/x-pem-file"</c>.
/// </summary>
public static class DocumentSchema
{
    private static readonly JsonSchemaExporterOptions _options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Annotate };

    /// <summary>The schema of a document's class, as it is read by <see cref="DocumentJson"/>.</summary>
    public static string Of<T>()
        where T : class => DocumentJson.Options.GetJsonSchemaAsNode(typeof(T), _options).ToJsonString(DocumentJson.Options);

    private static JsonNode Annotate(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject node || context.PropertyInfo?.AttributeProvider is not MemberInfo member)
        {
            return schema;
        }

        if (member.GetCustomAttribute<DescriptionAttribute>() is { } description)
        {
            node["description"] = description.Description;
        }

        if (member.GetCustomAttribute<ChineseAttribute>() is { } chinese)
        {
            node["x-description-zh"] = chinese.Text;
        }

        if (member.IsDefined(typeof(PemAttribute)))
        {
            node["contentMediaType"] = "application/x-pem-file";
        }

        if (member.IsDefined(typeof(SecretAttribute)))
        {
            node["writeOnly"] = true;
        }

        return node;
    }
}
