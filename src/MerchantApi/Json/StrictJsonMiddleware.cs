using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using RpcStatus = Google.Rpc.Status;

namespace PayCore.MerchantApi;

/// <summary>
/// Stands before every method that JSON transcoding serves: content type, body, query and path variables must be exactly what the method's
/// HTTP rule asks for, or the request is answered here with the fields at fault. Runs behind the signature.
/// </summary>
/// <param name="next">The rest of the pipeline.</param>
/// <param name="options">The settings.</param>
public sealed partial class StrictJsonMiddleware(RequestDelegate next, IOptions<MerchantApiOptions> options)
{
    /// <summary>One entry for each endpoint; the set is fixed when the routes are built.</summary>
    private readonly ConcurrentDictionary<GrpcJsonTranscodingMetadata, Binding> bindings = new();

    /// <summary>Checks the request or refuses it.</summary>
    /// <param name="context">The request.</param>
    /// <returns>A task that ends with the answer.</returns>
    public Task InvokeAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetEndpoint()?.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is { } metadata
            ? InvokeStrictAsync(context, bindings.GetOrAdd(metadata, Binding.Create))
            : next(context);
    }

    private async Task InvokeStrictAsync(HttpContext context, Binding binding)
    {
        var (body, error) = await RequestBody.BufferAsync(context, options.Value.BodyBytesMax);
        error ??= binding.HasBody ? CheckContentType(context.Request) : null;
        if (error is null)
        {
            var violations = binding.Check(context.Request, body!.Bytes);
            error = violations.Count > 0 ? MerchantErrors.InvalidFieldsStatus(violations) : null;
        }

        await (error is null ? next(context) : ErrorAnswer.WriteJsonAsync(context, error));
    }

    private static RpcStatus? CheckContentType(HttpRequest request) =>
        request.Headers.ContentType.Count == 1
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && type.Parameters.Count == (type.Charset.HasValue ? 1 : 0)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        && request.Headers.ContentEncoding.Count == 0
            ? null
            : MerchantErrors.ToStatus(
                StatusCode.InvalidArgument,
                ErrorReason.ContentTypeUnsupported,
                "The body must be application/json in UTF-8, without Content-Encoding.");

    /// <summary>What a method takes from where.</summary>
    private sealed partial class Binding
    {
        private readonly MessageDescriptor message;
        private readonly HashSet<string> pathFields;
        private readonly HashSet<string> notForQuery;
        private readonly FieldDescriptor? bodyField;
        private readonly bool bodyIsAll;

        private Binding(GrpcJsonTranscodingMetadata metadata)
        {
            message = metadata.MethodDescriptor.InputType;
            var rule = metadata.HttpRule;
            pathFields = [.. Variable().Matches(Pattern(rule)).Select(match => match.Groups[1].Value)];
            bodyIsAll = rule.Body == "*";
            bodyField = rule.Body is "" or "*" ? null : message.FindFieldByName(rule.Body);
            notForQuery = bodyField is null ? pathFields : [.. pathFields, bodyField.JsonName];
        }

        public bool HasBody => bodyIsAll || bodyField is not null;

        public static Binding Create(GrpcJsonTranscodingMetadata metadata) => new(metadata);

        public List<FieldViolation> Check(HttpRequest request, ReadOnlySpan<byte> body)
        {
            var violations = new List<FieldViolation>();
            foreach (var path in pathFields)
            {
                if (request.RouteValues.TryGetValue(path, out var value)
                    && StrictQuery.CheckPathValue(path, value as string ?? "", message) is { } wrong)
                {
                    violations.Add(wrong);
                }
            }

            violations.AddRange(StrictQuery.Check(request.QueryString.Value, message, notForQuery, takesNone: bodyIsAll));
            violations.AddRange(CheckBody(body));
            return violations;
        }

        private IReadOnlyList<FieldViolation> CheckBody(ReadOnlySpan<byte> body)
        {
            if (bodyIsAll)
            {
                return StrictJson.Check(body, message, pathFields);
            }

            if (bodyField is not null)
            {
                return StrictJson.CheckField(body, bodyField);
            }

            return body.IsEmpty ? [] : [new FieldViolation("", ErrorReason.BodyUnexpected, "The method takes no body.")];
        }

        private static string Pattern(HttpRule rule) => rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => rule.Get,
            HttpRule.PatternOneofCase.Put => rule.Put,
            HttpRule.PatternOneofCase.Post => rule.Post,
            HttpRule.PatternOneofCase.Delete => rule.Delete,
            HttpRule.PatternOneofCase.Patch => rule.Patch,
            HttpRule.PatternOneofCase.Custom => rule.Custom.Path,
            _ => "",
        };

        [GeneratedRegex(@"\{([^}=]+)(?:=[^}]*)?\}")]
        private static partial Regex Variable();
    }
}
