using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;
using PayCore.ServiceDefaults.Rpc;
using Service = PayCore.Contracts.V1.NotifyGateway;

namespace PayCore.ServiceDefaults.Tests;

/// <summary>What a call between roles must be like, over the in-process network and over real HTTP/2 alike.</summary>
public abstract class NetworkContractTests : IAsyncLifetime
{
    private const string Role = "Probe";

    private readonly ProbeService _service = new();
    private readonly ProbeStream _stream = new();
    private readonly CapturedLog _log = new();
    private WebApplication? _server;
    private ServiceProvider? _clientSide;

    protected abstract bool OverHttp { get; }

    private Service.NotifyGatewayClient Client =>
        new(_clientSide!.GetRequiredService<ServiceNetwork>().InvokerFor(Role));

    private PayChannel.PayChannelClient Streams => new(_clientSide!.GetRequiredService<ServiceNetwork>().InvokerFor(Role));

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => connection =>
            {
                connection.Features.Set(new PortFeature(PortKind.Inner, Role));
                return next(connection);
            });
        }));
        builder.Services.AddServiceDefaults();
        builder.Services.AddSingleton(_service);
        builder.Services.AddSingleton(_stream);
        _server = builder.Build();
        var map = new RoleMap(Role, _server, _server.Services.GetRequiredService<InProcessNetwork>(), innerPorts: true, []);
        map.Inner<ProbeService>(Service.BindService);
        map.Inner<ProbeStream>(PayChannel.BindService);
        await _server.StartAsync();

        var services = new ServiceCollection().AddLogging();
        services.AddServiceDefaults();
        services.AddSingleton(_server.Services.GetRequiredService<InProcessNetwork>());
        services.AddOptions<ServiceNetworkOptions>().Configure(o =>
        {
            if (OverHttp)
            {
                o.Addresses[Role] = _server.Urls.Single();
                o.Addresses["Nobody"] = "http://127.0.0.1:1";
            }
        });
        _clientSide = services.BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _clientSide!.DisposeAsync();
        await _server!.DisposeAsync();
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
        // The first call makes the connection, which the deadline below leaves no time for.
        await Client.WakeAsync(new WakeRequest());
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
        await Client.WakeAsync(new WakeRequest());
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
    protected override bool OverHttp => false;
}

public sealed class Http2NetworkTests : NetworkContractTests
{
    protected override bool OverHttp => true;
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
