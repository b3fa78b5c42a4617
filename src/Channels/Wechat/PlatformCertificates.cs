using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PayCore.Configuration;
using PayCore.ServiceDefaults.Telemetry;

namespace PayCore.Channels.Wechat;

/// <summary>How a download of certificates ended.</summary>
internal enum CertificateResult
{
    /// <summary>Opened, and the list is signed by what it brings or by the document's key.</summary>
    Good,

    /// <summary>No whole answer.</summary>
    NoAnswer,

    /// <summary>The platform refused, or has no certificate for this merchant.</summary>
    Refused,

    /// <summary>A certificate does not open with the APIv3 key.</summary>
    DoesNotOpen,

    /// <summary>The list, or a certificate in it, is not what it should be.</summary>
    Unreadable,

    /// <summary>The certificates opened, and the list's signature does not verify.</summary>
    NotVerified,
}

/// <summary>What a download brought.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Exchange">The exchange.</param>
/// <param name="Certificates">Those that opened with the APIv3 key.</param>
/// <param name="Problem">For a person, when the result is not good.</param>
internal sealed record CertificateDownload(
    CertificateResult Result, WechatExchange Exchange, IReadOnlyList<WechatPlatformKey> Certificates, string Problem);

/// <summary>
/// Downloads the platform's certificates of an account into its key ring (wechat-pay-v3.md 2.5). One download at a time per account, and not again within a
/// short while, so that messages with made-up serials cannot make us call the platform without end.
/// </summary>
internal sealed class PlatformCertificates(WechatWire wire, TimeProvider time, ILogger<PlatformCertificates> log)
{
    /// <summary>A new certificate appears at least 24 hours before it is used, and asking is due more often than every 12.</summary>
    public static readonly TimeSpan RefreshEvery = TimeSpan.FromHours(8);

    /// <summary>Not again this soon after a success.</summary>
    public static readonly TimeSpan PauseAfterSuccess = TimeSpan.FromMinutes(1);

    /// <summary>Not again this soon after a failure of which the platform knows.</summary>
    public static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(10);

    private const int RsaBitsMin = 2048;

    // An account's document that changed is another account here: its ring begins empty.
    private readonly ConditionalWeakTable<WechatAccount, Progress> _progress = [];

    private sealed class Progress
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public DateTimeOffset? Tried { get; set; }

        public DateTimeOffset? Succeeded { get; set; }
    }

    /// <summary>Certificates are used and have not been asked for recently.</summary>
    public bool IsDue(WechatAccount account)
    {
        if (!account.UsesCertificates)
        {
            return false;
        }

        var succeeded = _progress.GetOrCreateValue(account).Succeeded;
        return succeeded is null || time.GetUtcNow() - succeeded >= RefreshEvery;
    }

    /// <summary>Makes the ring current. True: it is as of now or a moment ago, look again. False: nothing new is known.</summary>
    public async Task<bool> RefreshAsync(WechatAccount account, CancellationToken limit)
    {
        if (!account.UsesCertificates)
        {
            return false;
        }

        var progress = _progress.GetOrCreateValue(account);
        try
        {
            await progress.Gate.WaitAsync(limit);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        try
        {
            var now = time.GetUtcNow();
            if (now - progress.Succeeded < PauseAfterSuccess)
            {
                return true;
            }

            if (now - progress.Tried < PauseAfterFailure)
            {
                return false;
            }

            var download = await DownloadAsync(account, limit);
            if (download.Result != CertificateResult.Good)
            {
                // A caller that gave up says nothing of the platform, and what was not sent was no burden to it: the next one may try at once.
                var wasAsked = !limit.IsCancellationRequested && download.Exchange.Reach != WechatReach.NothingSent;
                progress.Tried = wasAsked ? time.GetUtcNow() : progress.Tried;
                log.LogWarning("The platform's certificates of account {Account} could not be refreshed: {Problem}", account.Name, download.Problem);
                return false;
            }

            account.Keys.Replace(download.Certificates);
            progress.Succeeded = time.GetUtcNow();
            log.LogInformation("Account {Account} accepts signatures of {Serials}", account.Name, string.Join(", ", account.Keys.Serials));
            return true;
        }
        finally
        {
            progress.Gate.Release();
        }
    }

    /// <summary>Downloads once and verifies. The account's own ring stays as it is.</summary>
    public async Task<CertificateDownload> DownloadAsync(WechatAccount account, CancellationToken limit)
    {
        var exchange = await wire.ExchangeAsync(account, HttpMethod.Get, "/v3/certificates", null, limit);
        if (exchange.Reach != WechatReach.Answered)
        {
            return Failed(CertificateResult.NoAnswer, exchange.Problem);
        }

        if (exchange.Status != 200)
        {
            return Failed(CertificateResult.Refused, $"status {exchange.Status} {PlainText.Clip(WechatJson.Read<ErrorAnswer>(exchange.Body)?.Code)}");
        }

        if (WechatJson.Read<CertificateList>(exchange.Body)?.Data is not { Count: > 0 } entries)
        {
            return Failed(CertificateResult.Unreadable, "the answer lists no certificates");
        }

        var certificates = new List<WechatPlatformKey>();
        foreach (var entry in entries)
        {
            if (entry is not { SerialNo: { Length: > 0 } serial, EncryptCertificate: { Algorithm: WechatAccount.SealAlgorithm } content })
            {
                return Failed(CertificateResult.Unreadable, "an entry of the list has no serial number or another encryption");
            }

            if (account.Open(content.Nonce, content.Ciphertext, content.AssociatedData) is not { } pem)
            {
                return Failed(CertificateResult.DoesNotOpen, "a certificate does not open with the APIv3 key");
            }

            if (Read(serial, pem) is not { } certificate)
            {
                return Failed(CertificateResult.Unreadable, "a certificate is not the one that the list names");
            }

            certificates.Add(certificate);
        }

        // The first download is a hen and its egg: the answer is verified by what it brings. AES-GCM already proves who made it (2.5).
        var candidate = account.NewKeyRing();
        candidate.Replace(certificates);
        var check = candidate.Check(exchange.Headers, exchange.Body, time.GetUtcNow());
        return check == SignatureCheck.Good
            ? new CertificateDownload(CertificateResult.Good, exchange, certificates, "")
            : new CertificateDownload(CertificateResult.NotVerified, exchange, certificates, WechatKeyRing.Explain(check));

        CertificateDownload Failed(CertificateResult result, string problem) => new(result, exchange, [], problem);
    }

    private static WechatPlatformKey? Read(string serial, byte[] pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(pem));
            var isNamed = string.Equals(certificate.SerialNumber.TrimStart('0'), serial.TrimStart('0'), StringComparison.OrdinalIgnoreCase);
            return isNamed && certificate.GetRSAPublicKey() is { KeySize: >= RsaBitsMin } key
                ? new WechatPlatformKey(serial, key, new DateTimeOffset(certificate.NotAfter))
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

/// <summary>The platform's certificates of every account, for the metrics: a new one is downloaded long before the last one ends.</summary>
internal sealed class PlatformCertificatesInUse(IConfigDocuments<WechatAccount> accounts) : ICertificateSource
{
    public IEnumerable<CertificateInUse> Certificates =>
        accounts.All.Values.Where(a => a.Keys.CertificatesUntil is not null).Select(a => new CertificateInUse($"wechat {a.Name} platform", a.Keys.CertificatesUntil!.Value));
}

/// <summary>Keeps the certificates of all accounts current.</summary>
internal sealed class CertificateRefresher(
    IConfigDocuments<WechatAccount> accounts, PlatformCertificates certificates, TimeProvider time, ILogger<CertificateRefresher> log) : BackgroundService
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var account in accounts.All.Values.Where(certificates.IsDue))
            {
                using var limit = new CancellationTokenSource(WechatClient.Limit, time);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
                try
                {
                    await certificates.RefreshAsync(account, ended.Token);
                }
                catch (Exception e)
                {
                    // One account's surprise must stop neither the others nor the host.
                    log.LogError(e, "Refreshing the platform's certificates of account {Account} failed unexpectedly", account.Name);
                }
            }

            await Task.Delay(_lookEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
