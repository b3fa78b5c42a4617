using System.CommandLine;
using System.Data.Common;
using Grpc.Core;
using PayCore.ChannelAccess;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.PayDatabase;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Rpc;
using DatabaseClient = PayCore.Contracts.V1.PayDatabase.PayDatabaseClient;

namespace PayCore.Host.CommandLine;

/// <summary>
/// What a command works with: the host's settings, the configuration's documents, and the roles that it needs, in this process and called by their clients.
/// Nothing listens.
/// </summary>
internal sealed class CommandSession(string[] settings) : IAsyncDisposable
{
    private static readonly TimeSpan _callLimit = TimeSpan.FromSeconds(30);

    private readonly LastError _lastError = new();
    private readonly List<IHostedService> _running = [];
    private AuditTrail? _audit;
    private WebApplication? _roles;
    private bool _usesRecords;
    private bool _makesSchema;

    /// <summary>The language of findings and of orders.</summary>
    public static Option<string> LanguageOption { get; } = MakeLanguageOption();

    /// <summary>The configuration's documents.</summary>
    public Documents Documents => new(Get<IConfigBackend>(), Get<DocumentSeals>(), _audit ??= new AuditTrail(settings), Random);

    /// <summary>The clock.</summary>
    public TimeProvider Time => Get<TimeProvider>();

    /// <summary>Randomness for keys and secrets.</summary>
    public RandomSource Random => Get<RandomSource>();

    /// <summary>A service of the host, or one of its settings.</summary>
    public T Get<T>()
        where T : notnull => (_roles ??= Build([])).Services.GetRequiredService<T>();

    /// <summary>Takes roles into this process. Call it before anything else is asked for.</summary>
    /// <param name="roles">The roles.</param>
    /// <param name="check">Looks at the settings before the roles are made; may refuse.</param>
    public void Use(IEnumerable<Role> roles, Action<IConfiguration>? check = null) => _roles = Build([.. roles], check);

    /// <summary>Takes PayDatabase and other roles into this process, with what they have running beside their calls. Refuses where nothing was recorded yet.</summary>
    public void UseRecords(params string[] roles)
    {
        Use(Role.All.Where(r => r.Name == RoleNames.PayDatabase || roles.Contains(r.Name)), DemandDatabase);
        _usesRecords = true;
    }

    /// <summary>Takes PayDatabase into this process; where nothing was recorded yet, its file is made.</summary>
    public void UseOrMakeRecords()
    {
        Use(Role.All.Where(r => r.Name == RoleNames.PayDatabase), s => _makesSchema = MissingFile(s) is not null);
        _usesRecords = true;
    }

    /// <summary>Calls PayDatabase.</summary>
    public Task<TReply> CallDatabaseAsync<TReply>(Func<DatabaseClient, CallOptions, AsyncUnaryCall<TReply>> call) =>
        CallAsync(RoleNames.PayDatabase, (invoker, options) => call(new DatabaseClient(invoker), options));

    /// <summary>Asks about the schema, or changes it. A database that does not answer refuses the command with its cause.</summary>
    public async Task<T> SchemaAsync<T>(Func<Migrator, Task<T>> ask)
    {
        try
        {
            return await ask(Get<Migrator>());
        }
        catch (Exception e) when (e is DbException or RpcException)
        {
            throw new CommandFailedException($"PayDatabase failed: {e.GetBaseException().Message}");
        }
    }

    /// <summary>Calls one of the roles in use. An answer that is an error refuses the command with its cause.</summary>
    public async Task<TReply> CallAsync<TReply>(string role, Func<CallInvoker, CallOptions, AsyncUnaryCall<TReply>> call, TimeSpan? patience = null)
    {
        if (_usesRecords && _running.Count == 0)
        {
            await StartAsync();
        }

        var invoker = Get<InProcessNetwork>().InvokerFor(role, Time);
        try
        {
            return await call(invoker, new CallOptions(deadline: Time.GetUtcNow().UtcDateTime + (patience ?? _callLimit)));
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Internal or StatusCode.Unavailable && _lastError.Message is { } cause)
        {
            throw new CommandFailedException($"{role} failed: {cause}");
        }
        catch (RpcException e)
        {
            throw new CommandFailedException(e.Status.Detail);
        }
    }

    /// <summary>Uses a service of PayDatabase that no rpc offers.</summary>
    public async Task<T> UseRecordsAsync<TService, T>(Func<TService, Task<T>> use)
        where TService : notnull
    {
        if (_running.Count == 0)
        {
            await StartAsync();
        }

        try
        {
            return await use(Get<TService>());
        }
        catch (RpcException e)
        {
            throw new CommandFailedException(_lastError.Message is { } cause && e.StatusCode == StatusCode.Unavailable ? cause : e.Status.Detail);
        }
    }

    /// <summary>The text in the language that was asked for.</summary>
    public static bool IsChinese(ParseResult arguments)
    {
        var asked = arguments.GetValue(LanguageOption) ?? Environment.GetEnvironmentVariable("LC_ALL") ?? Environment.GetEnvironmentVariable("LANG") ?? "";
        return asked.StartsWith("zh", StringComparison.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_running))
        {
            await service.StopAsync(CancellationToken.None);
        }

        await (_roles?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_audit?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>
    /// Reads the documents once, and starts the loops by which PayDatabase writes and calls of channels are recorded. A schema that is there is left as it is.
    /// </summary>
    private async Task StartAsync()
    {
        if (_makesSchema)
        {
            await Get<Migrator>().RunAsync(CancellationToken.None);
        }

        await Get<ConfigStore>().LoadAsync(CancellationToken.None);
        foreach (var service in _roles!.Services.GetServices<IHostedService>().Where(s => s is WriteLoops or ChannelCallLog))
        {
            await service.StartAsync(CancellationToken.None);
            _running.Add(service);
        }
    }

    /// <summary>Looking must not make an empty database.</summary>
    private static void DemandDatabase(IConfiguration settings)
    {
        if (MissingFile(settings) is { } file)
        {
            throw new CommandFailedException($"There is no database at {file}: nothing was recorded here yet, or --Data names another folder than ./run has.");
        }
    }

    private static string? MissingFile(IConfiguration settings)
    {
        if (settings["Database:Provider"] is not (null or "sqlite"))
        {
            return null;
        }

        var connection = new DbConnectionStringBuilder { ConnectionString = settings["Database:ConnectionString"] };
        var file = connection.TryGetValue("Data Source", out var name) ? name.ToString() : null;
        return file is not null && File.Exists(file) ? null : file ?? "";
    }

    private WebApplication Build(IReadOnlyList<Role> roles, Action<IConfiguration>? check = null) => PayCoreHost.BuildForCommand(settings, roles, builder =>
    {
        check?.Invoke(builder.Configuration);
        builder.Logging.ClearProviders().AddProvider(_lastError);
    });

    private static Option<string> MakeLanguageOption()
    {
        var option = new Option<string>("--lang") { Description = "Language of findings and orders. Default: that of the environment (LANG).", HelpName = "zh|en" };
        option.AcceptOnlyFromAmong("zh", "en");
        return option;
    }

    /// <summary>A command shows no log; the cause of a failed call is kept for its message.</summary>
    private sealed class LastError : ILoggerProvider, ILogger
    {
        public string? Message { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Message = IsEnabled(logLevel) && exception is not null ? exception.GetBaseException().Message : Message;

        public void Dispose()
        {
        }
    }
}
