using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;
using OpenTelemetry.Trace;
using PayCore.Configuration;
using PayCore.EndToEnd.Tests.Support;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.EndToEnd.Tests;

/// <summary>What operators see of a payment (architecture, section 9): one trace, metrics that dashboard and rules can rely on, and a page for each alert.</summary>
public sealed partial class SeenFromOutside
{
    /// <summary>A port where nobody listens: a collector that is away.</summary>
    private const string NoCollector = "--Telemetry:OtlpEndpoint=http://127.0.0.1:9";

    private static readonly string _rules = Path.Combine(Repository.Root, "deploy", "prometheus");
    private static readonly string _alerts = File.ReadAllText(Path.Combine(_rules, "alerts.yaml"));
    private static readonly string _dashboard = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "grafana", "paycore.json"));
    private static readonly string _page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));

    /// <summary>A merchant's request, the provider's HTTP, the callback and two tries to tell the merchant, seen by its order's id.</summary>
    [Fact]
    public async Task Payment_FromItsRequestToTheMerchantsAnswer_IsOneTrace()
    {
        var exported = new Exported();
        await using var world = await World.StartAsync(
            "sqlite", null, builder => builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(exported)), NoCollector);
        var told = 0;
        var headers = new ConcurrentQueue<string>();
        world.Receiver.Answer = (_, http) =>
        {
            headers.Enqueue(string.Join(' ', http.Request.Headers.Keys).ToLowerInvariant());
            http.Response.StatusCode = Interlocked.Increment(ref told) == 1 ? 500 : 200;
            return http.Response.WriteAsync("success");
        };

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/pay-orders") { Content = JsonContent.Create(world.NewOrder()) };
        request.Headers.Add("traceparent", "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01");
        request.Headers.Add("tracestate", "vendor=theirs");
        request.Headers.Add("baggage", "session=theirs");
        var created = (await (await world.Merchant.SendAsync(request)).ReadAnswerAsync()).Json;
        var orderId = created["order"]!["id"]!.GetValue<string>();
        world.Wallet.Pay(World.Account, created["attempt_no"]!.GetValue<string>());
        await world.UntilAsync(orderId, o => o.Order.State == OrderState.Paid);
        await world.UntilReceivedAsync(2);
        await exported.UntilAsync(all => all.Count(a => IsAbout(a, orderId) && a.DisplayName == "notify.try") == 2);

        var root = exported.All.Single(a => a.DisplayName == "POST /v1/pay-orders" && IsAbout(a, orderId));
        root.Parent.Should().BeNull();
        root.ParentSpanId.Should().Be(default(ActivitySpanId), "the merchant's trace does not lead ours");
        root.Links.Select(l => $"{l.Context.TraceId}").Should().Contain("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        var trace = exported.All.Where(a => a.TraceId == root.TraceId).ToList();
        trace.Select(a => a.DisplayName).Should().Contain(
        [
            "pay.verify", "pay.generate", "pay.save", "PayDatabase/CreateOrder", "database.write", "pay.ask_channel", "ChannelWechat/Pay", "wechat.call", "pay.record",
            "callback.record", "PayDatabase/RecordPaid", "notify.try",
        ]);
        trace.Where(a => a.DisplayName is "callback.record" or "notify.try").Should().OnlyContain(a => a.ParentSpanId == root.SpanId && IsAbout(a, orderId));
        trace.Should().OnlyContain(a => a.TraceStateString == null && !a.Baggage.Any());

        var callback = exported.All.Single(a => a.DisplayName == "POST /callback/{channel}/{account}" && IsAbout(a, orderId));
        callback.TraceId.Should().NotBe(root.TraceId);
        trace.Single(a => a.DisplayName == "callback.record").Links.Should().Contain(l => l.Context.TraceId == callback.TraceId);
        exported.All.Where(a => a.TraceId == callback.TraceId).SelectMany(a => a.Links).Should().Contain(l => l.Context.TraceId == root.TraceId);

        headers.Should().HaveCount(2).And.OnlyContain(h => !h.Contains("traceparent") && !h.Contains("tracestate") && !h.Contains("baggage"), "our traces are not a merchant's business");
    }

    /// <summary>A process of its own, since in the tests' process other systems count along.</summary>
    [Fact]
    public async Task Metrics_AfterMoneyMovedInEveryWay_AreThoseOfDashboardRulesAndPage()
    {
        using var folder = new TemporaryFolder();
        await using var receiver = await MerchantReceiver.StartAsync();
        var ports = FreePorts.Take(5);
        var pair = MerchantKeyPair.CreateEd25519();
        await WriteAppAsync(folder, receiver, pair);
        await using var host = new HostProcess(
        [
            $"--Data={folder.Path}", $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Operations={ports[2]}", $"--Ports:Simulator={ports[3]}", $"--Ports:Console={ports[4]}",
            "--Demo:Ways=all", $"--Outbound:AllowPrivateAddresses:1={receiver.Authority}", "--Simulator:ScheduleScale=0.01", "--Monitor:StatementsAt=1.00:00:00", "--Monitor:CountEvery=00:00:01",
            NoCollector,
        ], new Uri($"http://127.0.0.1:{ports[2]}/health/live"));
        await host.StartAsync();

        await MoveMoneyAsync(new Uri($"http://127.0.0.1:{ports[0]}"), new Uri($"http://127.0.0.1:{ports[3]}"), pair, receiver);
        using var operations = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[2]}") };
        var text = await UntilAsync(() => operations.GetStringAsync("/metrics"), t => t.Contains("paycore_refunded_amount_minor_total{", StringComparison.Ordinal));

        var series = Series(text);
        var exported = series.Select(s => Family(s.Name)).ToHashSet();
        MetricsIn(_dashboard).Concat(MetricsIn(_alerts)).Select(Family).Except(exported).Should().BeEmpty("dashboard and rules show what is there");
        exported.Where(m => m.StartsWith("paycore_", StringComparison.Ordinal)).Where(m => !_page.Contains(m, StringComparison.Ordinal)).Should().BeEmpty("each has its line in docs/operations.md");
        Value(series, "paycore_orders_total", "PAID").Should().Be(1);
        Value(series, "paycore_paid_amount_minor_total").Should().Be(1299);
        Value(series, "paycore_refunded_amount_minor_total").Should().Be(299);
        Value(series, "paycore_transferred_amount_minor_total").Should().Be(500);

        // No label grows with traffic: nothing of an order is in one, and there are few values of each.
        string[] known =
        [
            "app_id", "channel", "scene", "state", "currency", "cause", "kind", "verdict", "operation", "outcome", "result", "reason", "folder", "clock", "certificate", "le", "otel_scope_name",
        ];
        var ours = series.Where(s => s.Name.StartsWith("paycore_", StringComparison.Ordinal)).ToList();
        ours.SelectMany(s => s.Labels.Keys).Except(known).Should().BeEmpty();
        ours.SelectMany(s => s.Labels.Values).Should().NotContainMatch("P01*").And.NotContainMatch("A01*").And.NotContainMatch("R01*");
        series.Should().HaveCountLessThan(2_000);
        // Latencies are told within the limits of the invariants: the answer to a callback at 500 ms and 4 s, a payment found at 75 and 135 s, a call at 6 s, a first try at 2 s.
        Buckets(ours, "paycore_callback_duration_seconds_bucket").Should().Contain(["0.5", "4"]);
        Buckets(ours, "paycore_paid_delay_seconds_bucket").Should().Contain(["1", "75", "135"]);
        Buckets(ours, "paycore_channel_call_duration_seconds_bucket").Should().Contain(["2", "6"]);
        Buckets(ours, "paycore_notify_delay_seconds_bucket").Should().Contain("2");

        // Its metrics are for the platform alone.
        using var web = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}") };
        (await web.GetAnswerAsync("/metrics")).Status.Should().Be(404);
    }

    [Theory]
    [InlineData("check", "alerts.yaml")]
    [InlineData("test", "alerts.test.yaml")]
    public async Task Rules_ByPrometheusOwnTool_AreGood(string how, string file)
    {
        var start = new ProcessStartInfo("promtool") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _rules };
        foreach (var argument in (string[])[how, "rules", file])
        {
            start.ArgumentList.Add(argument);
        }

        using var tool = Process.Start(start)!;
        var said = await tool.StandardOutput.ReadToEndAsync() + await tool.StandardError.ReadToEndAsync();
        await tool.WaitForExitAsync();

        tool.ExitCode.Should().Be(0, said);
    }

    [Fact]
    public void Alerts_EachOne_SaysWhatToDoAndHasItsHeading()
    {
        var names = AlertName().Matches(_alerts).Select(m => m.Groups[1].Value).ToList();

        names.Should().HaveCountGreaterThan(25).And.OnlyHaveUniqueItems();
        Regex.Count(_alerts, "^          summary: ", RegexOptions.Multiline).Should().Be(names.Count);
        Regex.Count(_alerts, "^          do: ", RegexOptions.Multiline).Should().Be(names.Count);
        Headings().Matches(_page).Select(m => m.Groups[1].Value).Should().Equal(names);
    }

    [Fact]
    public void Dashboard_IsWhole()
    {
        var panels = JsonNode.Parse(_dashboard)!["panels"]!.AsArray();

        panels.Where(p => p!["type"]!.GetValue<string>() == "row").Select(p => p!["title"]!.GetValue<string>())
            .Should().Equal("Money", "Channels", "Callbacks", "Notifications", "Database", "Processes");
        panels.Select(p => p!["id"]!.GetValue<int>()).Should().OnlyHaveUniqueItems();
        panels.Where(p => p!["type"]!.GetValue<string>() != "row").Should().OnlyContain(p => p!["targets"]!.AsArray().Count > 0);
    }

    private static bool IsAbout(Activity activity, string orderId) => (string?)activity.GetTagItem("paycore.order_id") == orderId;

    private static Task WriteAppAsync(TemporaryFolder folder, MerchantReceiver receiver, MerchantKeyPair pair) =>
        new FolderConfigBackend(new ConfigOptions { Folder = folder.File("config") }.BaseFolder, TimeProvider.System).WriteAsync(
            "apps", "observed", Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new MerchantApp
            {
                MerchantId = "m-observed",
                Keys = [new AppKeyDocument { KeyId = "k1", Alg = "ed25519", PublicKey = pair.PublicKeyPem }],
                Webhook = new WebhookDocument { Url = receiver.Url, Secrets = [receiver.Secret] },
                Routes = new Dictionary<string, IReadOnlyList<RouteDocument>>
                {
                    ["wechat.QR"] = [new RouteDocument { Account = World.Account }],
                    ["alipay.TRANSFER"] = [new RouteDocument { Account = "2021000000000002" }],
                },
            }, DocumentJson.Options)), CancellationToken.None);

    /// <summary>A payment by callback, a part of it back, and a transfer; each told. The order is asked for twice.</summary>
    private static async Task MoveMoneyAsync(Uri web, Uri simulator, MerchantKeyPair pair, MerchantReceiver receiver)
    {
        var signer = new RequestSigner(
            SigningKey.FromPrivateKeyPem("observed", "k1", MerchantKeyAlgorithm.Ed25519, pair.PrivateKeyPem), TimeProvider.System, () => Guid.NewGuid().ToString("N"));
        using var merchant = new HttpClient(new SigningHandler(signer) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = web };
        const string Order = """{"out_trade_no":"observed-1","amount_minor":1299,"currency":"CNY","subject":"tea","method":"wechat","scene":"QR"}""";
        var created = await merchant.PostTextAsync("/v1/pay-orders", Order);
        created.Status.Should().Be(200, created.Text);
        (await merchant.PostTextAsync("/v1/pay-orders", Order)).Status.Should().Be(200);
        using var wallet = new HttpClient { BaseAddress = simulator };
        using var code = new FormUrlEncodedContent([KeyValuePair.Create("code_url", created.Json["action"]!["qr_code_text"]!.GetValue<string>())]);
        (await wallet.PostAsync(new Uri("/wallet/pay", UriKind.Relative), code)).EnsureSuccessStatusCode();
        await UntilAsync(() => Task.FromResult(receiver.All.Count), told => told >= 1);

        var orderId = created.Json["order"]!["id"]!.GetValue<string>();
        var refund = await merchant.PostTextAsync("/v1/refunds", $$"""{"out_refund_no":"back-1","order_id":"{{orderId}}","amount_minor":299}""");
        refund.Status.Should().Be(200, refund.Text);
        var transfer = await merchant.PostTextAsync(
            "/v1/transfers", """{"out_transfer_no":"out-1","amount_minor":500,"method":"alipay","payee":{"kind":"USER_ID","id":"2088000000000007"},"title":"commission"}""");
        transfer.Json["result"]!.GetValue<string>().Should().Be("DONE", transfer.Text);
        await UntilAsync(() => Task.FromResult(receiver.All.Count), told => told >= 3);
    }

    private static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> wanted)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (wanted(value))
            {
                return value;
            }

            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(30), $"{value}");
            await Task.Delay(50);
        }
    }

    /// <summary>Names of metrics in expressions.</summary>
    private static IEnumerable<string> MetricsIn(string text) => MetricName().Matches(text).Select(m => m.Value).Distinct();

    /// <summary>A histogram's series have three names.</summary>
    private static string Family(string name) => HistogramPart().Replace(name, "");

    private static List<(string Name, Dictionary<string, string> Labels, double Value)> Series(string text) =>
    [
        .. SeriesLine().Matches(text).Select(line => (
            line.Groups["name"].Value,
            LabelPair().Matches(line.Groups["labels"].Value).ToDictionary(l => l.Groups[1].Value, l => l.Groups[2].Value),
            double.Parse(line.Groups["value"].Value, System.Globalization.CultureInfo.InvariantCulture))),
    ];

    private static double Value(IEnumerable<(string Name, Dictionary<string, string> Labels, double Value)> series, string name, string? state = null) =>
        series.Where(s => s.Name == name && (state is null || s.Labels["state"] == state)).Sum(s => s.Value);

    private static IEnumerable<string> Buckets(IEnumerable<(string Name, Dictionary<string, string> Labels, double Value)> series, string name) =>
        series.Where(s => s.Name == name).Select(s => s.Labels["le"]).Distinct();

    [GeneratedRegex("\\b(?:paycore|http_server|dotnet)_[a-z0-9_]+\\b|\\btarget_info\\b")]
    private static partial Regex MetricName();

    [GeneratedRegex("(?<=_seconds)_(?:bucket|count|sum)\\z")]
    private static partial Regex HistogramPart();

    [GeneratedRegex("^(?<name>[a-z][a-z0-9_]*)(?:\\{(?<labels>.*)\\})? (?<value>[^ \\n]+)", RegexOptions.Multiline)]
    private static partial Regex SeriesLine();

    [GeneratedRegex("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex LabelPair();

    [GeneratedRegex("^      - alert: (\\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertName();

    [GeneratedRegex("^### (PayCore\\w+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    /// <summary>Keeps what the tracer gives to be exported.</summary>
    private sealed class Exported : BaseProcessor<Activity>
    {
        private readonly ConcurrentQueue<Activity> _ended = new();

        public IReadOnlyList<Activity> All => [.. _ended];

        public override void OnEnd(Activity data) => _ended.Enqueue(data);

        public Task<IReadOnlyList<Activity>> UntilAsync(Func<IReadOnlyList<Activity>, bool> wanted) => SeenFromOutside.UntilAsync(() => Task.FromResult(All), wanted);
    }
}
