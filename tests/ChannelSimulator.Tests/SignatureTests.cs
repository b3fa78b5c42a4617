using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace PayCore.ChannelSimulator.Tests;

public sealed class SignatureTests(SharedSimulator shared) : IClassFixture<SharedSimulator>
{
    private const string Query = "/v3/pay/transactions/out-trade-no/ORDER00001?mchid=" + SimulatorHost.MchId;

    public static TheoryData<string> WrongWays =>
    [
        "query left out", "other body", "carriage returns", "milliseconds", "other scheme", "unknown merchant", "unknown serial", "long nonce", "odd nonce",
    ];

    [Theory]
    [MemberData(nameof(WrongWays))]
    public async Task Call_SignedWrongly_Is401WithSignInformation(string way)
    {
        var host = shared.Host;
        var request = host.Client.Make(HttpMethod.Get, Query, "", parts =>
        {
            switch (way)
            {
                case "query left out": parts.SignedTarget = Query[..Query.IndexOf('?')]; break;
                case "other body": parts.SignedBody = "{}"; break;
                case "carriage returns": parts.NewLine = "\r\n"; break;
                case "milliseconds": parts.Timestamp += "000"; break;
                case "other scheme": parts.Scheme = "WECHATPAY2-SM2-WITH-SM3"; break;
                case "unknown merchant": parts.MchId = "1900000002"; break;
                case "unknown serial": parts.SerialNo = new string('A', 40); break;
                case "long nonce": parts.Nonce = new string('a', 33); break;
                case "odd nonce": parts.Nonce = "a-b"; break;
                default: throw new InvalidOperationException(way);
            }
        });

        var answer = await host.Client.SendAsync(request);

        answer.Status.Should().Be(HttpStatusCode.Unauthorized);
        answer.Code.Should().Be("SIGN_ERROR");
        answer.Distrust.Should().Be("headers", "a 401 is not signed");
        var information = answer.Json["detail"]!["sign_information"]!;
        ((string)information["method"]!).Should().Be("GET");
        ((string)information["url"]!).Should().Be(Query);
        ((int)information["sign_message_length"]!).Should().BePositive();
    }

    [Fact]
    public async Task Call_WithoutAuthorization_Is401()
    {
        var host = shared.Host;

        using var answer = await host.Client.Http.GetAsync(new Uri(Query, UriKind.Relative));

        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Placing_BodyChangedAfterSigning_Is401AndNothingIsPlaced()
    {
        var host = shared.Host;
        var request = host.Client.Make(HttpMethod.Post, "/v3/pay/transactions/native", SigningClient.OrderBody().ToJsonString());
        request.Content = new StringContent(SigningClient.OrderBody("ORDER00002").ToJsonString(), Encoding.UTF8, "application/json");

        (await host.Client.SendAsync(request)).Status.Should().Be(HttpStatusCode.Unauthorized);
        host.Ledger.All.Should().BeEmpty();
    }

    [Theory]
    [InlineData(300, HttpStatusCode.NotFound)]
    [InlineData(-300, HttpStatusCode.NotFound)]
    [InlineData(301, HttpStatusCode.Unauthorized)]
    [InlineData(-301, HttpStatusCode.Unauthorized)]
    public async Task Call_ByAWrongClock_IsTakenWithinFiveMinutes(int seconds, HttpStatusCode expected)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_750_000_000));
        await using var host = await SimulatorHost.StartAsync(time);
        var request = host.Client.Make(HttpMethod.Get, Query, "", p => p.Timestamp = $"{1_750_000_000 + seconds}");

        (await host.Client.SendAsync(request)).Status.Should().Be(expected);
    }

    [Fact]
    public async Task OrderNumber_WithEveryCharacterItMayHave_IsSignedAsSent()
    {
        await using var host = await SimulatorHost.StartAsync();
        const string number = "A_b-C|d*9";
        (await host.Client.PlaceAsync(number)).Status.Should().Be(HttpStatusCode.OK);

        foreach (var written in (string[])[number, "A_b-C%7Cd%2A9", "A_b-C%7cd*9"])
        {
            var answer = await host.Client.QueryAsync(written);
            answer.Status.Should().Be(HttpStatusCode.OK, answer.Text);
            ((string)answer.Json["out_trade_no"]!).Should().Be(number);
        }
    }

    [Fact]
    public async Task Answers_ToSignedCalls_AreSigned()
    {
        await using var host = await SimulatorHost.StartAsync();
        Answer[] answers =
        [
            await host.Client.PlaceAsync(), await host.Client.QueryAsync(), await host.Client.CloseAsync(), await host.Client.QueryAsync("UNKNOWN1"),
        ];

        answers.Select(a => (int)a.Status).Should().Equal(200, 200, 204, 404);
        answers.Should().AllSatisfy(a =>
        {
            a.Distrust.Should().BeNull();
            a.Headers["Wechatpay-Signature-Type"].Should().Be("WECHATPAY2-SHA256-RSA2048");
            a.Headers["Request-ID"].Should().MatchRegex("^[0-9A-F]+-[0-9]+$");
        });
        answers[2].Body.Should().BeEmpty();
    }

    [Fact]
    public async Task Merchant_RegisteredAgain_KeepsThePlatformKey()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var key = System.Security.Cryptography.RSA.Create(2048);

        var again = host.Get<WechatMerchants>().Register(SimulatorHost.Registration(key));

        again.Should().Be(host.Registered);
        again.PublicKeyId.Should().MatchRegex("^PUB_KEY_ID_[0-9]{28}$");
    }
}
