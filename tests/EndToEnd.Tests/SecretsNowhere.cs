using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.ChannelSimulator;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;
using PayCore.TestKit;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>
/// Payments, refusals, good and bad callbacks, notifications and broken documents, with every category logging at its lowest level and every activity kept: no
/// secret of anybody is in a log, a trace, an answer or a page (invariants, I25).
/// </summary>
public sealed class SecretsNowhere
{
    private static readonly string[] _badCallbacks =
        ["unsigned", "bad_signature", "old_timestamp", "body_changed", "other_key", "garbage", "wrong_amount", "other_mchid", "other_out_trade_no"];

    [Fact]
    public async Task Secrets_WhateverHappens_AreInNoLogTraceAnswerOrPage()
    {
        using var seen = new Seen();
        using var folder = new TemporaryFolder();
        var masterKeys = folder.File("master.key");
        await MasterKeys.AddAsync(masterKeys, "k1", RandomSource.System);
        await using var world = await World.StartAsync(
            "sqlite", null, builder => builder.Logging.ClearProviders().AddProvider(seen), "--Logging:LogLevel:Default=Trace", $"--Config:MasterKeyFile={masterKeys}",
            "--Telemetry:OtlpEndpoint=http://127.0.0.1:9");
        var shared = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var planted = await WriteBrokenDocumentsAsync(world, shared);

        var orders = new List<JsonNode>();
        orders.AddRange(await PayAsync(world, seen));
        orders.Add(await RefuseAsync(world, seen, shared));
        await LookAtPagesAsync(world, seen, orders);

        var secrets = Secrets(world).Append(shared).Append(world.Receiver.Secret).Append(world.PrivateKeyPem).Append(File.ReadAllText(masterKeys).Split(':')[^1].Trim()).Concat(planted).Distinct().ToList();
        secrets.Count.Should().BeGreaterThan(10, "the secrets of the shop, its channel accounts, two merchants and the broken documents");
        var forms = secrets.SelectMany(Forms).ToList();
        var pageTokens = orders.Select(o => o["cashier_url"]!.GetValue<string>().Split('/')[^1]).ToList();
        pageTokens.Should().OnlyContain(t => t.Length == 43);
        seen.Logs.Should().HaveCountGreaterThan(100);
        seen.Traces.Should().HaveCountGreaterThan(20);
        seen.Logs.Any(l => l.Contains(orders[0]["attempt_no"]!.GetValue<string>(), StringComparison.Ordinal)).Should().BeTrue("these are the logs of these orders");

        Found(seen.Logs, [.. forms, .. pageTokens]).Should().BeEmpty("a log is read by many");
        Found(seen.Traces, [.. forms, .. pageTokens]).Should().BeEmpty("a trace is read by many");
        Found(seen.Answers, forms).Should().BeEmpty();
        Found(world.Receiver.All.Select(r => Encoding.UTF8.GetString(r.Body)), [.. forms, .. pageTokens]).Should().BeEmpty();
    }

    /// <summary>Orders that are paid, each after another kind of bad callback, for a merchant that does not acknowledge at once.</summary>
    private static async Task<List<JsonNode>> PayAsync(World world, Seen seen)
    {
        var received = 0;
        var acknowledge = world.Receiver.Answer;
        world.Receiver.Answer = (message, http) =>
        {
            if (Interlocked.Increment(ref received) % 2 == 1)
            {
                http.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return http.Response.WriteAsync("no");
            }

            return acknowledge(message, http);
        };
        world.Faults.Add(new Fault { Operation = "place", Kind = "error_500_after" });
        world.Faults.Add(new Fault { Operation = "query", Kind = "bad_signature" });
        var orders = new List<JsonNode>();
        foreach (var kind in _badCallbacks)
        {
            var order = JsonNode.Parse(await seen.AnswerAsync(world.Merchant.PostAsJsonAsync(Refusals.OrdersPath, world.NewOrder())))!;
            var attemptNo = order["attempt_no"]!.GetValue<string>();
            var orderId = order["order"]!["id"]!.GetValue<string>();
            await seen.AnswerAsync(world.Merchant.GetAsync($"/v1/pay-orders/{orderId}?refresh=true"));
            world.Faults.Add(new Fault { Operation = "callback", Kind = kind, OutTradeNo = attemptNo });
            world.Wallet.Pay(World.Account, attemptNo);
            await world.Callbacks.WaitForSendAsync(s => s.OutTradeNo == attemptNo && s.Fault == kind, TestContext.Current.CancellationToken);
            await world.Wallet.ResendCallbackAsync(World.Account, attemptNo, 1);
            await world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
            orders.Add(order);
        }

        await world.UntilReceivedAsync(2 * orders.Count);
        return orders;
    }

    /// <summary>Requests that are refused, in each layer, and one that is signed by a shared secret.</summary>
    private static async Task<JsonNode> RefuseAsync(World world, Seen seen, string shared)
    {
        await seen.AnswerAsync(world.Anonymous.PostAsJsonAsync(Refusals.OrdersPath, world.NewOrder()));
        using var stranger = world.Client(World.AppId, MerchantKeyPair.CreateEd25519());
        await seen.AnswerAsync(stranger.PostAsJsonAsync(Refusals.OrdersPath, world.NewOrder()));
        await seen.AnswerAsync(world.Merchant.PostAsJsonAsync(Refusals.OrdersPath, world.NewOrder().With("amount_minor", "x")));
        await seen.AnswerAsync(world.Merchant.PostAsJsonAsync(Refusals.OrdersPath, world.NewOrder().With("method", "nosuchwallet")));
        await seen.AnswerAsync(world.Merchant.GetAsync("/v1/pay-orders/none"));
        await seen.AnswerAsync(world.Anonymous.PostAsync("/callback/wechat/nobody", new StringContent("{}")));

        var signer = new RequestSigner(
            SigningKey.FromSecret("shared-app", "k1", Convert.FromBase64String(shared)), TimeProvider.System, () => Guid.NewGuid().ToString("N"));
        using var merchant = new HttpClient(new SigningHandler(signer) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = world.Web };
        var order = JsonNode.Parse(await seen.AnswerAsync(merchant.PostAsJsonAsync(Refusals.OrdersPath, world.NewOrder("shared"))))!;
        await seen.AnswerAsync(merchant.PostAsync($"/v1/pay-orders/{order["order"]!["id"]}:close", JsonContent.Create(new { })));
        return order;
    }

    private static async Task LookAtPagesAsync(World world, Seen seen, List<JsonNode> orders)
    {
        // The browser's own activities are not ours.
        using var browser = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null }) { BaseAddress = world.Web };
        foreach (var url in orders.Select(o => o["cashier_url"]!.GetValue<string>()))
        {
            await seen.AnswerAsync(browser.GetAsync(url));
            await seen.AnswerAsync(browser.GetAsync($"{url}/status"));
            // Whatever comes of it: a form that is sent is traced, and its address is a token.
            await seen.AnswerAsync(browser.PostAsync(url, new FormUrlEncodedContent([])));
        }

        foreach (var page in (string[])["/", "/shop", "/health/live", "/openapi/v1.json", "/pay/no-such-token", "/no/such/page"])
        {
            await seen.AnswerAsync(browser.GetAsync(page));
        }
    }

    /// <summary>Documents that are refused, each for another reason, and one good app with a shared secret, which is sealed.</summary>
    /// <returns>The secrets in the broken ones.</returns>
    private static async Task<IReadOnlyList<string>> WriteBrokenDocumentsAsync(World world, string shared)
    {
        var key = RSA.Create(1024).ExportPkcs8PrivateKeyPem();
        var word = "Kq" + RandomNumberGenerator.GetHexString(28);
        var webhook = WebhookSecret.Create(RandomNumberGenerator.Fill)[..^3];
        var account = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(ConfigFolder(world), "wechat", World.Account)))!.AsObject();
        await WriteAsync(world, "wechat", "1900000007", account.DeepClone().AsObject().With("private_key", key));
        await WriteAsync(world, "wechat", "1900000008", account.DeepClone().AsObject().With("api_v3_key", word));
        await WriteAsync(world, "wechat", "1900000009", account.DeepClone().AsObject().With("apiv3key", word));
        var app = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(ConfigFolder(world), "apps", World.AppId)))!.AsObject();
        await WriteAsync(world, "apps", "broken-webhook", app.DeepClone().AsObject().With("webhook", new JsonObject { ["secrets"] = new JsonArray(webhook) }));
        await WriteAsync(world, "apps", "broken-key", app.DeepClone().AsObject().With("keys", Key("hmac-sha256", word)));
        await WriteAsync(world, "apps", "private-for-public", app.DeepClone().AsObject().With("keys", Key("rsa-v1_5-sha256", null, key)));
        var seals = world.App.Services.GetRequiredService<DocumentSeals>();
        var sealedApp = seals.Seal("apps", "shared-app", Encoding.UTF8.GetBytes(app.DeepClone().AsObject().With("keys", Key("hmac-sha256", shared)).ToJsonString()), DocumentSecrets.Of<MerchantApp>());
        await WriteAsync(world, "apps", "shared-app", JsonNode.Parse(sealedApp.Span)!.AsObject());
        await WriteAsync(world, "apps", "sealed-for-another", JsonNode.Parse(sealedApp.Span)!.AsObject());
        await world.App.Services.GetRequiredService<IConfigBackend>().WriteAsync(
            "apps", "no-json", Encoding.UTF8.GetBytes($$"""{"webhook":{"secrets":["{{word}}"}"""), CancellationToken.None);
        var store = world.App.Services.GetRequiredService<ConfigStore>();
        await store.ReadAsync(CancellationToken.None);
        store.Problems.Should().HaveCount(8, "all of them are refused");
        return [key, word, webhook];
    }

    private static JsonArray Key(string alg, string? secret, string? publicKey = null) =>
        [new JsonObject { ["key_id"] = "k1", ["alg"] = alg, ["secret"] = secret, ["public_key"] = publicKey }];

    private static Task WriteAsync(World world, string folder, string name, JsonObject document) =>
        world.App.Services.GetRequiredService<IConfigBackend>().WriteAsync(folder, name, Encoding.UTF8.GetBytes(document.ToJsonString()), CancellationToken.None);

    private static string ConfigFolder(World world) => world.App.Services.GetRequiredService<IOptions<ConfigOptions>>().Value.BaseFolder;

    /// <summary>Every secret of every document, and of the shop.</summary>
    private static IEnumerable<string> Secrets(World world)
    {
        var shop = world.App.Services.GetRequiredService<IConfiguration>().GetSection("PayCenter:Shop");
        yield return shop["WebhookSecret"]!;
        yield return File.ReadAllText(shop["PrivateKeyFile"]!);
        foreach (var file in Directory.EnumerateFiles(ConfigFolder(world), "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith('.') && !f.EndsWith("no-json", StringComparison.Ordinal)))
        {
            foreach (var secret in Strings("", JsonNode.Parse(File.ReadAllBytes(file))!))
            {
                yield return secret;
            }
        }
    }

    private static IEnumerable<string> Strings(string name, JsonNode node) => node switch
    {
        JsonObject members => members.Where(m => m.Value is not null).SelectMany(m => Strings(m.Key, m.Value!)),
        JsonArray items => items.SelectMany(i => Strings(name, i!)),
        JsonValue value when name is "private_key" or "api_v3_key" or "apiv3key" or "secret" or "secrets" && value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
        _ => [],
    };

    /// <summary>How a secret could show itself: as it is, line by line, and in the usual encodings.</summary>
    private static IEnumerable<string> Forms(string secret)
    {
        var lines = secret.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(l => !l.StartsWith("-----", StringComparison.Ordinal) && l.Length >= 16);
        foreach (var line in lines)
        {
            var text = line.StartsWith("whsec_", StringComparison.Ordinal) ? line["whsec_".Length..] : line;
            yield return text;
            yield return Convert.ToBase64String(Encoding.ASCII.GetBytes(text))[..^4];
            yield return Convert.ToHexString(Encoding.ASCII.GetBytes(text));
            var bytes = new byte[text.Length];
            if (Convert.TryFromBase64String(text, bytes, out var length) && length >= 16)
            {
                yield return Convert.ToHexString(bytes, 0, length);
            }
        }
    }

    private static List<string> Found(IEnumerable<string> texts, IReadOnlyList<string> secrets) =>
    [
        .. texts.SelectMany(t => secrets.Where(s => t.Contains(s, StringComparison.OrdinalIgnoreCase)).Select(s => $"{s[..6]}… in {t[..Math.Min(t.Length, 400)]}"))
            .Distinct().Take(20),
    ];
}
