using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.TestKit;

/// <summary>
/// A real etcd on loopback with its data in a temporary folder, stopped by its process id. It can be stopped and started again with its data. A machine without etcd
/// fails the test: nothing is skipped.
/// </summary>
public sealed class EtcdServer : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<EtcdServer>> _shared = new(() => StartAsync());

    private readonly TemporaryFolder _folder = new();
    private readonly TlsFiles? _tls;
    private readonly string _peerUrl;
    private Process? _process;

    private EtcdServer(TlsFiles? tls)
    {
        var ports = FreePorts.Take(2);
        (_tls, Url, _peerUrl) = (tls, $"{(tls is null ? "http" : "https")}://127.0.0.1:{ports[0]}", $"http://127.0.0.1:{ports[1]}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    /// <summary>Where clients find it.</summary>
    public string Url { get; }

    /// <summary>One for all tests of a process that keep to keys of their own and leave it running.</summary>
    public static Task<EtcdServer> SharedAsync() => _shared.Value;

    /// <summary>Starts one, with TLS and client certificates when there are files for it.</summary>
    public static async Task<EtcdServer> StartAsync(TlsFiles? tls = null)
    {
        var server = new EtcdServer(tls);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it on the data that it has.</summary>
    public async Task StartAgainAsync()
    {
        string[] arguments =
        [
            "--data-dir", _folder.File("data"), "--listen-client-urls", Url, "--advertise-client-urls", Url, "--listen-peer-urls", _peerUrl,
            "--initial-advertise-peer-urls", _peerUrl, "--initial-cluster", $"default={_peerUrl}", "--heartbeat-interval", "20", "--election-timeout", "200",
            .. _tls is null ? [] : (string[])["--cert-file", _tls.ServerCert, "--key-file", _tls.ServerKey, "--client-cert-auth", "--trusted-ca-file", _tls.Ca],
        ];
        _process = Process.Start(new ProcessStartInfo(Find("etcd"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilItAnswersAsync();
    }

    /// <summary>Ends it at once, as a crash does; its data stay.</summary>
    public async Task StopAsync()
    {
        Kill();
        await _process!.WaitForExitAsync();
    }

    /// <summary>Runs etcdctl, which is not our client, and answers what it prints.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        string[] tls = _tls is null ? [] : ["--cacert", _tls.Ca, "--cert", _tls.ClientCert, "--key", _tls.ClientKey];
        var start = new ProcessStartInfo(Find("etcdctl"), ["--endpoints", Url, .. tls, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ETCDCTL_API"] = "3";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? (await output).TrimEnd('\n')
            : throw new InvalidOperationException($"etcdctl {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}{await output}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private async Task WaitUntilItAnswersAsync()
    {
        using var handler = new SocketsHttpHandler();
        if (_tls is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(_tls.Ca);
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(_tls.ClientCert, _tls.ClientKey)];
        }

        using var client = new HttpClient(handler);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                // Healthy means that it has a leader.
                if ((await client.GetAsync(new Uri($"{Url}/health"))).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!_process!.HasExited)
            {
                // It does not listen yet.
            }

            if (TimeProvider.System.GetElapsedTime(began) > _limit)
            {
                throw new InvalidOperationException($"etcd at {Url} is not healthy after {_limit.TotalSeconds:0} s.");
            }

            await Task.Delay(50);
        }
    }

    private void Kill()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
        }
    }

    private static string Find(string program) =>
        ((string[])["/usr/bin", "/usr/sbin", "/usr/local/bin"]).Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"{program} is not installed. ./test installs what the tests need; on Debian: apt-get install etcd-server etcd-client");
}
