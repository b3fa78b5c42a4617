using System.Security.Cryptography;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.PayManagerSystem.Web;

/// <summary>The styles and scripts of the console: embedded, served from our own origin, addressed by their content.</summary>
internal sealed class ConsoleFiles
{
    private static readonly IReadOnlyDictionary<string, string> _contentTypes = new Dictionary<string, string>
    {
        ["blazor.web.js"] = "text/javascript; charset=utf-8",
        ["console.css"] = "text/css; charset=utf-8",
        ["console.js"] = "text/javascript; charset=utf-8",
        ["mudblazor.css"] = "text/css; charset=utf-8",
        ["mudblazor.js"] = "text/javascript; charset=utf-8",
        ["paycore.svg"] = "image/svg+xml",
    };

    private readonly Dictionary<string, ConsoleFile> _byName = _contentTypes.ToDictionary(pair => pair.Key, pair => Read(pair.Key, pair.Value));

    /// <summary>The address of a file, with its version.</summary>
    public string Url(string name) => $"/console-assets/{name}?v={_byName[name].Version}";

    /// <summary>Serves the files on the console's port.</summary>
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/console-assets/{name}", Get).WithMetadata(new AllowAnonymousAttribute()).On(PortKind.Console);

    private IResult Get(string name, HttpContext context)
    {
        if (!_byName.TryGetValue(name, out var file))
        {
            return Results.NotFound();
        }

        var isVersion = context.Request.Query["v"] == file.Version;
        context.Response.Headers.CacheControl = isVersion ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.Bytes(file.Content, file.ContentType, entityTag: new EntityTagHeaderValue($"\"{file.Version}\""));
    }

    private static ConsoleFile Read(string name, string contentType)
    {
        using var stream = typeof(ConsoleFiles).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new ConsoleFile(content, contentType, Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8)));
    }

    private sealed record ConsoleFile(byte[] Content, string ContentType, string Version);
}
