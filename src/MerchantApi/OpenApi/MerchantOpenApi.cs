using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf.Reflection;
using Microsoft.OpenApi;

namespace PayCore.MerchantApi;

/// <summary>
/// The OpenAPI document of the merchant API. It is made from the descriptors of the services, so that it says what the contract says; what the wire adds to it —
/// signature, errors, notifications — is added here.
/// </summary>
public static partial class MerchantOpenApi
{
    private const string SignatureScheme = "httpMessageSignature";
    private static readonly string[] _notificationHeaders = ["webhook-id", "webhook-timestamp", "webhook-signature"];

    /// <summary>Makes the document.</summary>
    /// <param name="services">Services with HTTP rules, described with their comments.</param>
    /// <param name="notifications">What merchants are told: the type of the notification and the message that it carries as <c>data</c>.</param>
    /// <param name="server">The address that merchants call.</param>
    public static OpenApiDocument Create(
        IEnumerable<ServiceDescriptor> services, IEnumerable<KeyValuePair<string, MessageDescriptor>> notifications, Uri server)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(notifications);
        ArgumentNullException.ThrowIfNull(server);
        var document = new OpenApiDocument
        {
            Info = new OpenApiInfo
            {
                Title = "PayCore merchant API",
                Version = "v1",
                Description =
                    "Ask for a payment, read it, end it. Amounts are whole minor units. Every changing call is idempotent by the merchant's own number. "
                    + "A member or parameter that is not described here is refused, and so are duplicates and null. int64 may also be sent as text.",
                License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            },
            Servers = [new OpenApiServer { Url = server.AbsoluteUri.TrimEnd('/') }],
            Components = new OpenApiComponents
            {
                Schemas = new Dictionary<string, IOpenApiSchema>(),
                Responses = new Dictionary<string, IOpenApiResponse>(),
                SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme> { [SignatureScheme] = Signature() },
            },
            Paths = [],
            Tags = new HashSet<OpenApiTag>(),
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SignatureScheme, document)] = [] }];
        document.Components.Schemas["Error"] = ErrorSchema();
        document.Components.Responses["Error"] = new OpenApiResponse
        {
            Description = "A google.rpc.Status. Switch on the reason of its ErrorInfo; docs/errors.md says for each what to do and whether a repeat is safe.",
            Content = Json(new OpenApiSchemaReference("Error", document)),
        };

        var schemas = new OpenApiSchemas(document);
        foreach (var service in services)
        {
            document.Tags.Add(new OpenApiTag { Name = service.Name, Description = service.Words() });
            foreach (var method in service.Methods)
            {
                if (method.GetOptions()?.GetExtension(AnnotationsExtensions.Http) is { } rule)
                {
                    Add(document, schemas, method, rule);
                }
            }
        }

        document.Webhooks = notifications.ToDictionary(n => n.Key, IOpenApiPathItem (n) => Notification(schemas.Answer(n.Value), n.Key));
        return document;
    }

    private static OpenApiPathItem Notification(IOpenApiSchema data, string type) => new()
    {
        Operations = new Dictionary<HttpMethod, OpenApiOperation>
        {
            [HttpMethod.Post] = new()
            {
                Summary = $"The notification {type}",
                Description =
                    "Sent to the order's notify_url or the app's webhook address until it is acknowledged, 1 + 10 times, by the Standard Webhooks specification: verify "
                    + "webhook-signature over webhook-id.webhook-timestamp.body before reading the body; webhook-id is the same on every try.",
                Parameters =
                [
                    .. _notificationHeaders.Select(h => new OpenApiParameter
                    {
                        Name = h, In = ParameterLocation.Header, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                    }),
                ],
                Security = [],
                RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = Json(new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Required = new HashSet<string> { "type", "timestamp", "data" },
                        AdditionalPropertiesAllowed = false,
                        Properties = new Dictionary<string, IOpenApiSchema>
                        {
                            ["type"] = Constant(type),
                            ["timestamp"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time", Description = "When it happened; the same on every try." },
                            ["data"] = data,
                        },
                    }),
                },
                Responses = new OpenApiResponses
                {
                    ["200"] = new OpenApiResponse { Description = "With the body `success`, or any 2xx where the app's document says so: acknowledged." },
                },
            },
        },
    };

    private static void Add(OpenApiDocument document, OpenApiSchemas schemas, MethodDescriptor method, HttpRule rule)
    {
        var (verb, pattern) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => (HttpMethod.Get, rule.Get),
            HttpRule.PatternOneofCase.Post => (HttpMethod.Post, rule.Post),
            _ => throw new NotSupportedException($"{method.FullName} has a verb that the merchant API does not use yet."),
        };
        var pathFields = Variable().Matches(pattern).Select(m => m.Groups[1].Value).ToHashSet();
        var fields = method.InputType.Fields.InDeclarationOrder();
        var hasBody = rule.Body == "*";
        var operation = new OpenApiOperation
        {
            OperationId = method.Name,
            Description = method.Words(),
            Tags = new HashSet<OpenApiTagReference> { new(method.Service.Name, document) },
            Parameters =
            [
                .. fields.Where(f => pathFields.Contains(f.Name)).Select(f => Parameter(schemas, f, ParameterLocation.Path)),
                .. fields.Where(f => !hasBody && !pathFields.Contains(f.Name)).Select(f => Parameter(schemas, f, ParameterLocation.Query)),
            ],
            RequestBody = hasBody ? new OpenApiRequestBody { Required = true, Content = Json(schemas.Body(method.InputType, pathFields)) } : null,
            Responses = new OpenApiResponses
            {
                ["200"] = new OpenApiResponse { Description = "Done, or done before.", Content = Json(schemas.Answer(method.OutputType)) },
                ["default"] = new OpenApiResponseReference("Error", document),
            },
        };
        if (!document.Paths.TryGetValue(pattern, out var path))
        {
            document.Paths[pattern] = path = new OpenApiPathItem { Operations = [] };
        }

        path.Operations!.Add(verb, operation);
    }

    private static OpenApiParameter Parameter(OpenApiSchemas schemas, FieldDescriptor field, ParameterLocation where) => new()
    {
        Name = field.JsonName,
        In = where,
        Required = where == ParameterLocation.Path || OpenApiSchemas.IsRequired(field),
        Description = field.Words(),
        Schema = schemas.Value(field),
    };

    private static Dictionary<string, OpenApiMediaType> Json(IOpenApiSchema schema) => new() { ["application/json"] = new OpenApiMediaType { Schema = schema } };

    private static OpenApiSecurityScheme Signature() => new()
    {
        Type = SecuritySchemeType.Http,
        Scheme = "signature",
        Description =
            "RFC 9421 HTTP message signature with RFC 9530 Content-Digest. Covered: @method, @path, @query and, when there is a body, content-digest. Parameters: "
            + "created, nonce (16 to 64 of [A-Za-z0-9_-]), keyid (app_id/key_id); expires and alg are honoured. Algorithms: ed25519, ecdsa-p256-sha256, "
            + "hmac-sha256, rsa-v1_5-sha256, fixed by the stored key.",
    };

    private static OpenApiSchema ErrorSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "google.rpc.Status in JSON.",
        Required = new HashSet<string> { "code", "message", "details" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Description = "The gRPC status code." },
            ["message"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "For a developer; it may change." },
            ["details"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { AnyOf = [ErrorInfo(), BadRequest()] } },
        },
    };

    private static OpenApiSchema ErrorInfo() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "@type", "reason", "domain" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["@type"] = Constant("type.googleapis.com/google.rpc.ErrorInfo"),
            ["reason"] = Reason(),
            ["domain"] = Constant(ErrorReason.Domain),
            ["metadata"] = new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String } },
        },
    };

    private static OpenApiSchema BadRequest() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "@type", "fieldViolations" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["@type"] = Constant("type.googleapis.com/google.rpc.BadRequest"),
            ["fieldViolations"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Required = new HashSet<string> { "field", "description", "reason" },
                    Properties = new Dictionary<string, IOpenApiSchema>
                    {
                        ["field"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "Path of the field; empty for the whole body." },
                        ["description"] = new OpenApiSchema { Type = JsonSchemaType.String },
                        ["reason"] = Reason(),
                    },
                },
            },
        },
    };

    private static OpenApiSchema Reason() => new()
    {
        Type = JsonSchemaType.String, Enum = [.. ErrorReason.All.Order(StringComparer.Ordinal).Select(r => System.Text.Json.Nodes.JsonValue.Create(r))],
    };

    private static OpenApiSchema Constant(string text) => new() { Type = JsonSchemaType.String, Const = text };

    [GeneratedRegex(@"\{([^}=]+)\}")]
    private static partial Regex Variable();
}
