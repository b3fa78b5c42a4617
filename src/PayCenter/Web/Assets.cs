using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.PayCenter.Web;

/// <summary>The styles and scripts of our pages: embedded, served from our own origin, addressed by their content.</summary>
internal sealed class Assets
{
    private static readonly IReadOnlyDictionary<string, string> _contentTypes = new Dictionary<string, string>
    {
        ["base.css"] = "text/css; charset=utf-8",
        ["cashier.css"] = "text/css; charset=utf-8",
        ["cashier.js"] = "text/javascript; charset=utf-8",
        ["shop.css"] = "text/css; charset=utf-8",
    };

    private readonly Dictionary<string, Asset> _byName = _contentTypes.ToDictionary(pair => pair.Key, pair => Read(pair.Key, pair.Value));

    /// <summary>The address of a file, with its version.</summary>
    public string Url(string name) => $"/pay-assets/{name}?v={_byName[name].Version}";

    /// <summary>Serves the files on the web port.</summary>
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/pay-assets/{name}", Get).On(PortKind.Web);

    private IResult Get(string name, HttpContext context)
    {
        SecurityHeaders.SetForAssets(context.Response);
        if (!_byName.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        var isVersion = context.Request.Query["v"] == asset.Version;
        context.Response.Headers.CacheControl = isVersion ? "public, max-age=31536000, immutable" : "no-cache";
        return Results.Bytes(asset.Content, asset.ContentType, entityTag: new EntityTagHeaderValue($"\"{asset.Version}\""));
    }

    private static Asset Read(string name, string contentType)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new Asset(content, contentType, Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8)));
    }

    private sealed record Asset(byte[] Content, string ContentType, string Version);
}
