using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.NotifyGateway.Tests;

/// <summary>Deliveries from claim to record, over real HTTP, with the clock in the test's hand.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task Delivery_MerchantAnswersSuccess_DeliveredAtTheFirstTryAndNeverTriedAgain()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync();
        var id = host.Database.Add(merchant.Url + "notify?order=1", body: """{"type":"payment.paid","data":{"subject":"茶"}}""");
        await host.LookNowAsync();

        var call = await merchant.NextCallAsync();
        var made = await host.Database.NextTryAsync();

        made.Next.Should().Be(DeliveryState.Delivered);
        made.Try.Number.Should().Be(1);
        made.Try.Cycle.Should().Be(1);
        made.Try.HttpStatus.Should().Be(200);
        made.Try.Result.Should().Be("delivered");
        made.Try.Answer.Should().Be("success");
        call.Path.Should().Be("/notify?order=1");
        call.Body.Should().Equal(host.Database.Row(id).Body.ToByteArray());
        call.Headers["Content-Type"].Should().Be("application/json");
        call.Headers["User-Agent"].Should().Be("PayCore");
        call.Headers.Should().NotContainKeys("Cookie", "traceparent", "Authorization");

        await host.PassAsync(40);
        host.Clock.Advance(TimeSpan.FromDays(2));
        await host.LookNowAsync();
        merchant.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task Delivery_MerchantNeverAcknowledges_ElevenTriesOnScheduleThenDead()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(500, "sorry");
        await using var host = await NotifyHost.StartAsync();
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        var row = host.Database.Row(id);
        var due = row.CreateTime.ToDateTimeOffset();
        int[] pauses = [5, 30, 120, 300, 900, 3600, 7200, 14400, 28800, 43200];

        for (var number = 1; number <= 11; number++)
        {
            var made = await host.Database.NextTryAsync();
            made.Try.Number.Should().Be(number);
            made.Try.Result.Should().Be("http_status");
            made.Try.StartTime.ToDateTimeOffset().Should().Be(due, "try {0} starts when it is due", number);
            if (number == 11)
            {
                made.Next.Should().Be(DeliveryState.Dead);
                break;
            }

            made.Next.Should().Be(DeliveryState.Pending);
            due = made.Due!.Value;
            var pause = due - host.Clock.GetUtcNow();
            pause.TotalSeconds.Should().BeInRange(pauses[number - 1] * 0.9, pauses[number - 1] * 1.1);

            host.Clock.SetUtcNow(due - TimeSpan.FromMilliseconds(1));
            (await host.LookNowAsync()).DeliveryIds.Should().BeEmpty("it is not due for another millisecond");
            host.Clock.SetUtcNow(due);
            (await host.LookNowAsync()).DeliveryIds.Should().Equal(id);
        }

        host.Clock.Advance(TimeSpan.FromDays(3));
        await host.LookNowAsync();
        merchant.Calls.Should().HaveCount(11);
        host.Database.Row(id).State.Should().Be(DeliveryState.Dead);
        host.Database.Row(id).History.Should().HaveCount(11);
        merchant.Calls.Select(c => c.Headers["webhook-id"]).Distinct().Should().Equal(row.EventId);
        merchant.Calls.Select(c => c.Headers["webhook-timestamp"]).Distinct().Should().HaveCount(11);
        merchant.Calls.Should().AllSatisfy(c => Verify(c, NotifyHost.Secret).Should().Equal(true));
    }

    [Fact]
    public async Task Delivery_TwoSecrets_TwoSignaturesEachByOne()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(
            apps: new Dictionary<string, string> { ["app1"] = NotifyHost.App("success", NotifyHost.Secret, NotifyHost.SecondSecret) });
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        var call = await merchant.NextCallAsync();

        Verify(call, NotifyHost.Secret).Should().Equal(true, false);
        Verify(call, NotifyHost.SecondSecret).Should().Equal(false, true);
        call.Headers["webhook-timestamp"].Should().Be(host.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        await host.Database.NextTryAsync();
    }

    [Fact]
    public async Task Delivery_AppIsNotKnown_NothingIsSentAndTheTryFailsOnSchedule()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url, "stranger");
        await host.LookNowAsync();

        var made = await host.Database.NextTryAsync();

        made.Try.Result.Should().Be("no_secret");
        made.Try.HttpStatus.Should().Be(0);
        made.Next.Should().Be(DeliveryState.Pending);
        (made.Due - host.Clock.GetUtcNow()).Should().BeCloseTo(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(0.5));
        merchant.Calls.Should().BeEmpty();
        host.Log.Lines.Should().ContainSingle(l => l.StartsWith("Error: Nothing is sent for app stranger", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"merchant_id":"m1","keys":[]}""")]
    public async Task Delivery_AppWithoutUsableSecret_NothingIsSent(string document)
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(apps: new Dictionary<string, string> { ["app1"] = document });
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Try.Result.Should().Be("no_secret");
        merchant.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Delivery_AppAcknowledgesByStatus_An204IsEnough()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = http =>
        {
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        };
        await using var host = await NotifyHost.StartAsync(apps: new Dictionary<string, string> { ["app1"] = NotifyHost.App("status") });
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);
    }

    [Fact]
    public async Task Delivery_MerchantRedirects_IsNotFollowed()
    {
        await using var other = await MerchantServer.StartAsync();
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(307, "", ("Location", other.Url));
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        var made = await host.Database.NextTryAsync();

        made.Try.Result.Should().Be("redirect");
        made.Try.HttpStatus.Should().Be(307);
        made.Next.Should().Be(DeliveryState.Pending);
        other.Calls.Should().BeEmpty();
        merchant.Calls.Should().ContainSingle();
    }

    [Fact]
    public async Task Delivery_MerchantSetsCookies_TheyAreNotSentBack()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(500, "", ("Set-Cookie", "session=1; Path=/"));
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        var made = await host.Database.NextTryAsync();
        host.Clock.SetUtcNow(made.Due!.Value);
        await host.LookNowAsync();
        await host.Database.NextTryAsync();

        merchant.Calls.Should().HaveCount(2).And.AllSatisfy(c => c.Headers.Should().NotContainKey("Cookie"));
    }

    [Fact]
    public async Task Delivery_MerchantIsGone_DeadAtOnce()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(410);
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        var made = await host.Database.NextTryAsync();

        made.Next.Should().Be(DeliveryState.Dead);
        made.Try.Result.Should().Be("gone");
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "Sun, 22 Nov 2026 08:10:00 GMT", 600)]
    [InlineData(429, "90000", 3600)]
    [InlineData(503, "1", 0)]
    [InlineData(429, "soon", 0)]
    [InlineData(500, "120", 0)]
    public async Task Delivery_MerchantSaysRetryAfter_HonouredFor429And503(int status, string header, int seconds)
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(status, "", ("Retry-After", header));
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        var wait = ((await host.Database.NextTryAsync()).Due - host.Clock.GetUtcNow())!.Value.TotalSeconds;

        if (seconds == 0)
        {
            wait.Should().BeInRange(4.5, 5.5, "the schedule holds");
        }
        else
        {
            wait.Should().Be(seconds);
        }
    }

    [Fact]
    public async Task Delivery_MerchantHangs_TimeoutAfterFifteenSeconds()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.Hang;
        await using var host = await NotifyHost.StartAsync();
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        await merchant.NextCallAsync();

        host.Clock.Advance(TimeSpan.FromSeconds(10));
        (await host.Database.NextRenewalAsync()).DeliveryId.Should().Be(id);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        var made = await host.Database.NextTryAsync();

        made.Try.Result.Should().Be("timeout");
        made.Try.DurationMs.Should().Be(15_000);
        made.Recorded.Should().BeTrue();
    }

    [Fact]
    public async Task Delivery_MerchantStopsInTheMiddleOfItsAnswer_Timeout()
    {
        await using var merchant = await MerchantServer.StartAsync();
        var begun = new TaskCompletionSource();
        merchant.Answer = async http =>
        {
            await http.Response.WriteAsync("succ");
            await http.Response.Body.FlushAsync();
            begun.SetResult();
            await MerchantServer.Hang(http);
        };
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        await begun.Task;

        host.Clock.Advance(TimeSpan.FromSeconds(15));
        var made = await host.Database.NextTryAsync();

        // Whether its beginning had been read by then is a matter of microseconds.
        made.Try.Result.Should().Be("timeout");
        made.Next.Should().Be(DeliveryState.Pending);
    }

    [Fact]
    public async Task Delivery_MerchantBreaksTheConnection_OneCallPerTry()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = http =>
        {
            http.Abort();
            return Task.CompletedTask;
        };
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url);
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Try.Result.Should().Be("broken");
        (await host.Database.NextTryAsync()).Try.Result.Should().Be("broken");
        merchant.Calls.Should().HaveCount(2);
        merchant.Calls.Select(c => c.ConnectionId).Distinct().Should().HaveCount(2, "no connection is used twice");
    }

    [Fact]
    public async Task Delivery_MerchantAnswersWithoutEnd_64KilobytesAreRead()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = async http =>
        {
            var chunk = Encoding.ASCII.GetBytes("success" + new string(' ', 10_000));
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(chunk, http.RequestAborted);
            }
        };
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        var made = await host.Database.NextTryAsync();

        made.Try.Result.Should().Be("answer_too_large");
        made.Try.Answer.Should().HaveLength(200).And.StartWith("success");
    }

    [Fact]
    public async Task Delivery_NobodyListens_Connect()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var closed = listener.LocalEndpoint;
        listener.Stop();
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add($"http://{closed}/");
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Try.Result.Should().Be("connect");
    }

    [Fact]
    public async Task Delivery_AnswerIsNotHttp_Broken()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add($"http://{listener.LocalEndpoint}/");
        await host.LookNowAsync();
        using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await connection.GetStream().WriteAsync("success\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);

        (await host.Database.NextTryAsync()).Try.Result.Should().Be("broken");
    }

    [Fact]
    public async Task Delivery_MerchantKeepsItsConnectionOpen_TheNextTryHasItsOwn()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        await using var host = await NotifyHost.StartAsync();
        var connections = new List<TcpClient>();
        for (var i = 0; i < 2; i++)
        {
            host.Database.Add($"http://{listener.LocalEndpoint}/");
            await host.LookNowAsync();
            connections.Add(await listener.AcceptTcpClientAsync(cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), cancellation));
            await connections[i].GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"u8.ToArray(), cancellation);
            (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);
        }

        connections.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Delivery_CertificateIsNotTrusted_NothingIsSent()
    {
        await using var merchant = await MerchantServer.StartAsync(https: true);
        await using var host = await NotifyHost.StartAsync();
        host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Try.Result.Should().Be("tls");
        merchant.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Delivery_AddressIsLoopback_RefusedWithoutAllowance(string scheme)
    {
        await using var merchant = await MerchantServer.StartAsync(https: scheme == "https");
        await using var host = await NotifyHost.StartAsync(allowLoopback: false);
        host.Database.Add(merchant.Url);
        host.Database.Add(merchant.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        host.Database.Add(merchant.Url.Replace("127.0.0.1", "[::ffff:127.0.0.1]", StringComparison.Ordinal));
        host.Database.Add(merchant.Url.Replace("127.0.0.1", "2130706433", StringComparison.Ordinal));
        await host.LookNowAsync();

        for (var i = 0; i < 4; i++)
        {
            var made = await host.Database.NextTryAsync();
            made.Try.Result.Should().Be("address_refused");
            made.Next.Should().Be(DeliveryState.Pending);
        }

        merchant.Calls.Should().BeEmpty();
    }

    [Fact]
    public async Task Delivery_DatabaseIsAwayWhenTheTryEnds_RecordedWhenItIsBack()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(realClock: true);
        var refused = 0;
        host.Database.Before = rpc =>
        {
            if (rpc == "record" && Interlocked.Increment(ref refused) == 1)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "away"));
            }
        };
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);

        refused.Should().Be(2);
        merchant.Calls.Should().ContainSingle();
        host.Database.Row(id).Tries.Should().Be(1);
    }

    [Fact]
    public async Task Delivery_AnswerToTheRecordIsLost_OneTryIsRecorded()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(realClock: true);
        var lost = 0;
        host.Database.AfterRecord = () =>
        {
            if (Interlocked.Increment(ref lost) == 1)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "lost"));
            }
        };
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Recorded.Should().BeTrue();
        (await host.Database.NextTryAsync()).Recorded.Should().BeFalse();

        host.Database.Row(id).Tries.Should().Be(1);
        merchant.Calls.Should().ContainSingle();
    }

    /// <summary>For each signature, whether it is this secret's: written here once more, from the specification.</summary>
    private static List<bool> Verify(ReceivedCall call, string secret)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(secret["whsec_".Length..]));
        var signed = $"{call.Headers["webhook-id"]}.{call.Headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(call.Body)}";
        var expected = "v1," + Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes(signed)));
        return [.. call.Headers["webhook-signature"].Split(' ').Select(s => s == expected)];
    }
}
