using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using ExceptionKind = PayCore.Contracts.V1.ExceptionItem.Types.Kind;

namespace PayCore.EndToEnd.Tests;

/// <summary>What a person must look at is posted to one address: once when it is acknowledged, again by its rule when it is not, in the receiver's own format.</summary>
public sealed class Alerts : IAsyncLifetime
{
    private const string RobotSecret = "SECrobot-of-the-test";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 2, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<string> _queries = new();
    private MerchantReceiver _people = null!;

    public static TheoryData<string, string> Formats => new() { { "sqlite", "json" }, { "mysql", "json" }, { "sqlite", "wecom" }, { "sqlite", "dingtalk" } };

    public async ValueTask InitializeAsync()
    {
        _people = await MerchantReceiver.StartAsync();
        Answers(StatusCodes.Status200OK, """{"errcode":0,"errmsg":"ok"}""");
    }

    public ValueTask DisposeAsync() => _people.DisposeAsync();

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Item_Raised_IsToldOnceInItsReceiversFormat(string database, string format)
    {
        await using var world = await StartAsync(database, format);

        await RaiseAsync(world, "O1");
        await ToldAsync(1);
        await RaiseAsync(world, "O1");
        await PassAsync(180);
        _people.All.Should().ContainSingle("an acknowledged alert is not repeated, and the same item is no new one");

        var body = JsonNode.Parse(_people.All[0].Body)!;
        var text = format == "json" ? body["text"]! : body["text"]!["content"]!;
        text.GetValue<string>().Should().Contain("LATE_PAYMENT").And.Contain("O1").And.Contain("待处理");
        if (format == "json")
        {
            body["type"]!.GetValue<string>().Should().Be("paycore.alert");
            body["items"]!.AsArray().Should().ContainSingle().Which!["order_id"]!.GetValue<string>().Should().Be("O1");
        }
        else
        {
            body["msgtype"]!.GetValue<string>().Should().Be("text");
        }

        if (format == "dingtalk")
        {
            var query = Parameters(_queries.Single());
            var signed = HMACSHA256.HashData(Encoding.UTF8.GetBytes(RobotSecret), Encoding.UTF8.GetBytes($"{query["timestamp"]}\n{RobotSecret}"));
            query["sign"].Should().Be(Convert.ToBase64String(signed));
            query["access_token"].Should().Be("robot");
        }

        await RaiseAsync(world, "O2");
        await ToldAsync(2);
        Encoding.UTF8.GetString(_people.All[1].Body).Should().Contain("O2").And.NotContain("O1");
    }

    [Theory]
    [InlineData("json", 500, "")]
    [InlineData("wecom", 200, """{"errcode":45009,"errmsg":"api freq out of limit"}""")]
    [InlineData("dingtalk", 200, "not json")]
    public async Task Receiver_ThatDoesNotAcknowledge_IsToldAgainAMinuteLaterUntilItDoes(string format, int status, string answer)
    {
        await using var world = await StartAsync("sqlite", format);
        Answers(status, answer);

        await RaiseAsync(world, "O1");
        await ToldAsync(1);
        await PassAsync(40);
        _people.All.Should().ContainSingle("not before its time");
        await ToldAsync(2);
        Answers(StatusCodes.Status200OK, """{"errcode":0}""");
        await ToldAsync(3);
        await PassAsync(180);

        _people.All.Should().HaveCount(3);
    }

    /// <summary>What a receiver calls its letters is its own matter: the answer is read, and the process goes on.</summary>
    [Theory]
    [InlineData("json", "text/plain; charset=gbk")]
    [InlineData("wecom", "text/plain; charset=gbk")]
    [InlineData("dingtalk", "application/json; charset=utf8")]
    [InlineData("wecom", "text/plain; charset=none-such")]
    public async Task Receiver_ThatNamesItsLettersOddly_IsHeardAndToldOfWhatComesLater(string format, string contentType)
    {
        await using var world = await StartAsync("sqlite", format);
        Answers(StatusCodes.Status200OK, """{"errcode":0,"errmsg":"ok"}""", contentType);

        await RaiseAsync(world, "O1");
        await ToldAsync(1);
        await PassAsync(130);
        _people.All.Should().ContainSingle("it acknowledged");
        await RaiseAsync(world, "O2");
        await ToldAsync(2);

        world.App.Lifetime.ApplicationStopping.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task Receiver_ThatIsDown_IsToldWhenItIsBack()
    {
        await using var world = await StartAsync("sqlite", "json");
        _people.Answer = (_, http) =>
        {
            http.Abort();
            return Task.CompletedTask;
        };
        await RaiseAsync(world, "O1");
        await ToldAsync(1);
        await RaiseAsync(world, "O2");
        await ToldAsync(2);

        Answers(StatusCodes.Status200OK, "");
        var seconds = await _clock.PassAsync(200, () => Task.FromResult(Acknowledged().Contains("O1") && Acknowledged().Contains("O2")));

        seconds.Should().BeLessThan(130);
        await PassAsync(180);
        string.Concat(_people.All.Skip(2).Select(r => Encoding.UTF8.GetString(r.Body))).Split("\"order_id\":\"O1\"").Should().HaveCount(2, "acknowledged once");

        string Acknowledged() => string.Concat(_people.All.Skip(2).Select(r => Encoding.UTF8.GetString(r.Body)));
    }

    [Fact]
    public async Task Items_ThatComeTogether_AreToldTogetherAndEachOnce()
    {
        await using var world = await StartAsync("sqlite", "json");

        await Task.WhenAll(Enumerable.Range(0, 45).Select(n => RaiseAsync(world, $"O{n:D3}")));
        await _clock.PassAsync(60, () => Task.FromResult(Told().Count >= 45));

        await PassAsync(130);
        Told().Order().Should().Equal(Enumerable.Range(0, 45).Select(n => $"O{n:D3}"));
        _people.All.Count.Should().BeLessThanOrEqualTo(6, "robots take 20 messages a minute");

        List<string> Told() => [.. _people.All.SelectMany(r => JsonNode.Parse(r.Body)!["items"]!.AsArray().Select(i => i!["order_id"]!.GetValue<string>()))];
    }

    /// <summary>WeCom's robots take 2048 bytes of text.</summary>
    [Fact]
    public async Task Items_MoreThanARobotTakes_AreCutAndCounted()
    {
        await using var world = await StartAsync("sqlite", "wecom");

        for (var n = 0; n < 20; n++)
        {
            await world.Database.RaiseExceptionAsync(new RaiseExceptionRequest
            {
                Exception = new ExceptionItem { Kind = ExceptionKind.LatePayment, AppId = "app", OrderId = $"O{n:D3}", Detail = new string('钱', 100) },
            });
        }

        await PassAsync(30);
        var texts = _people.All.Select(r => JsonNode.Parse(r.Body)!["text"]!["content"]!.GetValue<string>()).ToList();
        texts.Should().NotBeEmpty().And.OnlyContain(t => Encoding.UTF8.GetByteCount(t) <= 2_048);
        texts.Should().Contain(t => t.Contains("另有"));
    }

    /// <summary>The whole way: a provider that cannot pay the user, told to people, with no name or account of anybody.</summary>
    [Fact]
    public async Task Refund_ThatIsAbnormal_ReachesPeople()
    {
        await using var world = await StartAsync("sqlite", "json");
        var provider = new Provider(world, "wechat");
        provider.PlanRefunds(new SettlementPlan { Outcome = "ABNORMAL" });
        var (orderId, attemptNo) = await provider.PaidAsync();
        await provider.RefundAsync(orderId, "r1", 100);

        await ToldAsync(1);

        var text = Encoding.UTF8.GetString(_people.All[0].Body);
        text.Should().Contain("REFUND_ABNORMAL").And.Contain(orderId).And.Contain(attemptNo).And.NotContain("oPayer");
    }

    [Fact]
    public async Task Receiver_AtAPrivateAddressThatNobodyAllowed_IsNeverConnected()
    {
        await using var world = await World.StartAsync("sqlite", _clock, null, $"--Alerts:Url={_people.Url}");

        await RaiseAsync(world, "O1");
        await PassAsync(130);

        _people.All.Should().BeEmpty("I26");
    }

    private Task<World> StartAsync(string database, string format) => World.StartAsync(
        database, _clock, null, $"--Alerts:Url={_people.Url}?access_token=robot", $"--Alerts:Format={format}", $"--Alerts:Secret={RobotSecret}",
        $"--Outbound:AllowPrivateAddresses:2={_people.Authority}");

    private static async Task RaiseAsync(World world, string orderId) => await world.Database.RaiseExceptionAsync(new RaiseExceptionRequest
    {
        Exception = new ExceptionItem { Kind = ExceptionKind.LatePayment, AppId = World.AppId, OrderId = orderId, Detail = "paid after its end" },
    });

    private async Task ToldAsync(int times)
    {
        await _clock.PassAsync(130, () => Task.FromResult(_people.All.Count >= times));
        _people.All.Should().HaveCount(times);
    }

    private Task PassAsync(int seconds) => _clock.PassAsync(TimeSpan.FromSeconds(seconds));

    private void Answers(int status, string body, string? contentType = null) => _people.Answer = (_, http) =>
    {
        _queries.Enqueue(http.Request.QueryString.Value ?? "");
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        return http.Response.WriteAsync(body);
    };

    private static Dictionary<string, string> Parameters(string query) => query.TrimStart('?').Split('&')
        .Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
}
