namespace PayCore.Host.Cluster;

/// <summary>One process of the cluster. Parts of a higher layer are stopped first.</summary>
/// <param name="Name">As progress, logs and the status write it.</param>
/// <param name="Layer">What it stands on: the servers of others are the lowest.</param>
/// <param name="Port">Where it is used by the others.</param>
/// <param name="Program">Its program.</param>
/// <param name="Arguments">Its arguments, which anybody on the machine may see.</param>
internal sealed record ClusterPart(string Name, int Layer, int Port, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>The layer of what keeps or plays something for the roles.</summary>
    public const int Storage = 2;

    /// <summary>The layer of the roles. They only answer when those below do.</summary>
    public const int Roles = 3;

    /// <summary>Its environment besides ours, which only its owner may see.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Parts that must have answered once before it is started.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>What must be there before each start.</summary>
    public Func<Task>? PrepareAsync { get; init; }

    /// <summary>Whether it answers now.</summary>
    public required Func<CancellationToken, Task<bool>> AnswersAsync { get; init; }

    /// <summary>What is to be done when it answered for the first time, before it counts as ready.</summary>
    public Func<Task>? WhenReadyAsync { get; init; }
}

/// <summary>A part did not start. The message is for a person.</summary>
internal sealed class ClusterFailedException(string message) : Exception(message);

/// <summary>Ways to see whether a part answers.</summary>
internal static class Probe
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>The address answers with success.</summary>
    public static Func<CancellationToken, Task<bool>> Http(string address) => cancellation => GuardAsync(async ended =>
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(address), ended);
        return answer.IsSuccessStatusCode;
    }, cancellation);

    /// <summary>The port takes connections, and where a first byte is named says it first, at that place of its greeting.</summary>
    public static Func<CancellationToken, Task<bool>> Tcp(int port, int place = 0, byte? says = null) => cancellation => GuardAsync(async ended =>
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, port, ended);
        if (says is not null)
        {
            var greeting = new byte[place + 1];
            await client.GetStream().ReadExactlyAsync(greeting, ended);
            return greeting[place] == says;
        }

        return true;
    }, cancellation);

    private static async Task<bool> GuardAsync(Func<CancellationToken, Task<bool>> ask, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_patience, TimeProvider.System);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await ask(ended.Token);
        }
        catch (Exception e) when (e is HttpRequestException or System.Net.Sockets.SocketException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
