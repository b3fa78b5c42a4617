using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

namespace PayCore.Cashier.Tests.Support;

/// <summary>
/// The all-in-one with both simulated providers, a merchant with a look of its own and a store, and browsers of buyers. A page that complains in its console
/// fails the test.
/// </summary>
public sealed class Till : IAsyncDisposable
{
    public const string Store = "lakeside";

    private const string Logo =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 36 36\"><rect width=\"36\" height=\"36\" fill=\"#0b6e4f\"/>"
        + "<path d=\"M17 29c-5-9 0-17 12-20 0 11-4 17-10 18zM16 29c-7-2-9-8-7-13 6 2 8 7 7 13z\" fill=\"#fff\"/></svg>";

    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<IBrowserContext> _contexts = new();
    private readonly ConcurrentQueue<Func<Task>> _atTheEnd = new();
    private readonly Chromium _chromium;

    static Till() => Assertions.SetDefaultExpectTimeout(20_000);

    private Till(Chromium chromium, World world, OffsetClock clock) => (_chromium, World, Clock) = (chromium, world, clock);

    public World World { get; }

    public OffsetClock Clock { get; }

    /// <summary>Where the merchant wants the buyer back.</summary>
    public string ReturnUrl => new Uri(World.Web, "/shop/orders?from=cashier").AbsoluteUri;

    /// <summary>Waits until a page has gone to an address that begins so. Playwright's own WaitForURL misses a page that arrives while it begins to wait.</summary>
    public static Task ArriveAsync(IPage page, Uri start) => Assertions.Expect(page).ToHaveURLAsync(new Regex($"^{Regex.Escape(start.AbsoluteUri)}"));

    /// <summary>Opens it.</summary>
    /// <param name="chromium">The buyers' browser.</param>
    /// <param name="insideWallets">The app has routes for phones' browsers and for the wallets' own, and buyers come from the internet.</param>
    public static async Task<Till> OpenAsync(Chromium chromium, bool insideWallets = false)
    {
        var clock = new OffsetClock();
        var world = await World.StartAsync("sqlite", clock, builder => builder.Services.AddSingleton<IStartupFilter>(new FromTheInternet(insideWallets)));
        var app = world.App.Services.GetRequiredService<IConfigDocuments<MerchantApp>>().Find(World.AppId)! with
        {
            Name = "湖畔茶纸铺 Lakeside Tea & Paper",
            Cashier = new CashierDocument
            {
                Support = "help@lakeside.example",
                Logo = $"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(Logo))}",
            },
            Stores = new Dictionary<string, StoreDocument> { [Store] = new() { Name = "Lakeside, till 1", Subject = "Tea and paper, till 1" } },
        };
        if (insideWallets)
        {
            app = app with
            {
                Routes = new Dictionary<string, IReadOnlyList<RouteDocument>>(app.Routes)
                {
                    ["wechat.H5"] = app.Routes["wechat.QR"],
                    ["wechat.JSAPI"] = app.Routes["wechat.QR"],
                    ["alipay.H5"] = app.Routes["alipay.QR"],
                    ["alipay.JSAPI"] = app.Routes["alipay.QR"],
                },
            };
        }

        await world.App.Services.GetRequiredService<IConfigBackend>().WriteAsync(
            "apps", World.AppId, JsonSerializer.SerializeToUtf8Bytes(app, DocumentJson.Options), CancellationToken.None);
        var till = new Till(chromium, world, clock);
        await UntilAsync(() => Task.FromResult(world.App.Services.GetRequiredService<MerchantApps>().Find(World.AppId)?.Stores.Count == 1), "the document is read");
        return till;
    }

    /// <summary>A new order whose buyer chooses the wallet, or pays this way.</summary>
    public async Task<TillOrder> OrderAsync(string? method = null, string scene = "CASHIER", string? buyer = null)
    {
        var order = World.NewOrder(method: method ?? "", scene: scene);
        if (buyer is not null)
        {
            order["buyer"] = buyer;
        }

        if (method is null)
        {
            order.Remove("method");
        }

        order["subject"] = "Longjing tea, 50 g 龙井茶";
        order["amount_minor"] = 3800;
        order["return_url"] = ReturnUrl;
        var answer = await World.CreateAsync(order);
        return new TillOrder((string)answer["order"]!["id"]!, new Uri((string)answer["cashier_url"]!));
    }

    /// <summary>A buyer's browser with a page open.</summary>
    /// <param name="address">Of the page.</param>
    /// <param name="viewer">Who looks, and with what.</param>
    /// <param name="script">What this browser puts into every page before it runs.</param>
    public async Task<IPage> OpenAsync(Uri address, Viewer viewer, string? script = null)
    {
        var context = await _chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            Locale = viewer.Locale,
            UserAgent = viewer.Agent,
            ColorScheme = viewer.Scheme,
            JavaScriptEnabled = viewer.Scripts,
            ViewportSize = new ViewportSize { Width = viewer.Width, Height = viewer.Height },
            DeviceScaleFactor = viewer.Width < 600 ? 2 : 1,
        });
        _contexts.Enqueue(context);
        context.SetDefaultTimeout(30_000);
        if (script is not null)
        {
            await context.AddInitScriptAsync(script);
        }

        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        await page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    /// <summary>Asks for a code as the cashier's button does, and answers its text; empty when there is none yet.</summary>
    public async Task<string> AskAsync(TillOrder order, string method, string? number = null)
    {
        var pay = new PayGatewayInner.PayGatewayInnerClient(World.App.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.PayGateway));
        var answer = await pay.CreateCashierAttemptAsync(new CreateCashierAttemptRequest
        {
            PageToken = order.Path.Split('/')[^1],
            OutAttemptNo = number ?? $"to-{method}",
            Method = method,
            Scene = Scene.Qr,
        });
        return answer.Action?.QrCodeText ?? "";
    }

    /// <summary>Something to be done when everybody has looked.</summary>
    public void AtTheEnd(Func<Task> work) => _atTheEnd.Enqueue(work);

    /// <summary>Pays a code in the wallet that it belongs to. False when the provider does not take it any more.</summary>
    public bool Pay(string code)
    {
        try
        {
            if (code.StartsWith("weixin:", StringComparison.Ordinal))
            {
                World.Wallet.Pay(World.Account, World.Wallet.Scan(code)!.OutTradeNo);
            }
            else
            {
                var order = World.AlipayWallet.Scan(code)!;
                World.AlipayWallet.Pay(order.AppId, order.OutTradeNo);
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The newest attempt of an order.</summary>
    public async Task<Attempt> NewestAttemptAsync(TillOrder order) => (await World.ReadAsync(order.Id)).Attempts[^1].Attempt;

    /// <summary>Waits for at most 30 seconds of real time.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(30), what);
            await Task.Delay(20);
        }
    }

    /// <summary>The text of the QR code that can be seen, read from a picture of it. Null when there is none that a reader finds.</summary>
    public async Task<string?> ReadCodeAsync(IPage page, ILocator? code = null)
    {
        var picture = Convert.ToBase64String(await PictureAsync(code ?? page.Locator(".code:visible").First));
        await using var context = await _chromium.Browser.NewContextAsync();
        var reader = await context.NewPageAsync();
        await reader.EvaluateAsync($"() => {{ {_chromium.JsQr} }}");
        return await reader.EvaluateAsync<string?>(
            """
            async (picture) => {
              const image = new Image();
              image.src = `data:image/png;base64,${picture}`;
              await image.decode();
              const canvas = document.createElement("canvas");
              canvas.width = image.width;
              canvas.height = image.height;
              const context = canvas.getContext("2d");
              context.drawImage(image, 0, 0);
              return jsQR(context.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height)?.data ?? null;
            }
            """,
            picture);
    }

    /// <summary>A picture of what can be seen at a place, also when the page puts something else there while it is taken.</summary>
    private static async Task<byte[]> PictureAsync(ILocator place)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await place.ScreenshotAsync();
            }
            catch (PlaywrightException e) when (tries < 5 && e.Message.Contains("not attached", StringComparison.Ordinal))
            {
                // It was replaced just now: the place has the next one.
            }
        }
    }

    /// <summary>What axe finds that is serious or critical, each with where it is.</summary>
    public async Task<string[]> SeriousFaultsAsync(IPage page)
    {
        await page.EvaluateAsync($"() => {{ {_chromium.Axe} }}");
        return await page.EvaluateAsync<string[]>(
            """
            async () => {
              const found = await axe.run(document);
              if (found.passes.length < 10) return ["axe looked at next to nothing"];
              return found.violations
                .filter((v) => v.impact === "serious" || v.impact === "critical")
                .flatMap((v) => v.nodes.map((n) => `${v.id} at ${n.target}: ${n.failureSummary}`));
            }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var work in _atTheEnd)
        {
            await work();
        }

        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        await World.DisposeAsync();
        _complaints.Should().BeEmpty("the browser has nothing to complain of: no refused script, style or form");
    }
}

/// <summary>Providers refuse buyers from a loopback address, where the tests' browser is.</summary>
internal sealed class FromTheInternet(bool pretend) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (pretend)
        {
            app.Use((context, rest) =>
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse("203.0.113.9");
                return rest(context);
            });
        }

        next(app);
    };
}

/// <summary>An order and the page that its buyer pays on.</summary>
public sealed record TillOrder(string Id, Uri Page)
{
    public string Path => Page.AbsolutePath;
}
