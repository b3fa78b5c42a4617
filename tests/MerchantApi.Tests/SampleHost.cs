using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayCore.MerchantApi.Tests.Sample;

namespace PayCore.MerchantApi.Tests;

/// <summary>A real server with the sample service behind the merchant API: REST on one port, gRPC without TLS on another.</summary>
public sealed class SampleHost : IAsyncLifetime
{
    private readonly WebApplication app;

    public SampleHost()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(Log);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton<IMerchantKeys>(Keys);
        builder.Services.AddMerchantApi();
        app = builder.Build();
        app.UseRouting();
        app.UseMerchantApi();
        app.MapGrpcService<SampleServer>().RequireMerchantSignature();
        app.MapGet("/v1/plain", () => "plain");
        app.MapGet("/v1/broken", string () => throw new InvalidOperationException("the password is tiger"));
        app.MapGet("/open", () => "open");
    }

    public TestKeys Keys { get; } = new();

    public LogList Log { get; } = new();

    public Uri Rest { get; private set; } = null!;

    public Uri Grpc { get; private set; } = null!;

    public HttpClient SignedRest(MerchantKeyAlgorithm algorithm = MerchantKeyAlgorithm.Ed25519) =>
        new(Handler(algorithm)) { BaseAddress = Rest };

    public HttpClient UnsignedRest() => new() { BaseAddress = Rest };

    public SampleService.SampleServiceClient SignedGrpc(MerchantKeyAlgorithm algorithm = MerchantKeyAlgorithm.Ed25519) =>
        new(GrpcChannel.ForAddress(Grpc, new GrpcChannelOptions { HttpHandler = Handler(algorithm), DisposeHttpClient = true }));

    public SampleService.SampleServiceClient UnsignedGrpc() => new(GrpcChannel.ForAddress(Grpc));

    public async ValueTask InitializeAsync()
    {
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (Rest, Grpc) = (new Uri(addresses[0]), new Uri(addresses[1]));
    }

    /// <summary>An error that no test asked for fails the run: only what the service throws on purpose may be logged as one.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal))
            .Should().OnlyContain(line => line.Contains("SampleService/Create failed", StringComparison.Ordinal) || line.Contains("/v1/broken failed", StringComparison.Ordinal));
    }

    private SigningHandler Handler(MerchantKeyAlgorithm algorithm) =>
        new(new RequestSigner(Keys.Signing(algorithm), TimeProvider.System, TestKeys.Nonce)) { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false } };

    private sealed class SampleServer : SampleService.SampleServiceBase
    {
        public override Task<SampleReply> Create(CreateRequest request, ServerCallContext context) => request.Fail switch
        {
            "ours" => throw MerchantErrors.Create(
                StatusCode.AlreadyExists, "SAMPLE_EXISTS", "The number is taken.", new Dictionary<string, string> { ["out_trade_no"] = request.OutTradeNo }),
            "fields" => throw MerchantErrors.InvalidFields(new FieldViolation("items[1].name", ErrorReason.FieldFormat, "must be a name")),
            "foreign" => throw new RpcException(new Status(StatusCode.FailedPrecondition, "the password is tiger")),
            "unavailable" => throw new RpcException(new Status(StatusCode.Unavailable, "db-7.internal:3306 refused")),
            "exception" => throw new InvalidOperationException("the password is tiger"),
            _ => Reply(request, context),
        };

        public override Task<SampleReply> Get(GetRequest request, ServerCallContext context) => Reply(request, context);

        public override Task<SampleReply> GetByNumber(GetByNumberRequest request, ServerCallContext context) => Reply(request, context);

        public override Task<SampleReply> PutItem(PutItemRequest request, ServerCallContext context) => Reply(request, context);

        private static Task<SampleReply> Reply(object request, ServerCallContext context)
        {
            var caller = context.GetHttpContext().GetVerifiedCaller();
            return Task.FromResult(new SampleReply { AppId = caller.AppId, KeyId = caller.KeyId, Seen = request.ToString() });
        }
    }
}

/// <summary>Keeps what was logged.</summary>
public sealed class LogList : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyCollection<string> Lines => lines;

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
