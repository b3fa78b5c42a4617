using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;

namespace PayCore.Configuration.Etcd;

/// <summary>
/// Calls etcd: one member at a time, and the next when that one fails. What reads is tried on every member; what writes is sent once, since after a lost answer
/// nobody knows whether it was made. Nothing waits without a limit.
/// </summary>
internal sealed class EtcdClient : IDisposable
{
    /// <summary>Of a call, and of making a connection for it.</summary>
    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(5);

    /// <summary>The client would wait up to two minutes before it connects again, and refuse calls meanwhile.</summary>
    private static readonly TimeSpan _connectAgainAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>A member that vanished without a word is noticed by pings; etcd allows one every 5 s.</summary>
    private static readonly TimeSpan _pingEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _pingLimit = TimeSpan.FromSeconds(5);

    private const int AnswerBytesMax = 64 * 1024 * 1024;

    private readonly EtcdOptions _options;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<GrpcChannel> _members;
    private volatile string? _token;
    private int _at;

    /// <summary>Connects to nobody yet.</summary>
    /// <exception cref="InvalidOperationException">A setting is wrong; says which.</exception>
    public EtcdClient(EtcdOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        var addresses = options.Endpoints.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (addresses.Length == 0 || !addresses.All(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "" }))
        {
            throw new InvalidOperationException("Config:Etcd:Endpoints: names http or https addresses with commas between, such as https://etcd-0:2379.");
        }

        if ((options.CertFile is null) != (options.KeyFile is null))
        {
            throw new InvalidOperationException("Config:Etcd:CertFile and Config:Etcd:KeyFile: one needs the other.");
        }

        if (options.CaFile is not null)
        {
            ReadFile("Config:Etcd:CaFile", ReadAuthorities);
        }

        if (options.KeyFile is not null)
        {
            ReadFile("Config:Etcd:CertFile, Config:Etcd:KeyFile", ReadOwnCertificate).Dispose();
        }

        _members = [.. addresses.Select(Connect)];
    }

    /// <summary>Makes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="isRepeatable">Whether it may be made again on another member after a failure.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ConfigUnavailableException">No member gave an answer.</exception>
    public Task<TReply> CallAsync<TReply>(Func<CallInvoker, CallOptions, AsyncUnaryCall<TReply>> call, bool isRepeatable, CancellationToken cancellation) => OnAMemberAsync(
        async (member, headers) =>
        {
            using var limit = new CancellationTokenSource(_callLimit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            return await call(member, new CallOptions(headers, cancellationToken: either.Token));
        },
        isRepeatable,
        cancellation);

    /// <summary>Completes with the first change in a range from a revision on, or when changes after that revision were forgotten. When a member fails, the next goes on from there.</summary>
    public Task WatchAsync(WatchCreateRequest range, CancellationToken cancellation) => OnAMemberAsync(
        async (member, headers) =>
        {
            // A member that is cut off from the others ends the watch instead of keeping silent.
            headers.Add("hasleader", "true");
            using var call = new Watch.WatchClient(member).Watch(headers, cancellationToken: cancellation);
            using (var limit = new CancellationTokenSource(_callLimit, _time))
            await using (limit.Token.Register(call.Dispose))
            {
                try
                {
                    await call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = range }, cancellation);
                }
                catch (Exception e) when (e is IOException or InvalidOperationException and not ObjectDisposedException)
                {
                    // The connection broke in the midst of it: the call has ended, and the next line says how.
                }

                await NextAsync(call.ResponseStream, cancellation);
            }

            while (call.ResponseStream.Current is { Events.Count: 0, CompactRevision: 0, Canceled: var isEnded, CancelReason: var reason })
            {
                if (isEnded)
                {
                    throw new RpcException(new Status(StatusCode.Unavailable, $"the watch was ended: {reason}"));
                }

                await NextAsync(call.ResponseStream, cancellation);
            }

            return true;
        },
        isRepeatable: true,
        cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var member in _members)
        {
            member.Dispose();
        }
    }

    private async Task<TReply> OnAMemberAsync<TReply>(Func<CallInvoker, Metadata, Task<TReply>> call, bool isRepeatable, CancellationToken cancellation)
    {
        var isTokenNew = false;
        for (var tries = 1; ;)
        {
            var at = Volatile.Read(ref _at);
            try
            {
                var member = _members[at].CreateCallInvoker();
                isTokenNew |= _token is null;
                return await call(member, await HeadersAsync(member, cancellation));
            }
            catch (Exception e) when (cancellation.IsCancellationRequested && e is RpcException or ObjectDisposedException)
            {
                // A call that is given up in the midst of its writing ends in words of its own.
                throw new OperationCanceledException(e.Message, e, cancellation);
            }
            catch (RpcException e) when (IsTokenRefused(e) && !isTokenNew)
            {
                // It ended or the server started anew. A refused call had no effect, so this one goes again.
                _token = null;
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested && e is RpcException or OperationCanceledException or ObjectDisposedException)
            {
                _token = null;
                Interlocked.CompareExchange(ref _at, (at + 1) % _members.Count, at);
                if (!isRepeatable || ++tries > _members.Count)
                {
                    throw new ConfigUnavailableException($"etcd at {_options.Endpoints} does not serve: {ReasonOf(e).TrimEnd('.')}.", e);
                }
            }
        }
    }

    private static string ReasonOf(Exception e) => e switch
    {
        RpcException { Status: { Detail: var detail, DebugException: { } cause } } => $"{detail.TrimEnd('.')}: {cause.GetBaseException().Message}",
        RpcException { Status.Detail: var detail } => detail,
        _ => $"no answer within {_callLimit.TotalSeconds:0} s",
    };

    private async Task<Metadata> HeadersAsync(CallInvoker member, CancellationToken cancellation)
    {
        if (_options.User is null)
        {
            return [];
        }

        if (_token is not { } token)
        {
            using var limit = new CancellationTokenSource(_callLimit, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            var request = new AuthenticateRequest { Name = _options.User, Password = _options.Password ?? "" };
            _token = token = (await new Auth.AuthClient(member).AuthenticateAsync(request, cancellationToken: either.Token)).Token;
        }

        return new Metadata { { "token", token } };
    }

    private static async Task NextAsync(IAsyncStreamReader<WatchResponse> answers, CancellationToken cancellation)
    {
        if (!await answers.MoveNext(cancellation))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the watch was ended"));
        }
    }

    private static bool IsTokenRefused(RpcException e) =>
        e.StatusCode == StatusCode.Unauthenticated || e.Status.Detail.Contains("auth: revision in header is old", StringComparison.Ordinal);

    private GrpcChannel Connect(string address)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = _callLimit,
            UseProxy = false,
            KeepAlivePingDelay = _pingEvery,
            KeepAlivePingTimeout = _pingLimit,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (_options.CaFile is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = IsIssuedByOurs;
            // A resumed session would be one that today's authorities did not see.
            handler.SslOptions.AllowTlsResume = false;
        }

        if (_options.KeyFile is not null)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => ReadOwnCertificate();
        }

        // No retries by the client: what writes is sent once.
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            InitialReconnectBackoff = _connectAgainAfter,
            MaxReconnectBackoff = _connectAgainAfter,
            MaxReceiveMessageSize = AnswerBytesMax,
            ThrowOperationCanceledOnCancellation = true,
            ServiceConfig = null,
        });
    }

    /// <summary>Whether a server's certificate, which has its name, is issued by today's authorities.</summary>
    private bool IsIssuedByOurs(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (shown is not X509Certificate2 server || chain is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(ReadAuthorities());
        return chain.Build(server);
    }

    private X509Certificate2Collection ReadAuthorities()
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(_options.CaFile!);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("there is no certificate in it");
    }

    private X509Certificate2 ReadOwnCertificate() => X509Certificate2.CreateFromPemFile(_options.CertFile!, _options.KeyFile);

    private static T ReadFile<T>(string setting, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"{setting}: cannot be read: {e.Message}", e);
        }
    }
}
