using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;

namespace PayCore.Interop.Tests.Support;

/// <summary>A merchant's app in a world, whose document the test writes.</summary>
public sealed class InteropApp(World world)
{
    public string Id { get; } = $"{Guid.NewGuid():N}";

    /// <summary>Writes the document; it is in use when this completes.</summary>
    public async Task WriteAsync(IEnumerable<AppKeyDocument> keys, params string[] webhookSecrets)
    {
        var document = new MerchantApp
        {
            MerchantId = "m-interop",
            Keys = [.. keys],
            Webhook = webhookSecrets.Length == 0 ? null : new WebhookDocument { Url = world.Receiver.Url, Secrets = webhookSecrets },
            Routes = new Dictionary<string, IReadOnlyList<RouteDocument>> { ["wechat.QR"] = [new RouteDocument { Account = World.Account }] },
        };
        var services = world.App.Services;
        await services.GetRequiredService<IConfigBackend>().WriteAsync(
            "apps", Id, JsonSerializer.SerializeToUtf8Bytes(document, DocumentJson.Options), CancellationToken.None);
        var store = services.GetRequiredService<ConfigStore>();
        await store.ReadAsync(CancellationToken.None);
        store.Problems.Should().BeEmpty();
    }
}
