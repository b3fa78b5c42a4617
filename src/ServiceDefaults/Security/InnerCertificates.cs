using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.ServiceDefaults.Security;

/// <summary>
/// This process's certificate and the authorities that it trusts, as the files have them now. Each handshake takes what is there at that moment, so a change of
/// certificate or authority drops no port, connection or call. Files that do not belong together change nothing: what was good stays in use.
/// </summary>
public sealed class InnerCertificates(IOptions<SecurityOptions> options, TimeProvider time, ILogger<InnerCertificates> log) : ICertificateSource
{
    /// <summary>What the key of a server's certificate may be used for.</summary>
    internal const string ServerPurpose = "1.3.6.1.5.5.7.3.1";

    /// <summary>What the key of a client's certificate may be used for.</summary>
    internal const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private readonly Lock _lock = new();
    private volatile Loaded? _loaded;
    private volatile string? _problem;

    /// <summary>Why the files as they are now are not in use; null when they are.</summary>
    public string? Problem => _problem;

    /// <summary>The certificate that others are shown.</summary>
    public X509Certificate2 Certificate => Now.Certificate;

    /// <summary>The same, for whoever watches its end; none where there is no mutual TLS.</summary>
    IEnumerable<CertificateInUse> ICertificateSource.Certificates => _loaded is { } now ? [new CertificateInUse("inner", now.Certificate.NotAfter)] : [];

    private Loaded Now
    {
        get
        {
            if (_loaded is null)
            {
                lock (_lock)
                {
                    _loaded ??= Load();
                }
            }

            return _loaded;
        }
    }

    /// <summary>Loads the files at the start.</summary>
    /// <exception cref="InvalidOperationException">A file is missing or wrong; says which setting names it.</exception>
    public void Demand() => _ = Now;

    /// <summary>Takes the files as they are now, when they changed and belong together.</summary>
    public void Reload()
    {
        lock (_lock)
        {
            try
            {
                var before = Now;
                _loaded = Load();
                if (!ReferenceEquals(before, _loaded))
                {
                    log.LogWarning("The certificate of inner calls is now {Certificate}", Describe(_loaded.Certificate));
                }

                _problem = null;
            }
            catch (InvalidOperationException e)
            {
                if (_problem != e.Message)
                {
                    log.LogError("The certificates of inner calls are not changed: {Problem}", e.Message);
                }

                _problem = e.Message;
            }
        }
    }

    /// <summary>What a client shows, and whom it believes to be the role that it calls.</summary>
    public SslClientAuthenticationOptions ClientTls(string role) => new()
    {
        LocalCertificateSelectionCallback = (_, _, _, _, _) => Now.Certificate,
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsRole(certificate, chain, role),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        // A resumed session would be one that today's authorities did not see.
        AllowTlsResume = false,
    };

    /// <summary>What an inner port shows, and whom it speaks with: whoever has a certificate of ours. Which role may call is decided for each connection.</summary>
    public TlsHandshakeCallbackOptions ServerTls() => new()
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Now.Context,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => certificate is X509Certificate2 client && IsOurs(client, chain, ClientPurpose),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            AllowTlsResume = false,
        }),
    };

    /// <summary>What ends soon or has ended, in words; null when nothing does.</summary>
    public string? Expiry()
    {
        var now = Now;
        var soonest = now.Authorities.Append(now.Certificate).MinBy(c => c.NotAfter)!;
        return soonest.NotAfter.ToUniversalTime() - time.GetUtcNow() < options.Value.WarnBefore ? Describe(soonest) : null;
    }

    private static string Describe(X509Certificate2 certificate) =>
        string.Create(CultureInfo.InvariantCulture, $"{certificate.Subject}, until {certificate.NotAfter.ToUniversalTime():u}");

    private bool IsRole(X509Certificate? shown, X509Chain? sent, string role)
    {
        var isRole = shown is X509Certificate2 server && IsOurs(server, sent, ServerPurpose) && RoleName.IsIn(server, role);
        if (!isRole)
        {
            log.LogError("What answers for {Role} has no certificate of ours for {Name}: {Subject}", role, RoleName.Of(role), shown?.Subject);
        }

        return isRole;
    }

    private bool IsOurs(X509Certificate2 certificate, X509Chain? sent, string purpose)
    {
        var now = Now;
        return IsOurs(certificate, [.. sent?.ChainPolicy.ExtraStore ?? [], .. now.Between], now.Authorities, purpose);
    }

    private bool IsOurs(X509Certificate2 certificate, X509Certificate2Collection between, X509Certificate2Collection authorities, string purpose)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(between);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        return chain.Build(certificate);
    }

    private Loaded Load()
    {
        var ca = Read(options.Value.CaFile, "CaFile");
        var cert = Read(options.Value.CertFile, "CertFile");
        var key = Read(options.Value.KeyFile, "KeyFile");
        if (_loaded is { } before && (before.Ca, before.Cert, before.Key) == (ca, cert, key))
        {
            return before;
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPem(cert, key);
            var between = new X509Certificate2Collection();
            between.ImportFromPem(cert);
            between.RemoveAt(0);
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(ca);
            return !IsOurs(certificate, between, authorities, ServerPurpose) || !IsOurs(certificate, between, authorities, ClientPurpose)
                ? throw new InvalidOperationException(
                    $"Security:CertFile ({Describe(certificate)}) is not valid for server and client by an authority of Security:CaFile at this time.")
                : new Loaded(ca, cert, key, certificate, between, authorities, SslStreamCertificateContext.Create(certificate, between, offline: true));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException($"Security:CaFile, CertFile and KeyFile are not PEM files that belong together: {e.Message}");
        }
    }

    private static string Read(string file, string setting)
    {
        if (file.Length == 0)
        {
            throw new InvalidOperationException(
                $"Security:{setting} names no file. Calls between services need certificates: ./paycore certs init makes some, Security:Internal=none does without on loopback.");
        }

        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Security:{setting} cannot be read: {e.Message}");
        }
    }

    private sealed record Loaded(
        string Ca,
        string Cert,
        string Key,
        X509Certificate2 Certificate,
        X509Certificate2Collection Between,
        X509Certificate2Collection Authorities,
        SslStreamCertificateContext Context)
    {
        /// <summary>Without the key.</summary>
        public override string ToString() => Describe(Certificate);
    }
}
