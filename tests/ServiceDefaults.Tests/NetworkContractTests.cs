using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Rpc;
using PayCore.ServiceDefaults.Security;
using PayCore.TestKit;
using Service = PayCore.Contracts.V1.NotifyGateway;

namespace PayCore.ServiceDefaults.Tests;

/// <summary>What a call between roles must be like, over the in-process network and over real HTTP/2 alike.</summary>
public abstract class NetworkContractTests : IAsyncLifetime
{
    private readonly ProbeService _service = new();
    private readonly ProbeStream _stream = new();
    private readonly CapturedLog _log = new();
    private readonly List<InnerServer> _servers = [];
    private readonly TemporaryFolder _folder = new();
    private ServiceProvider? _clientSide;

    private protected abstract Wire Over { get; }

    private Service.NotifyGatewayClient Client => InnerServer.Client(_clientSide!);

    private PayChannel.PayChannelClient Streams => new(_clientSide!.GetRequiredService<ServiceNetwork>().InvokerFor(InnerServer.Role));

    public async ValueTask InitializeAsync()
    {
        var files = Over == Wire.MutualTls ? CertificateOf(InnerServer.Role) : null;
        for (var i = 0; i < (Over == Wire.MutualTls ? 2 : 1); i++)
        {
            _servers.Add(await InnerServer.StartAsync(files, _service, _stream, log: _log));
        }

        var services = new ServiceCollection().AddLogging();
        services.AddServiceDefaults();
        services.AddSingleton(_servers[0].Services.GetRequiredService<InProcessNetwork>());
        services.Configure<SecurityOptions>(o =>
        {
            o.Internal = files is null ? "none" : "mtls";
            files?.Apply(o);
        });
        services.Configure<ServiceNetworkOptions>(o =>
        {
            if (Over != Wire.InProcess)
            {
                o.Addresses[InnerServer.Role] = string.Join(',', _servers.Select(s => s.Address));
                o.Addresses["Nobody"] = $"{_servers[0].Address.Scheme}://127.0.0.1:1";
            }
        });
        _clientSide = services.BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _clientSide!.DisposeAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Call_ThatSucceeds_AnswersAndCopiesBothMessages()
    {
        var request = new WakeRequest { DeliveryIds = { "D1" } };
        _service.OnWake = (received, _) =>
        {
            received.DeliveryIds.Add("added by the handler");
            return Task.FromResult(new WakeResponse());
        };

        await Client.WakeAsync(request);

        request.DeliveryIds.Should().Equal("D1");
    }

    [Fact]
    public async Task Call_Response_IsACopy()
    {
        var kept = new ResendResponse { Delivery = new Delivery { DeliveryId = "D1" } };
        _service.OnResend = (_, _) => Task.FromResult(kept);

        var received = await Client.ResendAsync(new ResendRequest());
        received.Delivery.DeliveryId = "changed by the caller";

        kept.Delivery.DeliveryId.Should().Be("D1");
    }

    [Fact]
    public async Task Call_InATrace_GoesOnInTheServiceWithoutBaggage()
    {
        using var source = new ActivitySource("Test.Caller");
        var ended = new ConcurrentQueue<Activity>();
        using var listener = Listen(ended);
        Activity? served = null;
        var headers = "";
        _service.OnWake = (_, context) =>
        {
            served = Activity.Current;
            headers = string.Join(' ', context.RequestHeaders.Select(h => h.Key));
            return Task.FromResult(new WakeResponse());
        };

        using var caller = source.StartActivity("caller");
        caller!.AddBaggage("whose", "the caller's").TraceStateString = "vendor=1";
        await Client.WakeAsync(new WakeRequest());
        Activity.Current.Should().BeSameAs(caller, "the caller goes on where it was");

        served!.TraceId.Should().Be(caller.TraceId);
        served.DisplayName.Should().Be($"{InnerServer.Role}/Wake");
        served.Kind.Should().Be(Over != Wire.InProcess ? ActivityKind.Server : ActivityKind.Client, "inside one process the call has one activity");
        var call = ended.Single(a => a.Kind == ActivityKind.Client && a.TraceId == caller.TraceId);
        call.ParentSpanId.Should().Be(caller.SpanId);
        if (Over != Wire.InProcess)
        {
            served.ParentSpanId.Should().Be(call.SpanId);
            headers.Should().Contain("traceparent").And.NotContain("tracestate").And.NotContain("baggage").And.NotContain("correlation-context");
        }
    }

    [Fact]
    public async Task Call_InATraceThatFails_ShowsItsStatusAndNoWord()
    {
        using var source = new ActivitySource("Test.Caller");
        var ended = new ConcurrentQueue<Activity>();
        using var listener = Listen(ended);
        _service.OnWake = (_, _) => throw new RpcException(new Status(StatusCode.FailedPrecondition, "not for the token 4711"));
        using var caller = source.StartActivity("caller");

        await FailAsync(() => Client.WakeAsync(new WakeRequest()).ResponseAsync);

        var call = ended.Single(a => a.Kind == ActivityKind.Client && a.TraceId == caller!.TraceId);
        call.Status.Should().Be(ActivityStatusCode.Error);
        call.StatusDescription.Should().Be("FailedPrecondition");
    }

    /// <summary>What the loops of a process ask in the background belongs to no trace, and makes none.</summary>
    [Fact]
    public async Task Call_OutsideAnyTrace_MakesNone()
    {
        var served = "not called";
        using var listener = Listen([]);
        _service.OnWake = (_, _) =>
        {
            served = Activity.Current?.Source.Name ?? "";
            return Task.FromResult(new WakeResponse());
        };

        await Client.WakeAsync(new WakeRequest());

        served.Should().BeEmpty("the server may have an activity of its own, which nobody records");
    }

    private static ActivityListener Listen(ConcurrentQueue<Activity> ended)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name is "Test.Caller" or "PayCore.Rpc",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    [Fact]
    public async Task Call_RefusedWithDetails_CarriesStatusAndTrailers()
    {
        _service.OnWake = (_, _) => throw new RpcException(
            new Status(StatusCode.FailedPrecondition, "not now"), new Metadata { { "grpc-status-details-bin", [1, 2, 3] } });

        var error = await FailAsync(() => Client.WakeAsync(new WakeRequest()).ResponseAsync);

        error.StatusCode.Should().Be(StatusCode.FailedPrecondition);
        error.Status.Detail.Should().Be("not now");
        error.Trailers.GetValueBytes("grpc-status-details-bin").Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task Call_ThatThrows_IsInternalWithoutAWordOfDetail()
    {
        _service.OnWake = (_, _) => throw new InvalidOperationException("secret words");

        var error = await FailAsync(() => Client.WakeAsync(new WakeRequest()).ResponseAsync);

        error.StatusCode.Should().Be(StatusCode.Internal);
        error.Status.Detail.Should().NotContain("secret");
        _log.Errors.Should().ContainSingle(e => e.Contains("secret words"));
    }

    [Fact]
    public async Task Call_BeyondItsDeadline_EndsForTheCallerAndTellsTheHandler()
    {
        await ConnectAsync();
        var told = new TaskCompletionSource();
        _service.OnWake = async (_, context) =>
        {
            context.CancellationToken.Register(told.SetResult);
            await told.Task;
            return new WakeResponse();
        };

        var error = await FailAsync(() => Client.WakeAsync(new WakeRequest(), deadline: DateTime.UtcNow.AddMilliseconds(200)).ResponseAsync);

        error.StatusCode.Should().Be(StatusCode.DeadlineExceeded);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Call_WithoutDeadline_GetsTheDefault()
    {
        DateTime deadline = default;
        _service.OnWake = (_, context) =>
        {
            deadline = context.Deadline;
            return Task.FromResult(new WakeResponse());
        };

        await Client.WakeAsync(new WakeRequest());

        deadline.Should().BeCloseTo(DateTime.UtcNow.AddSeconds(8), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Call_CancelledByItsCaller_EndsAndTellsTheHandler()
    {
        using var cancel = new CancellationTokenSource();
        var told = new TaskCompletionSource();
        _service.OnWake = async (_, context) =>
        {
            context.CancellationToken.Register(told.SetResult);
            await cancel.CancelAsync();
            await told.Task;
            return new WakeResponse();
        };

        var error = await FailAsync(() => Client.WakeAsync(new WakeRequest(), cancellationToken: cancel.Token).ResponseAsync);

        error.StatusCode.Should().Be(StatusCode.Cancelled);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Call_Headers_ArriveAndTrailersComeBack()
    {
        _service.OnWake = (_, context) =>
        {
            context.ResponseTrailers.Add("x-back", context.RequestHeaders.GetValue("x-there")!);
            return Task.FromResult(new WakeResponse());
        };

        using var call = Client.WakeAsync(new WakeRequest(), new Metadata { { "x-there", "and back" } });
        await call;

        call.GetTrailers().GetValue("x-back").Should().Be("and back");
        call.GetStatus().StatusCode.Should().Be(StatusCode.OK);
    }

    [Fact]
    public async Task Call_ToARoleThatDoesNotRun_IsUnavailable()
    {
        var nobody = new Service.NotifyGatewayClient(_clientSide!.GetRequiredService<ServiceNetwork>().InvokerFor("Nobody"));

        var error = await FailAsync(() => nobody.WakeAsync(new WakeRequest()).ResponseAsync);

        error.StatusCode.Should().Be(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Calls_ManyAtOnce_AllArrive()
    {
        var seen = new ConcurrentBag<string>();
        _service.OnWake = async (request, _) =>
        {
            await Task.Yield();
            seen.Add(request.DeliveryIds[0]);
            return new WakeResponse();
        };

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Client.WakeAsync(new WakeRequest { DeliveryIds = { $"{i}" } }).ResponseAsync));

        seen.Should().HaveCount(500).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Stream_ThatSucceeds_GivesCopiesOfEachPartInOrder()
    {
        var request = new DownloadStatementRequest { Day = "2026-11-22" };
        _stream.OnDownload = async (received, parts, _) =>
        {
            received.Day = "changed by the handler";
            var part = new StatementPart();
            for (var i = 0; i < 200; i++)
            {
                // The same object each time: what was written before must not change.
                part.Message = $"{i}";
                await parts.WriteAsync(part);
            }
        };

        using var call = Streams.DownloadStatement(request);
        var messages = await call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken).Select(p => p.Message).ToArrayAsync();

        messages.Should().Equal(Enumerable.Range(0, 200).Select(i => $"{i}"));
        request.Day.Should().Be("2026-11-22");
        call.GetStatus().StatusCode.Should().Be(StatusCode.OK);
        (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).Should().BeFalse("the end stays the end");
    }

    [Fact]
    public async Task Stream_WithoutAPart_EndsWithItsHeadersAndTrailers()
    {
        DateTime deadline = default;
        _stream.OnDownload = (_, _, context) =>
        {
            deadline = context.Deadline;
            context.ResponseTrailers.Add("x-back", context.RequestHeaders.GetValue("x-there")!);
            return Task.CompletedTask;
        };

        using var call = Streams.DownloadStatement(new DownloadStatementRequest(), new Metadata { { "x-there", "and back" } });
        await call.ResponseHeadersAsync;

        (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).Should().BeFalse();
        call.GetTrailers().GetValue("x-back").Should().Be("and back");
        deadline.Should().BeCloseTo(DateTime.UtcNow.AddSeconds(8), TimeSpan.FromSeconds(4), "a stream without a deadline gets the default");
    }

    [Fact]
    public async Task Stream_RefusedAfterAPart_GivesThePartAndThenStatusAndTrailers()
    {
        _stream.OnDownload = async (_, parts, _) =>
        {
            await parts.WriteAsync(new StatementPart { Message = "one" });
            throw new RpcException(new Status(StatusCode.DataLoss, "not whole"), new Metadata { { "grpc-status-details-bin", [1, 2, 3] } });
        };

        using var call = Streams.DownloadStatement(new DownloadStatementRequest());
        (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).Should().BeTrue();
        call.ResponseStream.Current.Message.Should().Be("one");
        var error = await FailAsync(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        (error.StatusCode, error.Status.Detail).Should().Be((StatusCode.DataLoss, "not whole"));
        error.Trailers.GetValueBytes("grpc-status-details-bin").Should().Equal(1, 2, 3);
        call.GetStatus().StatusCode.Should().Be(StatusCode.DataLoss);
    }

    [Fact]
    public async Task Stream_ThatThrows_IsInternalWithoutAWordOfDetail()
    {
        _stream.OnDownload = (_, _, _) => throw new InvalidOperationException("secret words");

        using var call = Streams.DownloadStatement(new DownloadStatementRequest());
        var error = await FailAsync(() => call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));

        error.StatusCode.Should().Be(StatusCode.Internal);
        error.Status.Detail.Should().NotContain("secret");
        _log.Errors.Should().ContainSingle(e => e.Contains("secret words"));
    }

    [Fact]
    public async Task Stream_BeyondItsDeadline_EndsForTheCallerAndTellsTheHandler()
    {
        await ConnectAsync();
        var told = new TaskCompletionSource();
        _stream.OnDownload = async (_, parts, context) =>
        {
            context.CancellationToken.Register(told.SetResult);
            await parts.WriteAsync(new StatementPart());
            await told.Task;
        };

        using var call = Streams.DownloadStatement(new DownloadStatementRequest(), deadline: DateTime.UtcNow.AddMilliseconds(200));
        var error = await FailAsync(() => ReadToTheEndAsync(call));

        error.StatusCode.Should().Be(StatusCode.DeadlineExceeded);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("token of the call")]
    [InlineData("token of the reading")]
    [InlineData("disposal")]
    public async Task Stream_GivenUpByItsCaller_EndsAndTellsTheHandler(string by)
    {
        using var cancelCall = new CancellationTokenSource();
        using var cancelReading = new CancellationTokenSource();
        var told = new TaskCompletionSource();
        var written = new TaskCompletionSource();
        _stream.OnDownload = async (_, parts, context) =>
        {
            context.CancellationToken.Register(told.SetResult);
            await parts.WriteAsync(new StatementPart());
            written.SetResult();
            await told.Task;
        };

        using var call = Streams.DownloadStatement(new DownloadStatementRequest(), cancellationToken: cancelCall.Token);
        (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).Should().BeTrue();
        await written.Task;
        var reading = call.ResponseStream.MoveNext(cancelReading.Token);
        switch (by)
        {
            case "token of the call":
                await cancelCall.CancelAsync();
                break;
            case "token of the reading":
                await cancelReading.CancelAsync();
                break;
            default:
                call.Dispose();
                break;
        }

        (await FailAsync(() => reading)).StatusCode.Should().Be(StatusCode.Cancelled);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Stream_GivenUp_StopsAHandlerThatWrites()
    {
        var stopped = new TaskCompletionSource<Exception>();
        _stream.OnDownload = async (_, parts, context) =>
        {
            try
            {
                while (true)
                {
                    await parts.WriteAsync(new StatementPart { Message = new string('x', 10_000) }, context.CancellationToken);
                }
            }
            catch (Exception e)
            {
                stopped.SetResult(e);
                throw;
            }
        };

        using (var call = Streams.DownloadStatement(new DownloadStatementRequest()))
        {
            (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).Should().BeTrue();
        }

        (await stopped.Task.WaitAsync(TimeSpan.FromSeconds(10))).Should().BeAssignableTo<OperationCanceledException>();
        _log.Errors.Should().BeEmpty("the caller's leaving is no surprise");
    }

    [Fact]
    public async Task Stream_FromARoleThatDoesNotRun_IsUnavailable()
    {
        var nobody = new PayChannel.PayChannelClient(_clientSide!.GetRequiredService<ServiceNetwork>().InvokerFor("Nobody"));

        using var call = nobody.DownloadStatement(new DownloadStatementRequest());

        (await FailAsync(() => ReadToTheEndAsync(call))).StatusCode.Should().Be(StatusCode.Unavailable);
    }

    /// <summary>The first call to an instance makes the connection, which a short deadline leaves no time for.</summary>
    private async Task ConnectAsync()
    {
        var seen = new HashSet<string>();
        _service.OnWake = (_, context) =>
        {
            seen.Add(context.Host);
            return Task.FromResult(new WakeResponse());
        };
        while (seen.Count < _servers.Count)
        {
            await Client.WakeAsync(new WakeRequest());
        }
    }

    private CertificateFiles CertificateOf(string role)
    {
        using var authority = new DevelopmentAuthority(TimeProvider.System, RandomSource.System, TimeSpan.FromDays(1));
        var files = new CertificateFiles(_folder, role);
        files.Write(authority.Issue(role), authority);
        return files;
    }

    private static async Task ReadToTheEndAsync(AsyncServerStreamingCall<StatementPart> call)
    {
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
        }
    }

    private static async Task<RpcException> FailAsync(Func<Task> call) => (await call.Should().ThrowAsync<RpcException>()).Which;

    public sealed class ProbeService : Service.NotifyGatewayBase
    {
        public Func<WakeRequest, ServerCallContext, Task<WakeResponse>> OnWake { get; set; } = (_, _) => Task.FromResult(new WakeResponse());

        public Func<ResendRequest, ServerCallContext, Task<ResendResponse>> OnResend { get; set; } = (_, _) => Task.FromResult(new ResendResponse());

        public override Task<WakeResponse> Wake(WakeRequest request, ServerCallContext context) => OnWake(request, context);

        public override Task<ResendResponse> Resend(ResendRequest request, ServerCallContext context) => OnResend(request, context);
    }

    public sealed class ProbeStream : PayChannel.PayChannelBase
    {
        public Func<DownloadStatementRequest, IServerStreamWriter<StatementPart>, ServerCallContext, Task> OnDownload { get; set; } = (_, _, _) => Task.CompletedTask;

        public override Task DownloadStatement(
            DownloadStatementRequest request, IServerStreamWriter<StatementPart> responseStream, ServerCallContext context) =>
            OnDownload(request, responseStream, context);
    }
}

public sealed class InProcessNetworkTests : NetworkContractTests
{
    private protected override Wire Over => Wire.InProcess;
}

public sealed class Http2NetworkTests : NetworkContractTests
{
    private protected override Wire Over => Wire.Http2;
}

/// <summary>The production shape: certificates, and two instances behind one name.</summary>
public sealed class MutualTlsNetworkTests : NetworkContractTests
{
    private protected override Wire Over => Wire.MutualTls;
}

internal enum Wire
{
    InProcess,
    Http2,
    MutualTls,
}

internal sealed class CapturedLog : ILoggerProvider
{
    public ConcurrentBag<string> Errors { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private sealed class Logger(CapturedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                log.Errors.Add($"{formatter(state, exception)} {exception}");
            }
        }
    }
}
