using System.Diagnostics;
using System.Text;
using System.Text.Json;
using PayCore.Configuration;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults.Ports;
using PayCore.TestKit;

namespace PayCore.Bench;

/// <summary>PayCore in one of its shapes, running: its processes, and where merchants and the provider reach it.</summary>
internal sealed class Shape : IAsyncDisposable
{
    private const string AppId = "bench";

    private static readonly string[] _split =
    [
        "PayDatabase", "ChannelWechat", "ChannelAlipay", "NotifyGateway", "QueryGateway", "PayGateway", "RefundGateway", "TransferGateway", "CallbackGateway", "OrderMonitor",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly MerchantKeyPair _key = MerchantKeyPair.CreateEd25519();
    private readonly Dictionary<string, Process> _processes = [];
    private int _number;

    private Shape(string name) => Name = name;

    public string Name { get; }

    /// <summary>Where orders go.</summary>
    public int OrderPort { get; private set; }

    /// <summary>Where callbacks go.</summary>
    public int CallbackPort { get; private set; }

    public IReadOnlyDictionary<string, int> Processes => _processes.ToDictionary(p => p.Key, p => p.Value.Id);

    /// <summary>From the first process's start to the first order's answer.</summary>
    public TimeSpan ToFirstOrder { get; private set; }

    /// <summary>Starts it and makes one order.</summary>
    public static async Task<Shape> StartAsync(bool split, string connectionString, Provider provider)
    {
        var shape = new Shape(split ? "split" : "all_in_one");
        try
        {
            await shape.WriteDocumentsAsync(provider);
            await shape.MigrateAsync(connectionString);
            var watch = Stopwatch.StartNew();
            shape.StartProcesses(split, connectionString);
            await shape.FirstOrderAsync();
            shape.ToFirstOrder = watch.Elapsed;
            return shape;
        }
        catch
        {
            await shape.DisposeAsync();
            throw;
        }
    }

    /// <summary>Signed requests for new orders, whole as they go over the wire.</summary>
    public IReadOnlyList<byte[]> Orders(int count)
    {
        var signing = SigningKey.FromPrivateKeyPem(AppId, "k1", MerchantKeyAlgorithm.Ed25519, _key.PrivateKeyPem);
        var signer = new RequestSigner(signing, TimeProvider.System, () => Guid.NewGuid().ToString("N"));
        return
        [
            .. Enumerable.Range(0, count).AsParallel().Select(_ =>
            {
                var body = Encoding.UTF8.GetBytes(
                    $$"""{"out_trade_no":"B{{Interlocked.Increment(ref _number):D9}}","amount_minor":1299,"currency":"CNY","subject":"bench","method":"wechat","scene":"QR"}""");
                var signed = signer.Sign("POST", "/v1/pay-orders", body);
                return RawHttp.Request(
                    "POST", "/v1/pay-orders", $"127.0.0.1:{OrderPort}", body,
                    [("Content-Digest", signed.ContentDigest!), ("Signature-Input", signed.SignatureInput), ("Signature", signed.Signature)]);
            }),
        ];
    }

    public IReadOnlyDictionary<string, double> MemoryMb() => Processes.ToDictionary(p => p.Key, p => CpuTimes.MemoryMb(p.Value));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task WriteDocumentsAsync(Provider provider)
    {
        var documents = new FolderConfigBackend(new ConfigOptions { Folder = _folder.File("config") }.BaseFolder, TimeProvider.System);
        await documents.WriteAsync("wechat", Provider.MchId, JsonSerializer.SerializeToUtf8Bytes(provider.Document()), CancellationToken.None);
        await documents.WriteAsync("apps", AppId, JsonSerializer.SerializeToUtf8Bytes(new MerchantApp
        {
            MerchantId = "m-bench",
            Keys = [new AppKeyDocument { KeyId = "k1", Alg = "ed25519", PublicKey = _key.PublicKeyPem }],
            Routes = new Dictionary<string, IReadOnlyList<RouteDocument>> { ["wechat.QR"] = [new RouteDocument { Account = Provider.MchId }] },
        }, DocumentJson.Options), CancellationToken.None);
    }

    /// <summary>As where it is deployed: a job makes the schema, and services start on one that is there.</summary>
    private async Task MigrateAsync(string connectionString)
    {
        Start("migrate", ["cli", "database", "migrate"], [("Data", _folder.Path), ("Database__Provider", "mysql"), ("Database__ConnectionString", connectionString)]);
        using var migrating = _processes["migrate"];
        _processes.Remove("migrate");
        await migrating.WaitForExitAsync();
        if (migrating.ExitCode != 0)
        {
            throw new InvalidOperationException("The schema could not be made.");
        }
    }

    private void StartProcesses(bool split, string connectionString)
    {
        string[] common =
        [
            $"--Data={_folder.Path}", "--Database:Provider=mysql", $"--Database:ConnectionString={connectionString}", "--Demo:Merchant=false",
            // Looks at orders are not measured: they would begin 15 s after the first order, in the midst of it.
            "--Monitor:SweepEvery=01:00:00", "--Monitor:StatementsAt=1.00:00:00",
        ];
        if (!split)
        {
            var ports = FreePorts.Take(5);
            (OrderPort, CallbackPort) = (ports[0], ports[0]);
            Start("PayCore", [.. common, $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Operations={ports[2]}", $"--Ports:Simulator={ports[3]}", $"--Ports:Console={ports[4]}"]);
            return;
        }

        var inner = _split.ToDictionary(r => r, _ => FreePorts.Take(1)[0]);
        string[] network = ["--Security:Internal=none", .. inner.SelectMany(p => (string[])[$"--Ports:Inner:{p.Key}={p.Value}", $"--Services:{p.Key}=http://127.0.0.1:{p.Value}"])];
        foreach (var role in _split)
        {
            var ports = FreePorts.Take(3);
            OrderPort = role == "PayGateway" ? ports[0] : OrderPort;
            CallbackPort = role == "CallbackGateway" ? ports[0] : CallbackPort;
            Start(role, [.. common, .. network, $"--roles={role}", $"--Ports:Web={ports[0]}", $"--Ports:MerchantGrpc={ports[1]}", $"--Ports:Operations={ports[2]}"]);
        }
    }

    private void Start(string name, string[] arguments, params (string Name, string Value)[] environment)
    {
        // As the image has it, with its settings of the runtime: ./bench publishes it.
        var program = Environment.GetEnvironmentVariable("PAYCORE_HOST") ?? throw new InvalidOperationException("PAYCORE_HOST names no program; ./bench does.");
        var start = new ProcessStartInfo(program) { WorkingDirectory = Path.GetTempPath(), RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (variable, value) in environment.Append(("DOTNET_GCgen0size", "0x400000")))
        {
            start.Environment[variable] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Tell(name, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(name, process);
    }

    private static void Tell(string name, string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            Console.Error.WriteLine($"{name}: {line}");
        }
    }

    private async Task FirstOrderAsync()
    {
        for (var began = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            try
            {
                if ((await RawHttp.SendAsync(OrderPort, Orders(1), 1, TimeSpan.FromSeconds(10))).Answers.Values.Any(a => a.Contains("qr_code_text", StringComparison.Ordinal)))
                {
                    return;
                }
            }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException)
            {
                // Not yet.
            }

            if (began.Elapsed > TimeSpan.FromMinutes(2) || _processes.Values.Any(p => p.HasExited))
            {
                throw new InvalidOperationException($"The {Name} shape took no order within two minutes.");
            }
        }
    }
}
