using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PayCore.Contracts.V1;
using PayCore.NotifyGateway.Queue;
using PayCore.OutboundAddresses;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;

namespace PayCore.NotifyGateway.Tests;

/// <summary>Who is tried when: waking, sweeping, leases, isolation of endpoints, probing, stopping.</summary>
public sealed class WorkerTests
{
    [Fact]
    public async Task Sweep_TheQueueLostTheWakeUp_TriedWithinASecond()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync();
        await host.Database.ClaimServedNowAsync();
        host.Database.Add(merchant.Url);

        host.Clock.Advance(TimeSpan.FromSeconds(1));

        (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);
    }

    [Fact]
    public async Task Wake_DeliveryIsDue_TriedWithoutTheClockMoving()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync();
        await host.Database.ClaimServedNowAsync();
        var id = host.Database.Add(merchant.Url);

        await host.WakeAsync(id);

        (await host.Database.NextTryAsync()).DeliveryId.Should().Be(id);
    }

    [Fact]
    public async Task Start_DeliveriesAreDueFromBefore_TriedAtOnce()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(start: false);
        host.Database.Add(merchant.Url);

        await host.StartAsync();

        (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);
    }

    [Fact]
    public async Task Queue_Broken_TheSweepWorks()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(services: s => s.AddSingleton<IWakeQueue, BrokenQueue>());
        await host.Database.ClaimServedNowAsync();
        host.Database.Add(merchant.Url);

        host.Clock.Advance(TimeSpan.FromSeconds(1));

        (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);
    }

    [Fact]
    public async Task Queue_Full_DropsWithoutBlocking()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var queue = new InProcessWakeQueue(Microsoft.Extensions.Options.Options.Create(new NotifyOptions { QueueMax = 3 }));

        await queue.PublishAsync(["1", "2"], cancellation);
        await queue.PublishAsync(["3", "4", "5"], cancellation);

        (await queue.ReadAsync(cancellation)).Should().Equal("1", "2", "3");
    }

    [Fact]
    public async Task Database_AwayForAWhile_TriedWhenItIsBack()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync();
        await host.Database.ClaimServedNowAsync();
        var asked = new SemaphoreSlim(0);
        host.Database.Before = _ =>
        {
            asked.Release();
            throw new RpcException(new Status(StatusCode.Unavailable, "away"));
        };
        host.Database.Add(merchant.Url);
        for (var i = 0; i < 3; i++)
        {
            host.Clock.Advance(TimeSpan.FromSeconds(1));
            await asked.WaitAsync(TestContext.Current.CancellationToken);
        }

        host.Database.Before = static _ => { };
        await host.PassUntilAsync(() => !host.Database.Offered.IsEmpty);

        host.Database.Offered.Single().Next.Should().Be(DeliveryState.Delivered);
        host.Log.Lines.Count(l => l.StartsWith("Warning: Due deliveries could not be taken", StringComparison.Ordinal)).Should().Be(1);
    }

    [Fact]
    public async Task Lease_TakenOverDuringTheTry_NothingIsWritten()
    {
        await using var merchant = await MerchantServer.StartAsync();
        var answer = new TaskCompletionSource();
        merchant.Answer = async http =>
        {
            await answer.Task;
            await http.Response.WriteAsync("success");
        };
        await using var host = await NotifyHost.StartAsync();
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        await merchant.NextCallAsync();

        host.Database.TakeOver(id);
        var before = host.Database.Row(id);
        answer.SetResult();
        var made = await host.Database.NextTryAsync();

        made.Recorded.Should().BeFalse();
        host.Database.Row(id).Should().Be(before);
    }

    [Fact]
    public async Task Lease_RenewalIsRefused_TheTryIsLeftWithoutARecord()
    {
        await using var merchant = await MerchantServer.StartAsync();
        var gone = new TaskCompletionSource();
        merchant.Answer = async http =>
        {
            await MerchantServer.Hang(http);
            gone.SetResult();
        };
        await using var host = await NotifyHost.StartAsync();
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        await merchant.NextCallAsync();

        host.Database.TakeOver(id);
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        await host.Database.NextRenewalAsync();
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        await host.LookNowAsync();

        host.Database.Offered.Should().BeEmpty();
    }

    [Fact]
    public async Task Resend_DeadDelivery_ANewCycleWithTheSameEvent()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(410);
        await using var host = await NotifyHost.StartAsync();
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Dead);
        merchant.Answer = MerchantServer.With(200, "success");

        var reopened = await host.ResendAsync(id);
        var made = await host.Database.NextTryAsync();

        reopened.Cycle.Should().Be(2);
        reopened.State.Should().Be(DeliveryState.Pending);
        made.Try.Cycle.Should().Be(2);
        made.Try.Number.Should().Be(1);
        made.Next.Should().Be(DeliveryState.Delivered);
        merchant.Calls.Select(c => c.Headers["webhook-id"]).Distinct().Should().ContainSingle();
        merchant.Calls.Select(c => Convert.ToBase64String(c.Body)).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task Resend_UnknownDelivery_NotFound()
    {
        await using var host = await NotifyHost.StartAsync();

        var resend = async () => await host.ResendAsync("D00");

        (await resend.Should().ThrowAsync<RpcException>()).Which.StatusCode.Should().Be(StatusCode.NotFound);
    }

    [Theory]
    [InlineData("", DeliveryState.Unspecified, 0, "state")]
    [InlineData("P01", DeliveryState.Unspecified, 201, "limit")]
    [InlineData("P01", DeliveryState.Unspecified, -1, "limit")]
    public async Task ListDeliveries_FieldIsWrong_InvalidArgumentNamesIt(string orderId, DeliveryState state, int limit, string field)
    {
        await using var host = await NotifyHost.StartAsync();

        var list = async () => await host.ListAsync(new ListDeliveriesRequest { OrderId = orderId, State = state, Limit = limit });

        var thrown = (await list.Should().ThrowAsync<RpcException>()).Which;
        thrown.StatusCode.Should().Be(StatusCode.InvalidArgument);
        thrown.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>().FieldViolations.Single().Field.Should().Be(field);
    }

    [Fact]
    public async Task ListDeliveries_DeadOnes_PageByPageWithTheirTries()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(410, "gone\nfor good");
        await using var host = await NotifyHost.StartAsync();
        var ids = Enumerable.Range(0, 3).Select(_ => host.Database.Add(merchant.Url)).ToList();
        await host.LookNowAsync();
        for (var i = 0; i < 3; i++)
        {
            await host.Database.NextTryAsync();
        }

        var first = await host.ListAsync(new ListDeliveriesRequest { State = DeliveryState.Dead, Limit = 2 });
        var second = await host.ListAsync(
            new ListDeliveriesRequest { State = DeliveryState.Dead, Limit = 2, AfterDeliveryId = first[^1].DeliveryId });

        first.Concat(second).Select(d => d.DeliveryId).Should().Equal(ids);
        first[0].History.Single().Answer.Should().Be("gonefor good");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Isolation_OneEndpointHangsOnHundreds_OthersGetTheirFirstTryAtOnce(bool ownAddressEach)
    {
        await using var hanging = await MerchantServer.StartAsync();
        hanging.Answer = MerchantServer.Hang;
        await using var quick = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(realClock: true);
        for (var i = 0; i < 600; i++)
        {
            host.Database.Add(hanging.Url + (ownAddressEach ? $"?order={i}" : ""));
        }

        await host.LookNowAsync();
        await hanging.NextCallAsync();
        for (var i = 0; i < 50; i++)
        {
            host.Database.Add(quick.Url + $"?order={i}");
        }

        var clock = Stopwatch.StartNew();
        await host.WakeAsync();
        for (var i = 0; i < 50; i++)
        {
            (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);
        }

        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(2));
        quick.Calls.Should().HaveCount(50);
        hanging.AtOnceMax.Should().BeLessThanOrEqualTo(8);
    }

    [Fact]
    public async Task Isolation_ClaimsFullOfAHangingEndpoint_TheNextOnesFollowWithoutASweep()
    {
        await using var hanging = await MerchantServer.StartAsync();
        hanging.Answer = MerchantServer.Hang;
        await using var quick = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(start: false);
        for (var i = 0; i < 1000; i++)
        {
            host.Database.Add(hanging.Url + $"?order={i}");
        }

        var last = host.Database.Add(quick.Url);

        await host.StartAsync();

        (await host.Database.NextTryAsync()).DeliveryId.Should().Be(last);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public async Task Endpoint_APlaceBecomesFree_TheNextDeliveryFollowsWithoutASweep(int waitMaxSeconds)
    {
        await using var merchant = await MerchantServer.StartAsync();
        using var mayAnswer = new SemaphoreSlim(0);
        merchant.Answer = async http =>
        {
            await mayAnswer.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("success");
        };
        await using var host = await NotifyHost.StartAsync(o => o.WaitMax = TimeSpan.FromSeconds(waitMaxSeconds));
        for (var i = 0; i < 8; i++)
        {
            host.Database.Add(merchant.Url);
        }

        await host.LookNowAsync();
        for (var i = 0; i < 8; i++)
        {
            await merchant.NextCallAsync();
        }

        var ninth = host.Database.Add(merchant.Url);
        while (!(await host.LookNowAsync()).DeliveryIds.Contains(ninth))
        {
            // A claim from before.
        }

        // It waits in the process, or else in its endpoint's line.
        await host.LookNowAsync();
        mayAnswer.Release();
        await host.Database.NextTryAsync();

        await merchant.NextCallAsync();
        mayAnswer.Release(8);
    }

    [Fact]
    public async Task Isolation_QuickEndpointWithManyDeliveries_EightAtOnceAndAllOfThem()
    {
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync(realClock: true, start: false);
        for (var i = 0; i < 400; i++)
        {
            host.Database.Add(merchant.Url + $"?order={i}");
        }

        await host.StartAsync();
        for (var i = 0; i < 400; i++)
        {
            (await host.Database.NextTryAsync()).Next.Should().Be(DeliveryState.Delivered);
        }

        merchant.AtOnceMax.Should().BeLessThanOrEqualTo(8);
        merchant.Calls.Select(c => c.Headers["webhook-id"]).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Endpoint_FailsAHundredTimes_OneProbeAMinuteUntilItAnswers()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(500);
        await using var host = await NotifyHost.StartAsync();
        for (var i = 0; i < 110; i++)
        {
            host.Database.Add(merchant.Url);
        }

        await host.PassUntilAsync(() => host.Database.Offered.Count >= 100);

        // What was under way at the hundredth failure has ended; now it is quiet for a minute, although all of them are due.
        var before = merchant.Calls.Count;
        before.Should().BeInRange(100, 107);
        await host.PassAsync(55);
        merchant.Calls.Should().HaveCount(before);
        host.Database.Rows().Should().OnlyContain(r => r.DueTime.ToDateTimeOffset() > host.Clock.GetUtcNow(), "what waits for its turn is in nobody's way");
        await host.PassUntilAsync(() => merchant.Calls.Count > before);
        await host.PassAsync(50);
        merchant.Calls.Should().HaveCount(before + 1, "one probe a minute");
        await host.PassUntilAsync(() => merchant.Calls.Count > before + 1);
        await host.PassAsync(50);
        merchant.Calls.Should().HaveCount(before + 2, "one probe a minute");

        merchant.Answer = MerchantServer.With(200, "success");
        await host.PassUntilAsync(() => host.Database.Rows().All(r => r.State == DeliveryState.Delivered));

        host.Log.Lines.Count(l => l.StartsWith("Warning: Endpoint", StringComparison.Ordinal) && l.Contains("failed 5 times", StringComparison.Ordinal)).Should().Be(1);
        host.Log.Lines.Count(l => l.StartsWith("Error: Endpoint", StringComparison.Ordinal) && l.Contains("failed 100 times", StringComparison.Ordinal)).Should().Be(1);
        host.Log.Lines.Should().Contain(l => l.Contains("acknowledges again", StringComparison.Ordinal));
    }

    /// <summary>What a dead merchant costs: each of its deliveries is taken once, and then one a minute, and its next try. None stays due.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Isolation_BacklogOfADeadEndpoint_IsTakenOnceAndThenOneAMinute(bool ownAddressEach)
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(500);
        await using var host = await NotifyHost.StartAsync(o => o.ProbeAfterFailures = 20);
        for (var i = 0; i < 2_000; i++)
        {
            host.Database.Add(merchant.Url + (ownAddressEach ? $"?order={i}" : ""));
        }

        await host.PassUntilAsync(() => host.Database.Offered.Count >= 20);
        await host.PassAsync(120);
        // On a busy machine tries seem to take their time, and what was lined up before the endpoint was known to be dead has its turns at their pace: each of these is taken once more.
        await host.PassUntilAsync(() => host.Database.Rows().Count(r => r.DueTime.ToDateTimeOffset() <= host.Clock.GetUtcNow().AddSeconds(610)) <= 10);
        var (taken, tried) = (Taken(), host.Database.Offered.Count);
        await host.PassAsync(610);

        // One whose probe is not quite over when the next one's turn comes, on a busy machine, costs that turn.
        (host.Database.Offered.Count - tried).Should().BeInRange(8, 10, "one probe a minute");
        (Taken() - taken).Should().BeLessThanOrEqualTo(20, "each probe was taken once, and once more when its pause was over");
        host.Database.Rows().Should().OnlyContain(r => r.DueTime.ToDateTimeOffset() > host.Clock.GetUtcNow());

        int Taken() => host.Database.Served.Sum(claim => claim.DeliveryIds.Count);
    }

    [Fact]
    public async Task Endpoint_AnswersAgain_ItsLineGoesOutAtOnceAndEachOnce()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(500);
        await using var host = await NotifyHost.StartAsync(o => o.ProbeAfterFailures = 20);
        for (var i = 0; i < 1_000; i++)
        {
            host.Database.Add(merchant.Url + $"?order={i}");
        }

        await host.PassUntilAsync(() => host.Database.Offered.Count >= 20);
        await host.PassAsync(120);
        merchant.Answer = MerchantServer.With(200, "success");
        merchant.Calls.Clear();

        await host.PassUntilAsync(() => host.Database.Offered.Any(o => o.Next == DeliveryState.Delivered));
        await DeliveredAsync(host, 1_000);

        merchant.Calls.Select(c => c.Headers["webhook-id"]).Should().HaveCount(1_000).And.OnlyHaveUniqueItems();
        merchant.AtOnceMax.Should().BeLessThanOrEqualTo(8);
    }

    /// <summary>A process that knows nothing of the endpoint, as after a restart: the first whose turn comes shows that there is a line.</summary>
    [Fact]
    public async Task Endpoint_AnswersAgainToANewProcess_ItsLineGoesOut()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(500);
        await using var host = await NotifyHost.StartAsync(o => o.ProbeAfterFailures = 20);
        for (var i = 0; i < 300; i++)
        {
            host.Database.Add(merchant.Url);
        }

        await host.PassUntilAsync(() => host.Database.Offered.Count >= 20);
        await host.PassAsync(30);
        await host.StopAsync();
        merchant.Answer = MerchantServer.With(200, "success");
        await using var next = await NotifyHost.StartAsync(database: host.Database, clock: host.Clock);

        await next.PassUntilAsync(() => host.Database.Offered.Any(o => o.Next == DeliveryState.Delivered));
        await DeliveredAsync(next, 300);
    }

    [Fact]
    public async Task Endpoint_TwoInstancesAndALine_EachIsAcknowledgedOnce()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(500);
        void Impatient(NotifyOptions o) => (o.ProbeAfterFailures, o.ProbeEvery, o.SweepEvery, o.ScheduleScale) = (20, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.1), 0.001);
        await using var one = await NotifyHost.StartAsync(Impatient, realClock: true);
        await using var two = await NotifyHost.StartAsync(Impatient, realClock: true, database: one.Database);
        for (var i = 0; i < 500; i++)
        {
            one.Database.Add(merchant.Url + $"?order={i}");
        }

        // Both may only probe then.
        for (var failed = 0; failed < 40; failed++)
        {
            await one.Database.NextTryAsync();
        }

        merchant.Answer = MerchantServer.With(200, "success");
        await DeliveredAsync(one, 500);

        one.Database.Offered.Should().OnlyContain(o => o.Recorded);
        one.Database.Rows().Should().OnlyContain(r => r.State == DeliveryState.Delivered);
    }

    /// <summary>Whether it was given up, or waits for its turn behind a thousand others.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resend_TheEndpointIsProbedAndHasALine_TriedAtOnce(bool waitsInTheLine)
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = http => MerchantServer.With(http.Request.QueryString.Value == "?gone" ? 410 : 500)(http);
        await using var host = await NotifyHost.StartAsync(o => o.ProbeAfterFailures = 20);
        var gone = host.Database.Add(merchant.Url + "?gone");
        for (var i = 0; i < 1_000; i++)
        {
            host.Database.Add(merchant.Url);
        }

        var last = host.Database.Add(merchant.Url);
        await host.PassUntilAsync(() => host.Database.Offered.Count >= 20);
        await host.PassAsync(20);
        host.Database.Row(last).WaitsFor.Should().StartWith("http://127.0.0.1:");
        var tried = host.Database.Offered.Count;
        var id = waitsInTheLine ? last : gone;

        (await host.ResendAsync(id)).Cycle.Should().Be(2);
        while ((await host.Database.NextTryAsync()).DeliveryId != id || host.Database.Offered.Count == tried)
        {
            // Those from before.
        }

        host.Database.Offered.Skip(tried).Select(o => o.DeliveryId).Should().Equal(id);
    }

    [Fact]
    public async Task Stop_TryUnderWay_EndsAndIsRecorded()
    {
        await using var merchant = await MerchantServer.StartAsync();
        var answer = new TaskCompletionSource();
        merchant.Answer = async http =>
        {
            await answer.Task;
            await http.Response.WriteAsync("success");
        };
        await using var host = await NotifyHost.StartAsync();
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        await merchant.NextCallAsync();

        var stopping = host.StopAsync();
        host.Database.Add(merchant.Url);
        answer.SetResult();
        await stopping;

        host.Database.Row(id).State.Should().Be(DeliveryState.Delivered);
        merchant.Calls.Should().ContainSingle("nothing is claimed any more");
    }

    [Fact]
    public async Task Stop_TryDoesNotEnd_LeftToItsLeaseAndTriedAgainBySomebodyElse()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.Hang;
        await using var host = await NotifyHost.StartAsync(o => o.StopTimeout = TimeSpan.Zero);
        var id = host.Database.Add(merchant.Url);
        await host.LookNowAsync();
        var first = await merchant.NextCallAsync();

        await host.StopAsync();

        host.Database.Offered.Should().BeEmpty();
        var row = host.Database.Row(id);
        row.State.Should().Be(DeliveryState.Leased);
        row.DueTime.ToDateTimeOffset().Should().Be(host.Clock.GetUtcNow().AddSeconds(30));
        first.Headers["webhook-id"].Should().Be(row.EventId, "whoever tries again sends the same event id");
    }

    [Fact]
    public async Task Stop_DeliveriesWaitForAPlace_GivenBackAtOnce()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.Hang;
        await using var host = await NotifyHost.StartAsync(o => o.StopTimeout = TimeSpan.Zero, start: false);
        for (var i = 0; i < 20; i++)
        {
            host.Database.Add(merchant.Url);
        }

        await host.StartAsync();
        for (var i = 0; i < 8; i++)
        {
            await merchant.NextCallAsync();
        }

        await host.StopAsync();

        var now = host.Clock.GetUtcNow();
        host.Database.Rows().Count(r => r.DueTime.ToDateTimeOffset() == now).Should().Be(12);
        host.Database.Rows().Count(r => r.DueTime.ToDateTimeOffset() > now).Should().Be(8);
    }

    [Fact]
    public async Task Connect_DnsDoesNotAnswer_ConnectFailureAfterThreeSeconds()
    {
        var resolver = new HangingResolver();
        await using var host = await NotifyHost.StartAsync(services: s => s.AddSingleton<IHostResolver>(resolver));
        host.Database.Add("https://merchant.example/notify");
        await host.LookNowAsync();
        await resolver.Asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        host.Clock.Advance(TimeSpan.FromSeconds(3));
        var made = await host.Database.NextTryAsync();

        made.Try.Result.Should().Be("connect");
        made.Try.DurationMs.Should().Be(3_000);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("fd00:ec2::254")]
    [InlineData("64:ff9b::7f00:1")]
    public async Task Connect_PublicNameResolvesToAPrivateAddress_Refused(string address)
    {
        await using var host = await NotifyHost.StartAsync(
            allowLoopback: false, services: s => s.AddSingleton<IHostResolver>(new FixedResolver("8.8.8.8", address)));
        host.Database.Add("https://merchant.example/notify");
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Try.Result.Should().Be("address_refused");
    }

    [Fact]
    public async Task Connect_NameCannotBeResolved_Dns()
    {
        await using var host = await NotifyHost.StartAsync(services: s => s.AddSingleton<IHostResolver>(new FixedResolver()));
        host.Database.Add("https://merchant.example/notify");
        await host.LookNowAsync();

        (await host.Database.NextTryAsync()).Try.Result.Should().Be("dns");
    }

    [Fact]
    public async Task Telemetry_OneTry_CountedByResultWithOneActivity()
    {
        var measured = new System.Collections.Concurrent.ConcurrentQueue<(string Name, double Value, string? Result)>();
        var activities = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        await using var merchant = await MerchantServer.StartAsync();
        await using var host = await NotifyHost.StartAsync();
        await host.Database.ClaimServedNowAsync();
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, it) =>
            {
                if (instrument.Meter.Name == "PayCore.NotifyGateway" && instrument.Meter.Scope == meters)
                {
                    it.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => measured.Enqueue((i.Name, value, tags.Length > 0 ? (string?)tags[0].Value : null)));
        listener.SetMeasurementEventCallback<double>((i, value, _, _) => measured.Enqueue((i.Name, value, null)));
        listener.Start();
        var id = host.Database.Add(merchant.Url);
        using var traces = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "PayCore.NotifyGateway",
            Sample = static (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if ((string?)activity.GetTagItem("paycore.event_id") == host.Database.Row(id).EventId)
                {
                    activities.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(traces);

        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await host.Database.NextTryAsync();
        await host.StopAsync();

        measured.Should().Contain(("paycore_notify_tries", 1, "delivered"));
        measured.Should().Contain(("paycore_notify_delay", 1, null));
        measured.Where(m => m.Name == "paycore_notify_in_flight").Select(m => m.Value).Should().Equal(1, -1);
        activities.Should().Contain(a => a.OperationName == "notify.try" && (string?)a.GetTagItem("paycore.result") == "delivered");
    }

    [Fact]
    public async Task Options_RenewalSlowerThanTheLease_StopTheStart()
    {
        var start = async () => await NotifyHost.StartAsync(o => o.RenewEvery = TimeSpan.FromSeconds(20));

        await start.Should().ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>().WithMessage("*RenewEvery*");
    }

    [Fact]
    public async Task Options_OutOfRange_StopTheStart()
    {
        var start = async () => await NotifyHost.StartAsync(o => o.ScheduleScale = 2);

        await start.Should().ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>().WithMessage("*ScheduleScale*");
    }

    [Fact]
    public async Task Schedule_ScaledForADemonstration_ElevenTriesInSeconds()
    {
        await using var merchant = await MerchantServer.StartAsync();
        merchant.Answer = MerchantServer.With(500);
        await using var host = await NotifyHost.StartAsync(o => o.ScheduleScale = 0.0001);
        var id = host.Database.Add(merchant.Url);

        await host.LookNowAsync();
        for (var made = await host.Database.NextTryAsync(); made.Next == DeliveryState.Pending; made = await host.Database.NextTryAsync())
        {
            host.Clock.SetUtcNow(made.Due!.Value);
            await host.LookNowAsync();
        }

        (host.Clock.GetUtcNow() - host.Database.Row(id).CreateTime.ToDateTimeOffset()).Should().BeCloseTo(TimeSpan.FromSeconds(9.9), TimeSpan.FromSeconds(1));
        merchant.Calls.Should().HaveCount(11);
    }

    /// <summary>Waits until so many are delivered; a clock that a test moves stands still meanwhile.</summary>
    private static async Task DeliveredAsync(NotifyHost host, int count)
    {
        for (var delivered = 0; delivered < count;)
        {
            delivered += (await host.Database.NextTryAsync()).Next == DeliveryState.Delivered ? 1 : 0;
        }
    }

    private sealed class BrokenQueue : IWakeQueue
    {
        public ValueTask PublishAsync(IReadOnlyCollection<string> deliveryIds, CancellationToken cancellation) => throw new IOException("broken");

        public ValueTask<IReadOnlyList<string>> ReadAsync(CancellationToken cancellation) => throw new IOException("broken");
    }

    private sealed class HangingResolver : IHostResolver
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation)
        {
            Asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
            return [];
        }
    }

    private sealed class FixedResolver(params string[] addresses) : IHostResolver
    {
        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<IPAddress>>([.. addresses.Select(IPAddress.Parse)]);
    }
}
