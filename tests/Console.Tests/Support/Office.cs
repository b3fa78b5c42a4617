using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Playwright;
using OtpNet;
using PayCore.Cashier.Tests.Support;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using PayCore.PayManagerSystem.People;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace PayCore.Console.Tests.Support;

/// <summary>
/// The all-in-one with its console, operators with passwords and authenticators, and their browsers. A page that complains in its console fails the test.
/// </summary>
public sealed class Office : IAsyncDisposable
{
    public const string Password = "orbit-lantern-42-willow";

    /// <summary>One for all: a hash takes a tenth of a second of the processor, as it should.</summary>
    private static readonly Lazy<string> _passwordHash = new(() =>
    {
        using var passwords = new Passwords(RandomSource.System);
        return passwords.Hash(Password);
    });

    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<IBrowserContext> _contexts = new();
    private readonly Chromium _chromium;
    private IConfigBackend? _configuration;

    private Office(Chromium chromium, World world, OffsetClock clock) => (_chromium, World, Clock) = (chromium, world, clock);

    public World World { get; }

    public OffsetClock Clock { get; }

    public Operators.OperatorsClient Operators => new(World.App.Services.GetRequiredService<ServiceNetwork>().InvokerFor(RoleNames.PayDatabase));

    /// <summary>The configuration by a way of its own: what is read by the program's own backend, the program would not be told of.</summary>
    public IConfigBackend Configuration => _configuration ??= ConfigurationExtensions.OpenBackend(World.App.Services.GetRequiredService<IOptions<ConfigOptions>>().Value, TimeProvider.System);

    // A busy machine takes its time; what is expected comes all the same.
    static Office() => Assertions.SetDefaultExpectTimeout(20_000);

    public static Task<Office> OpenAsync(Chromium chromium, string provider = "sqlite", params string[] settings) => OpenAsync(chromium, null, provider, settings);

    /// <summary>One whose log somebody reads.</summary>
    public static async Task<Office> OpenAsync(Chromium chromium, ILoggerProvider? log, string provider = "sqlite", params string[] settings)
    {
        var clock = new OffsetClock();
        return new Office(chromium, await World.StartAsync(provider, clock, builder =>
        {
            if (log is not null)
            {
                builder.Logging.AddProvider(log);
            }
        }, settings), clock);
    }

    /// <summary>One whose app may pay out by Alipay.</summary>
    public static async Task<Office> OpenWithTransfersAsync(Chromium chromium)
    {
        var clock = new OffsetClock();
        var routes = new Dictionary<string, string> { ["alipay.TRANSFER"] = "2021000000000002" };
        return new Office(chromium, await World.StartAsync("sqlite", PayCore.Host.Role.All, routes, _ => Task.CompletedTask, clock, null, "--Demo:Ways=all"), clock);
    }

    /// <summary>The link of the first start, as the greeting prints it, on this world's port.</summary>
    public async Task<Uri?> SetupLinkAsync() =>
        await World.App.Services.GetRequiredService<SetupLinks>().CreateAsync() is { } link ? new Uri(link) : null;

    /// <summary>An operator with a password and an authenticator, made without a browser.</summary>
    public Task<Person> HireAsync(string name, params string[] roles) => HireAsync(name, roles, name);

    /// <summary>One whom others see by another name than the one that is typed.</summary>
    public async Task<Person> HireAsync(string name, IReadOnlyList<string> roles, string displayName)
    {
        var token = RandomSource.System.NextToken();
        var invited = await Operators.InviteOperatorAsync(new InviteOperatorRequest
        {
            Name = name,
            DisplayName = displayName,
            Roles = { roles },
            TokenHash = SessionCookie.HashOf(token),
            ExpireTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Clock.GetUtcNow().AddHours(1)),
            By = "test",
        });
        await Operators.UseLinkAsync(new UseLinkRequest { TokenHash = SessionCookie.HashOf(token), PasswordHash = _passwordHash.Value });
        var factor = World.App.Services.GetRequiredService<SecondFactor>();
        var secret = factor.NewSecret();
        await Operators.EnrolTotpAsync(new EnrolTotpRequest { OperatorId = invited.OperatorId, TotpSecret = factor.Seal(invited.OperatorId, secret) });
        return new Person(invited.OperatorId, name, secret);
    }

    /// <summary>The six digits that an authenticator shows now.</summary>
    public string CodeOf(string secret) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(Clock.GetUtcNow().UtcDateTime);

    /// <summary>A session as the log-in gives it, without a browser: the cookie's value.</summary>
    public async Task<string> SessionOfAsync(Person person)
    {
        var (first, second) = (RandomSource.System.NextToken(), RandomSource.System.NextToken());
        var end = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(Clock.GetUtcNow().AddHours(12));
        await Operators.BeginSessionAsync(new BeginSessionRequest
        {
            OperatorId = person.OperatorId, TokenHash = SessionCookie.HashOf(first), ExpireTime = end, ClientIp = "192.0.2.17", UserAgent = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0",
        });
        await Operators.ConfirmSessionAsync(new ConfirmSessionRequest
        {
            TokenHash = SessionCookie.HashOf(first), NewTokenHash = SessionCookie.HashOf(second), ExpireTime = end, TotpStep = person.NextStep(),
        });
        return second;
    }

    /// <summary>A browser; logged in as somebody, or as nobody.</summary>
    public async Task<IPage> BrowseAsync(Person? person = null, int width = 1440, int height = 900, string locale = "en", ColorScheme scheme = ColorScheme.Light)
    {
        var context = await _chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            Locale = locale,
            ColorScheme = scheme,
            // A colour on its way to another one is neither.
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "Asia/Shanghai",
            ViewportSize = new ViewportSize { Width = width, Height = height },
            DeviceScaleFactor = width < 600 ? 2 : 1,
            BaseURL = World.Console.AbsoluteUri,
        });
        _contexts.Enqueue(context);
        context.SetDefaultTimeout(20_000);
        // The browser without a screen tells its own liking in the client hint, and not the one that is emulated.
        await context.AddCookiesAsync(
        [
            new Cookie { Name = "console_theme", Value = scheme == ColorScheme.Dark ? "dark" : "light", Url = World.Console.AbsoluteUri },
            new Cookie { Name = "console_zone", Value = "Asia%2FShanghai", Url = World.Console.AbsoluteUri },
        ]);
        if (person is not null)
        {
            await context.AddCookiesAsync([new Cookie { Name = "paycore-console", Value = await SessionOfAsync(person), Url = World.Console.AbsoluteUri }]);
        }

        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _complaints.Enqueue($"{page.Url}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _complaints.Enqueue($"{page.Url}: {error}");
        return page;
    }

    /// <summary>Logs in as a person does.</summary>
    public async Task LogInAsync(IPage page, Person person)
    {
        await page.GetByLabel("Name").FillAsync(person.Name);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await page.GetByLabel("Code").FillAsync(CodeOf(person.Secret));
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
    }

    /// <summary>Waits until the page is alive: what is clicked now is heard.</summary>
    public static Task AliveAsync(IPage page) => page.WaitForFunctionAsync("() => document.querySelector('main')?.dataset.live === 'true'");

    /// <summary>Types into a field of the dialog that opens, when it has taken the focus to its first field: text goes where the focus is.</summary>
    public static async Task TypeAsync(IPage page, string label, string text)
    {
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.Locator("input:focus, textarea:focus")).ToHaveCountAsync(1);
        await dialog.GetByLabel(label, new() { Exact = true }).FillAsync(text);
    }

    /// <summary>What axe finds serious or worse.</summary>
    public async Task<IReadOnlyList<string>> SeriousFaultsAsync(IPage page)
    {
        // The page's policy lets no script in but its own; the debugger's way is not bound by it.
        await page.EvaluateAsync(_chromium.Axe);
        var found = await page.EvaluateAsync<JsonElement>("async () => (await axe.run()).violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(v => `${v.id}: ${v.nodes.map(n => n.html + ' ' + n.failureSummary).slice(0, 4).join(' | ')}`)");
        return [.. found.EnumerateArray().Select(f => f.GetString()!)];
    }

    /// <summary>A picture for who looks, in the folder that PAYCORE_SCREENSHOTS names.</summary>
    public static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("PAYCORE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-{(page.ViewportSize!.Width < 600 ? "phone" : "desk")}.png"), FullPage = true });
        }
    }

    /// <summary>The audit log is whole.</summary>
    public async Task DemandWholeAuditAsync() => (await World.Database.VerifyAuditAsync(new VerifyAuditRequest())).BrokenNumber.Should().Be(0);

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        (_configuration as IDisposable)?.Dispose();
        await World.DisposeAsync();
        _complaints.Should().BeEmpty();
    }
}

/// <summary>An operator of a test.</summary>
public sealed record Person(string OperatorId, string Name, string Secret)
{
    private long _step;

    /// <summary>Time steps that were not used yet.</summary>
    public long NextStep() => Interlocked.Increment(ref _step);
}
